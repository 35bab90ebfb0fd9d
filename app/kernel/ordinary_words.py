"""Words of an office's day that are somebody's name, too: in small letters they are the words."""

from typing import Final

from app.kernel.patient_patterns import NOT_A_NAME

_MONTHS = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september "
    "october november december"
)
_SHORT = (
    "ace act add ago aid aim air all am an and any are arm art as ask at ate away back bad bag ban bar bay be bed beg "
    "bet bid big bin bit box boy bug bus but buy by bye can cap car cat cd cell cop cup cut day dec del did die dig "
    "dim do doc doe dog dot dr dry due duo ear eat ed edit egg ego end eob etc eve eye fan far fat fax fed fee few "
    "fill fit fix flu fly for fun gap gas get go god goes gone got gum gun gut guy had has hat he her hey hi him hip "
    "his hit ho hot how hub ice id if ill in ink inn is it its jan jar jet job join joy key kid kit lab lap last late "
    "law lay led leg let lid lie lip list lit log lot low mad man map mar mat max may me med men met mid min mix mob "
    "mom mud my nab nap net new nil no nod nor not now num nut oct odd of off ok old on one op or order our out own "
    "pad pan par pat pay pen per pet pic pie pin pit pls plus pod pop pot pre pro put ran rat raw ray red ref rep rib "
    "rid rim rip rod row rub run sad sat saw say sea see sent set she shy sim sin sip sir sit six sky so son spa sum "
    "sun tab tag tan tap tax tea ten the thx tie til tin tip to toe ton too top toy try tub two ups us use via war "
    "was wax way we web wed wet who why will win wit won word yes yet you zip"
)
_LONGER = (
    "bank banks base bell best bill black blank block blue bond bone book books brace branch bridge bright broad "
    "brown button cane care case cash chance chase church city clay clean clear close cold corner cost counter "
    "court cover cross current day days down draft driver early east easter fair fall falls field fields fine first "
    "flag floor foot force forward frame free friend gates gift glass gold good grace grant gray great green grey "
    "ground group guide hall hand hands hard hardware head high holder holiday holidays home hook hope house "
    "just keys kind land lane lead light line lines link links little long love low main major male march mark "
    "marks means miles mine minor money more mount north note office page park part pass person piece place plain "
    "plate point pool post pound power price print proper quick rank read ready reason record rest rich ring "
    "road rock roll room round route rush sales salt sample samples save school screen season self service share "
    "sharp sheets shell ship shore short silver simple sites skill slack sleep small smart snow south speed spring "
    "square staff stage stamp stand star start states stay steel stem step still stock stone store storm story "
    "street strong summer table town train travel trip true valley van wait walk walker walkers wall walls ward "
    "warm watch water ways week weeks well wells west wheel white winter winters wish wood word work worth yard "
    "year years young"
)
_IN_CAPITALS = "do ed er ira ma mac or pa pat pet va"

MONTHS: Final = frozenset(_MONTHS.split())
WRITTEN_IN_CAPITALS: Final = frozenset(_IN_CAPITALS.split())
"""Rooms, professions, tests and states, each also somebody's name: in capitals they are the former."""
ORDINARY: Final = NOT_A_NAME | MONTHS | frozenset(_SHORT.split()) | frozenset(_LONGER.split())
