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
    "best bill bond bone brace bright case chase close cross day days field fields fine free friend good grace grant "
    "hand hands hard head home hope house just keys kind land little long major mark marks miles more note page part "
    "pass piece post power price print quick read rush save sharp short simple small spring stamp still strong true "
    "wait walk wall ward ways well wells wish word work young"
)
_IN_CAPITALS = "do ed er ira ma mac or pa pat pet va"

MONTHS: Final = frozenset(_MONTHS.split())
WRITTEN_IN_CAPITALS: Final = frozenset(_IN_CAPITALS.split())
"""Rooms, professions, tests and states, each also somebody's name: in capitals they are the former."""
ORDINARY: Final = NOT_A_NAME | MONTHS | frozenset(_SHORT.split()) | frozenset(_LONGER.split())
