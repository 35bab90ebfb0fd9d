"""What commands read as, one row for each way of writing; and that no text whatever is an unhandled error."""

from datetime import date, time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import Awaited, ComponentKind, ComponentPart, EvidenceKind, Supply
from app.kernel.codes import CaseCode, TaskRef
from app.kernel.durations import Duration
from app.refusals import Refusal
from app.reports.ranges import Days
from app.reports.reasons import Reason
from app.slack import asked, grammar
from app.slack.grammar import NotUnderstood, evidence_and_reference, evidence_of, read
from app.slack.verbs import COMMANDS, SYNONYMS, USAGE, Verb
from app.slack.when import BadWhen, When

CODE = CaseCode.parse("K7Q4")
TWELVE = TaskRef(number=12)
SLIDES = TaskRef(words="send slides")
FRIDAY = When(weekday=4)
NIGHT = (time(18), time(8))

READS: list[tuple[str, asked.Asked, str]] = [
    ("", asked.Help(), "nothing is a question"),
    ("help", asked.Help(), "asked for"),
    ("?", asked.Help(), "asked for, short"),
    ("help handoff", asked.Help(Verb.HANDOFF), "one verb"),
    ("help all", asked.Help(everything=True), "every verb"),
    ("help me", asked.Help(), "no verb"),
    ("help clam", asked.Help(Verb.CLAIM), "mistyped: help only shows something, and is given"),
    ("hlep", asked.Help(), "so it is where help itself is mistyped"),
    ("hlep all", asked.Help(everything=True), "with what stands behind it"),
    ("hlep claim 12", asked.Help(Verb.CLAIM), "and with a verb"),
    ("close moved", asked.CloseCase(None, "moved"), "a reason of one word"),
    ("date BOARD fri", asked.SetDate("board", When(weekday=4)), "a key date in capitals is no code"),
    ("12", asked.ShowTask(TWELVE), "a task alone is shown"),
    ("show 12", asked.ShowTask(TWELVE), "the same, said"),
    ("claim 12", asked.OnTask(Verb.CLAIM, TWELVE), "a number"),
    ("claim #12", asked.OnTask(Verb.CLAIM, TWELVE), "with its sign"),
    ("CLAIM: 12.", asked.OnTask(Verb.CLAIM, TWELVE), "capitals and punctuation do not matter"),
    ("take 12", asked.OnTask(Verb.CLAIM, TWELVE), "a synonym"),
    (f"claim {CODE}-12", asked.OnTask(Verb.CLAIM, TaskRef(CODE, 12)), "with its case"),
    (f"claim {str(CODE).lower()} #12", asked.OnTask(Verb.CLAIM, TaskRef(CODE, 12)), "case in small letters"),
    ("claim send slides", asked.OnTask(Verb.CLAIM, SLIDES), "words of its title"),
    ("claim text", asked.OnTask(Verb.CLAIM, TaskRef(words="text")), "a word of a title, and no slip of next"),
    ("accept call", asked.Accept(TaskRef(words="call")), "a word of a title, and no slip of all"),
    ('claim "send slides"', asked.OnTask(Verb.CLAIM, SLIDES), "in quotation marks"),
    ("claim “send slides”", asked.OnTask(Verb.CLAIM, SLIDES), "as phones write them"),
    ("claim next", asked.ClaimNext(), "whatever is most urgent"),
    ("claim", asked.ShowTasks("free"), "nothing named: what there is"),
    ("release 12", asked.OnTask(Verb.RELEASE, TWELVE), "give back"),
    ("drop 12", asked.OnTask(Verb.RELEASE, TWELVE), "give back, otherwise"),
    ("resume 12", asked.OnTask(Verb.RESUME, TWELVE), "go on"),
    ("done", asked.ShowTasks("mine"), "nothing named: what one has"),
    ("done 12", asked.Finish(TWELVE), "no evidence"),
    ("done 12 ref ABC-1", asked.Finish(TWELVE, "ref ABC-1"), "a reference"),
    ("done 12 2026-12-03", asked.Finish(TWELVE, "2026-12-03"), "a date"),
    ("done 12: yes", asked.Finish(TWELVE, "yes"), "a colon"),
    ("done 12 -3", asked.Finish(TWELVE, "-3"), "a sign is part of a number"),
    ("done 12 - see fax", asked.Finish(TWELVE, "see fax"), "a dash between is not"),
    ("done send slides ref ABC-1", asked.Finish(SLIDES, "ABC-1"), "title and reference"),
    ('done "send slides" yes', asked.Finish(SLIDES, "yes"), "title and word"),
    ("done send slides: yes", asked.Finish(SLIDES, "yes"), "title and word by a colon"),
    ("done send slides", asked.Finish(SLIDES), "title alone"),
    ("done 12 A &amp; B", asked.Finish(TWELVE, "A & B"), "Slack escapes an ampersand"),
    ("wait 12 payer called, ref 88", asked.Wait(TWELVE, Awaited.PAYER, "called, ref 88"), "with a note"),
    ("wait 12 payer", asked.Wait(TWELVE, Awaited.PAYER), "without"),
    ("wait 12 for the tissue bank: papers", asked.Wait(TWELVE, Awaited.TISSUE_BANK, "papers"), "two words"),
    ("wait 12 on insurance", asked.Wait(TWELVE, Awaited.PAYER), "a payer by its other name"),
    ("wait send slides clinic", asked.Wait(SLIDES, Awaited.CLINIC), "a title"),
    ("skip 12 not needed", asked.WithReason(Verb.SKIP, TWELVE, "not needed"), "a reason"),
    ("skip 12 reason: not needed", asked.WithReason(Verb.SKIP, TWELVE, "not needed"), "a reason, announced"),
    ("skip send slides because late", asked.WithReason(Verb.SKIP, SLIDES, "late"), "a title and a reason"),
    ("skip send slides: late", asked.WithReason(Verb.SKIP, SLIDES, "late"), "the same by a colon"),
    ("reopen 12 wrong fax", asked.WithReason(Verb.REOPEN, TWELVE, "wrong fax"), "reopen"),
    ("waive 12 surgeon agreed", asked.WithReason(Verb.WAIVE, TWELVE, "surgeon agreed"), "waive"),
    ("decline 12 day off", asked.WithReason(Verb.DECLINE, TWELVE, "day off"), "decline"),
    ("assign 12 @bo", asked.Assign(TWELVE, "@bo"), "by name"),
    ("assign 12 to <@U0BO|bo>", asked.Assign(TWELVE, "<@U0BO|bo>"), "by mention, with to"),
    ("assign @bo 12", asked.Assign(TWELVE, "@bo"), "the other way round"),
    ("handoff 12 @bo watch for the fax", asked.Offer(TWELVE, "@bo", "watch for the fax"), "a note"),
    ("hand off 12 to bo: fax", asked.Offer(TWELVE, "bo", "fax"), "two words, a bare name"),
    ("handoff send slides to @bo fax", asked.Offer(SLIDES, "@bo", "fax"), "a title"),
    ("handoff @bo 12 watch for the fax", asked.Offer(TWELVE, "@bo", "watch for the fax"), "the person first"),
    ("handoff <@U0CY|cy> all: end of my shift", asked.Offer(None, "<@U0CY|cy>", "end of my shift"), "and everything"),
    ("handoff @bo send slides: fax", asked.Offer(SLIDES, "@bo", "fax"), "and a title"),
    ("handoff all @bo ask <@U0CY|cy>", asked.Offer(None, "@bo", "ask @cy"), "everything; a mention in the note"),
    ("accept 12", asked.Accept(TWELVE), "one"),
    ("accept 12 I call 3 payers", asked.Accept(TWELVE, None, "I call 3 payers"), "with what one will do"),
    ("accept all", asked.Accept(None), "everything"),
    ("accept all from @ana", asked.Accept(None, "@ana"), "what one person offers"),
    ("shift @bo the fax comes at four", asked.EndShift("@bo", "the fax comes at four"), "to a person"),
    ("shift all to bo: see the chart", asked.EndShift("bo", "see the chart"), "said nicely"),
    ("shift pool see the chart", asked.EndShift(None, "see the chart"), "to the pool"),
    ("shift over, back to the pool: see the chart", asked.EndShift(None, "see the chart"), "said otherwise"),
    (
        "away friday to 2026-12-04 cover @bo",
        asked.TakeOff(When(weekday=4), When(2026, 12, 4), "@bo"),
        "from, to, and who covers",
    ),
    (
        "away from mon until fri, covered by <@U0BO|bo>",
        asked.TakeOff(When(weekday=0), When(weekday=4), "<@U0BO|bo>"),
        "said nicely",
    ),
    ("away until 4 dec", asked.TakeOff(None, When(month=12, day=4)), "from today"),
    ("away tomorrow", asked.TakeOff(When(offset=1), None), "one day"),
    ("away 3 dec - 4 dec cover bo", asked.TakeOff(When(month=12, day=3), When(month=12, day=4), "bo"), "a dash"),
    ("away @ana today cover: @bo", asked.TakeOff(When(offset=0), None, "@bo", "@ana"), "for somebody else"),
    ("vacation tomorrow", asked.TakeOff(When(offset=1), None), "by its other name"),
    ("back", asked.ComeBack(), "oneself"),
    ("back @ana", asked.ComeBack("@ana"), "somebody else"),
    ("spread", asked.Spread(), "of the channel's case, or of all"),
    ("spread all", asked.Spread(everywhere=True), "of all"),
    ("spread late", asked.Spread(late=True), "what is late"),
    ("spread late tasks of K7Q4", asked.Spread(CODE, late=True), "what is late in a case"),
    ("spread K7Q4", asked.Spread(CODE), "of a case"),
    ("spread what's late", asked.Spread(late=True), "as it is asked for in words"),
    ("distribute all free tasks", asked.Spread(everywhere=True), "by its other name"),
    ("tasks", asked.ShowTasks(), "here"),
    ("digest", asked.ShowDigest(), "one's own"),
    ("sla", asked.ShowSla(), "the last seven days"),
    ("sla last week", asked.ShowSla(Days("week", back=1)), "a range"),
    ("sla authorization this month", asked.ShowSla(Days("month"), "authorization"), "a checklist and a range"),
    ("sla last 30 days <@U0BO|bo>", asked.ShowSla(Days("last", n=30), None, "<@U0BO|bo>"), "a person"),
    ("sla me", asked.ShowSla(None, None, "me"), "oneself"),
    ("report", asked.ShowSla(), "by its other name"),
    ("sla what", asked.DefineSla(), "how it is counted"),
    ("sla weekly", asked.ShowWeekly(), "what is set, and nothing else"),
    ("sla weekly mon", asked.SetWeekly("mon", time(8)), "at eight, unless said otherwise"),
    ("sla weekly fri 7:30am", asked.SetWeekly("fri", time(7, 30)), "a day and a time"),
    ("sla weekly thursday", asked.SetWeekly("thu", time(8)), "a day"),
    ("sla weekly off", asked.SetWeekly(None, time(8)), "no more"),
    ("late 12 payer", asked.Late(TWELVE, Reason.PAYER), "why"),
    ("late 12: the payer is slow", asked.Late(TWELVE, Reason.PAYER), "in other words"),
    ("late 12 because of our load", asked.Late(TWELVE, Reason.LOAD), "announced"),
    ("late 12 tissue bank", asked.Late(TWELVE, Reason.TISSUE_BANK), "two words"),
    (
        "extend 12 2026-12-03 17:00 vendor ships late",
        asked.Extend(TWELVE, When(2026, 12, 3, at=time(17)), "vendor ships late"),
        "more time",
    ),
    ("extend 12 2026-12-03", asked.Extend(TWELVE, When(2026, 12, 3), ""), "refused once the day could be"),
    ("escalate 12", asked.Escalate(TWELVE), "call the lead"),
    ("settings", asked.ShowSettings(), "all of them"),
    ("settings working hours", asked.ShowSettings("hours"), "a section"),
    ("config Holidays.", asked.ShowSettings("holidays"), "another, as phones write it"),
    ("settings delays", asked.ShowSettings("escalation"), "what they are"),
    ("settings of @ana", asked.ShowSettings("", "@ana"), "a person"),
    (
        "ask @sam 12 by friday: is it custom?",
        asked.Ask("@sam", "is it custom?", TWELVE, when=FRIDAY),
        "all that can be",
    ),
    ("ask 12 @sam is it custom?", asked.Ask("@sam", "is it custom?", TWELVE), "in any order, without a colon"),
    ("ask <@U0SAM|sam> who assists?", asked.Ask("<@U0SAM|sam>", "who assists?"), "about the channel's case"),
    ("ask sam 12: who assists?", asked.Ask("sam", "who assists?", TWELVE), "a bare name, before a colon"),
    (f"ask @sam about {CODE} who?", asked.Ask("@sam", "who?", case=CODE), "about a case"),
    ("ask @sam: 2 stems or 3?", asked.Ask("@sam", "2 stems or 3?"), "a question that begins with a number"),
    ("ask @sam by fri 14:00: who?", asked.Ask("@sam", "who?", when=When(weekday=4, at=time(14))), "a time"),
    ("ask @sam 12 today: may we?", asked.Ask("@sam", "may we?", TWELVE, when=When(offset=0)), "a day before a colon"),
    (
        "ask @sam friday 14:00 12: who?",
        asked.Ask("@sam", "who?", TWELVE, when=When(weekday=4, at=time(14))),
        "any order",
    ),
    ("ask @sam 12 3 dec: who?", asked.Ask("@sam", "who?", TWELVE, when=When(month=12, day=3)), "no task 3"),
    ("ask sam today: who?", asked.Ask("sam", "who?", when=When(offset=0)), "a day is no part of a name"),
    ("ask sam friday: who?", asked.Ask("sam", "who?", when=FRIDAY), "nor is a weekday"),
    ("ask Fay Friedman: who?", asked.Ask("Fay Friedman", "who?"), "a name that begins like one"),
    ("ask Li Sun: who?", asked.Ask("Li Sun", "who?"), "a name that reads like one"),
    ("ask @sam 5pm: who?", asked.Ask("@sam", "who?", when=When(offset=0, at=time(17))), "a time is of today"),
    ("ask @sam by 14:00: who?", asked.Ask("@sam", "who?", when=When(offset=0, at=time(14))), "with its word, too"),
    ("ask @sam 12 may we move: or not?", asked.Ask("@sam", "may we move: or not?", TWELVE), "may is no month there"),
    ("ask @sam 3/4 inch: or 1?", asked.Ask("@sam", "3/4 inch: or 1?"), "nor is that a day"),
    ("ask @sam is it done, by hand", asked.Ask("@sam", "is it done, by hand"), "no day behind it"),
    ("ask @sam who? by friday", asked.Ask("@sam", "who?", when=FRIDAY), "until when, behind it"),
    ("ask @sam do they ship by friday?", asked.Ask("@sam", "do they ship by friday?"), "what is asked"),
    ("ask @sam by hand or by plane?", asked.Ask("@sam", "by hand or by plane?"), "no day in it"),
    ("ask @sam 12 ok? (yes / no)", asked.Ask("@sam", "ok?", TWELVE, choices=("yes", "no")), "answers to choose from"),
    ("ask @sam ok? [a/b] by friday", asked.Ask("@sam", "ok?", when=FRIDAY, choices=("a", "b")), "both behind it"),
    (
        "question @sam 12: this: or that?",
        asked.Ask("@sam", "this: or that?", TWELVE),
        "another word for it; two colons",
    ),
    ("tasks all", asked.ShowTasks("all"), "with what waits"),
    (f"tasks all {CODE}", asked.ShowTasks("all", case=CODE), "with what waits in a case"),
    ("tasks late", asked.ShowTasks("late"), "late ones"),
    ("tasks due today", asked.ShowTasks("today"), "of this day"),
    ("late", asked.ShowTasks("late"), "one word"),
    ("overdue", asked.ShowTasks("late"), "another"),
    ("what's late", asked.ShowTasks("late"), "as people ask"),
    ("what’s late?", asked.ShowTasks("late"), "as phones write it"),
    ("What is late in " + str(CODE), asked.ShowTasks("late", case=CODE), "of a case"),
    ("what is 12", asked.ShowTask(TWELVE), "a task, as people ask"),
    ("what's #12?", asked.ShowTask(TWELVE), "the same"),
    (f"what is {CODE}-12", asked.ShowTask(TaskRef(CODE, 12)), "a task of a case"),
    (f"what is {CODE}", asked.ShowCase(CODE), "a case, as people ask"),
    ("what is due today", asked.ShowTasks("today"), "as people ask"),
    ("what is free", asked.ShowTasks("free"), "what could be claimed"),
    ("today", asked.ShowTasks("today"), "one word"),
    ("show me my tasks", asked.ShowTasks("mine"), "one's own"),
    ("what's next", asked.ShowTasks("free"), "what to take next"),
    ("who has 12", asked.ShowTask(TWELVE), "who holds it stands there"),
    ("who's on #12?", asked.ShowTask(TWELVE), "another way"),
    (f"who is doing {CODE}-12", asked.ShowTask(TaskRef(CODE, 12)), "with its case"),
    ("who has send slides", asked.ShowTask(SLIDES), "by its title"),
    ("whats late", asked.ShowTasks("late"), "as phones type it"),
    ("Whats #12?", asked.ShowTask(TWELVE), "a task, as phones type it"),
    ("whos on 12", asked.ShowTask(TWELVE), "who, as phones type it"),
    ("who is late", asked.ShowTasks("late"), "the list says with whom"),
    ("who's overdue?", asked.ShowTasks("late"), "in another word"),
    (f"who is late in {CODE}?", asked.ShowTasks("late", case=CODE), "of a case"),
    ("who has late slides", asked.ShowTask(TaskRef(words="late slides")), "a title that begins so"),
    ("tasks bo", asked.ShowTasks("person", "bo"), "a bare name"),
    ("tasks open", asked.ShowTasks(), "open ones"),
    ("tasks mine", asked.ShowTasks("mine"), "one's own"),
    ("tasks free", asked.ShowTasks("free"), "free ones"),
    ("tasks @bo", asked.ShowTasks("person", "@bo"), "a person's"),
    (f"tasks {CODE}", asked.ShowTasks(case=CODE), "a case's"),
    (f"tasks free {CODE}", asked.ShowTasks("free", case=CODE), "free ones of a case"),
    (f"tasks {CODE} mine", asked.ShowTasks("mine", case=CODE), "one's own of a case"),
    ("case", asked.ShowCase(), "the channel's"),
    (f"case {CODE}", asked.ShowCase(CODE), "another"),
    ("open now", asked.OpenCase(), "no surgeon"),
    ("open @sam", asked.OpenCase("@sam"), "a surgeon"),
    ("open for @sam", asked.OpenCase("@sam"), "a surgeon, said nicely"),
    ("close", asked.CloseCase(), "no reason"),
    ("close moved away", asked.CloseCase(None, "moved away"), "a reason"),
    (f"close {CODE} moved", asked.CloseCase(CODE, "moved"), "from elsewhere"),
    ("undo", asked.Undo(), "what was done last"),
    ("undo that.", asked.Undo(), "the same"),
    ("undo claim", asked.Undo(None, "claim"), "of that alone"),
    ("undo done 12", asked.Undo(TWELVE, "done"), "of a task"),
    ("undo 12 wrong fax", asked.WithReason(Verb.REOPEN, TWELVE, "wrong fax"), "with a reason it is reopen"),
    ("close because DUPLICATE", asked.CloseCase(None, "DUPLICATE"), "no case's code, though it looks like one"),
    ("surgeon @sam", asked.SetPerson(Verb.SURGEON, "@sam"), "of the channel's case"),
    (f"surgeon {CODE} to <@U0SAM|sam>", asked.SetPerson(Verb.SURGEON, "<@U0SAM|sam>", CODE), "a mention, of another"),
    ("lead Dr. Lea Brandt", asked.SetPerson(Verb.LEAD, "Dr. Lea Brandt"), "a whole name"),
    (f"lead {CODE} clear", asked.SetPerson(Verb.LEAD, None, CODE), "nobody"),
    ("date board 2026-12-03", asked.SetDate("board", When(2026, 12, 3)), "a day"),
    ("date board 2026-12-03 07:30", asked.SetDate("board", When(2026, 12, 3, at=time(7, 30))), "and a time"),
    (
        "date board 2026-11-04 anyway waive in a hurry",
        asked.SetDate("board", When(2026, 11, 4), "in a hurry", anyway=True),
        "a yes to late tasks",
    ),
    ("date surgery fri 7:30am", asked.SetDate("surgery", When(weekday=4, at=time(7, 30))), "a weekday"),
    ("date pathology final 3 dec", asked.SetDate("pathology_final", When(month=12, day=3)), "two words"),
    ("date auth_decided: tomorrow", asked.SetDate("auth_decided", When(offset=1)), "its name in code"),
    ("date operative note signed to today", asked.SetDate("operative_note_signed", When(offset=0)), "three"),
    ("date surgery clear", asked.ClearDate("surgery"), "taken away"),
    (f"date {CODE} surgery clear", asked.ClearDate("surgery", CODE), "of another case"),
    (
        "date surgery 2026-12-10 waive cannot wait",
        asked.SetDate("surgery", When(2026, 12, 10), "cannot wait"),
        "with a waiver",
    ),
    ("component", asked.ListComponents(), "nothing said: the list"),
    ("component list", asked.ListComponents(), "the list"),
    (
        "component add endoprosthesis stem custom loaner",
        asked.AddComponent(ComponentKind.ENDOPROSTHESIS, ComponentPart.STEM, True, Supply.LOANER),
        "all that can be said",
    ),
    ("component add plate", asked.AddComponent(ComponentKind.PLATE), "unknown stays unknown"),
    ("component add loaner allo", asked.AddComponent(ComponentKind.ALLOGRAFT, supply=Supply.LOANER), "begun words"),
    ("component add plate not custom", asked.AddComponent(ComponentKind.PLATE, custom=False), "not is not unknown"),
    ("component change 2 custom", asked.ChangeComponent(2, custom=True), "by number"),
    ("component change C2 stem", asked.ChangeComponent(2, ComponentPart.STEM), "by its name"),
    ("component change 2 other", asked.ChangeComponent(2, ComponentPart.OTHER), "a part; the kind cannot change"),
    ("component remove 2 not planned", asked.RemoveComponent(2, "not planned"), "with a reason"),
    ("quiet 18:00 to 8:00", asked.Quiet(NIGHT), "two times"),
    ("quiet from 6pm until 8 am", asked.Quiet(NIGHT), "as it is said"),
    ("quiet 18:00-8:00", asked.Quiet(NIGHT), "a dash"),
    ("quiet hours 6pm–8am in Berlin", asked.Quiet(NIGHT, "Berlin"), "with a zone"),
    ("quiet zone: Europe/Berlin", asked.Quiet(None, "Europe/Berlin"), "a zone alone"),
    ("quiet time zone eastern time", asked.Quiet(None, "eastern time"), "words"),
    ("dnd off", asked.Quiet("off"), "none"),
    ("quiet off tz Chicago", asked.Quiet("off", "Chicago"), "none, and a zone"),
    ("snooze 12 until tomorrow 9:00 the fax", asked.Snooze(TWELVE, When(offset=1, at=time(9)), "the fax"), "a moment"),
    ("snooze 12 until 3pm because of lunch", asked.Snooze(TWELVE, When(offset=0, at=time(15)), "of lunch"), "today"),
    ("snooze 12 fri the fax", asked.Snooze(TWELVE, When(weekday=4), "the fax"), "a day"),
    ("snooze 12 for 2 hours on hold", asked.Snooze(TWELVE, Duration(2, "hours"), "on hold"), "a while"),
    ("snooze 12 2h on hold", asked.Snooze(TWELVE, Duration(2, "hours"), "on hold"), "short"),
    ("snooze 12 in half an hour", asked.Snooze(TWELVE, Duration(30, "minutes"), ""), "no reason yet"),
    (
        "snooze 12 for a business day: the fax",
        asked.Snooze(TWELVE, Duration(1, "business days"), "the fax"),
        "open days",
    ),
    ('snooze "send slides" off', asked.Wake(SLIDES), "its end, by title"),
    ("snooze 12 off", asked.Wake(TWELVE), "its end"),
    ("remind 12 2 hours before", asked.Remind(TWELVE, Duration(2, "hours")), "hours"),
    ("remind me of 12 one day before the deadline", asked.Remind(TWELVE, Duration(1, "days")), "as it is said"),
    ("remind 12 4 working hours", asked.Remind(TWELVE, Duration(4, "business hours")), "open hours"),
    ("remind 12 off", asked.Remind(TWELVE, "off"), "not at all"),
    ("remind 12 standard", asked.Remind(TWELVE, "standard"), "as the checklist has it"),
]

REFUSED: list[tuple[str, type[Refusal], str, str]] = [
    ("clam 12", NotUnderstood, "claim 12", "mistyped: says which verb is near"),
    ("xyzzy", NotUnderstood, "/cb help", "nothing near: says where the list is"),
    ("12 claim", NotUnderstood, "claim #12", "the wrong way round"),
    ("claim 12 13", NotUnderstood, "One task at a time", "two tasks"),
    ("claim 12 now", NotUnderstood, "what follows the task", "more than a task"),
    ("digest ana", NotUnderstood, "/cb digest", "nobody reads another's digest"),
    ("claim 0", NotUnderstood, "number, such as 12", "no task has that number"),
    ("claim K7Q5-12", NotUnderstood, "mistyped", "the check character is wrong"),
    ("release", NotUnderstood, "Which task?", "no task"),
    ("skip 12", NotUnderstood, "reason is missing", "no reason"),
    ("skip slides", NotUnderstood, '"', "where the title ends is not known"),
    ("wait 12", NotUnderstood, "tissue bank", "whom? says who there is"),
    ("wait 12 payr", NotUnderstood, "Did you mean payer?", "mistyped"),
    ("wait 12 for the tisue bank: papers", NotUnderstood, "Did you mean tissue bank?", "mistyped, two words"),
    ("late 12 payr", NotUnderstood, "Did you mean payer slow?", "mistyped"),
    ("late 12 tisue bank", NotUnderstood, "Did you mean tissue bank slow?", "mistyped, two words"),
    ("tasks tomorrow", NotUnderstood, "nothing, mine, free, late, today, all, @person, or a case", "no day but today"),
    ("tasks due tomorrow", NotUnderstood, "nothing, mine, free, late, today", "no day but today"),
    ("tasks next week", NotUnderstood, "nothing, mine, free, late, today", "no week"),
    ("tasks 3/4", NotUnderstood, "nothing, mine, free, late, today", "two readings of what is not taken anyway"),
    ("whats love", NotUnderstood, "no question that I know", "as phones type it"),
    ("wait 12 called the payer", NotUnderstood, "whom it waits for", "not guessed from a note"),
    ("handoff 12 @bo", NotUnderstood, "note is missing", "no note"),
    ("handoff", NotUnderstood, "all?", "nothing"),
    ("handoff @bo", NotUnderstood, "Which task, or all?", "a person alone"),
    ("handoff @bo 12", NotUnderstood, "note is missing", "no note behind the task"),
    ("accept", NotUnderstood, "all?", "nothing"),
    ("shift", NotUnderstood, "or to the pool?", "nothing"),
    ("shift @bo", NotUnderstood, "note is missing", "no note"),
    ("away", NotUnderstood, "which day", "nothing"),
    ("away cover @bo", NotUnderstood, "which day", "no day"),
    ("away tomorrow 7:30", NotUnderstood, "whole days", "an hour"),
    ("away tomorrow and more", NotUnderstood, "follows the days", "more than days"),
    ("away soon", BadWhen, "2026-12-03", "no day"),
    ("away tomorrow to", BadWhen, "day is missing", "no last day"),
    ("away tomorrow cover", NotUnderstood, "Which person", "nobody named"),
    ("away tomorrow cover @bo @cy", NotUnderstood, "follows the cover", "two covers"),
    ("back @ana now", NotUnderstood, "what follows", "more than a person"),
    ("case nonsense", NotUnderstood, "No case here has that code", "no code"),
    ("reopen ZZZZ", NotUnderstood, "No case here has that code", "neither a task nor a case"),
    ("close ZZZZ", NotUnderstood, "No case here has that code", "no reason for closing the case of the channel"),
    ("close k7q5", NotUnderstood, "No case here has that code", "mistyped"),
    ("spread K7Q5", NotUnderstood, "No case here has that code", "mistyped"),
    ("date K7Q5 board fri", NotUnderstood, "No case here has that code", "mistyped"),
    ("help bogus", NotUnderstood, "There is no help on that", "no verb"),
    ("help what", NotUnderstood, "There is no help on that", "no verb, though it is nearly wait"),
    ("hlep bogus", NotUnderstood, "There is no help on that", "neither"),
    ("claim nxt", NotUnderstood, "Did you mean next?", "mistyped"),
    ("accept al", NotUnderstood, "Did you mean all?", "mistyped"),
    ("accept alll", NotUnderstood, "Did you mean all?", "mistyped"),
    ("component ad plate", NotUnderstood, "Did you mean add?", "mistyped"),
    ("spread lat", NotUnderstood, "Did you mean late?", "mistyped"),
    ("quiet of", NotUnderstood, "Did you mean off?", "mistyped"),
    ("snooze 12 of", BadWhen, "Did you mean off?", "mistyped"),
    ("remind 12 standart", NotUnderstood, "Did you mean standard?", "mistyped"),
    ("date board cler", BadWhen, "Did you mean clear?", "mistyped"),
    ("surgeon", NotUnderstood, "Which person", "nobody named"),
    (f"lead {CODE}", NotUnderstood, "/cb lead @lea", "nobody named, with a case"),
    ("surgeon @sam @zoe", NotUnderstood, "follows the person", "two people"),
    ("surgeon clear @sam", NotUnderstood, "follows the person", "both ways at once"),
    ("date", NotUnderstood, "board", "says which dates there are"),
    ("date surgry 3 dec", NotUnderstood, "Did you mean surgery", "mistyped"),
    ("date board", NotUnderstood, "Which day", "no day"),
    ("open", NotUnderstood, "/cb open now", "opens a form, and says how it is written"),
    ("open now please", NotUnderstood, "what follows", "more than that"),
    ("what is love", NotUnderstood, "`/cb what is 12`", "no question of ours"),
    ("what? 12", NotUnderstood, "no question that I know", "no question of ours, and nothing like wait"),
    ("how are you", NotUnderstood, "no question that I know", "no question of ours"),
    ("date board soon", BadWhen, "2026-12-03", "no day in it"),
    ("date board 2026-02-30", BadWhen, "February 2026 has 28 days", "no such day"),
    ("date board 30 feb", BadWhen, "29 days at most", "no such day in any year"),
    ("date board 03/04/2026", BadWhen, "2026-03-04 or as 2026-04-03", "two readings"),
    ("date board 2026-12-03 25:00", BadWhen, "no time 25:00", "no such time"),
    ("date board 2026-12-03 maybe", NotUnderstood, "follows the day", "more than a day"),
    ("date board 2026-12-03 waive", NotUnderstood, "reason for the waiver", "a waiver without reason"),
    ("component add", NotUnderstood, "allograft", "says which kinds there are"),
    ("component add bolt", NotUnderstood, "I know:", "no such trait"),
    ("component add plate cement", NotUnderstood, "", "two kinds"),
    ("component change 2 plate", NotUnderstood, "cannot change", "the kind is what it is"),
    ("component change x custom", NotUnderstood, "number", "no number"),
    ("component change 2", NotUnderstood, "what is to change", "nothing to change"),
    ("component remove 2", NotUnderstood, "reason is missing", "no reason"),
    ("component remove 2", NotUnderstood, "/cb component remove 2 not planned any more", "its own example"),
    ("component remove", NotUnderstood, "/cb component remove 2 not planned any more", "its own example"),
    ("component change 2", NotUnderstood, "/cb component change 2 custom", "its own example"),
    ("date surgery fri waive", NotUnderstood, "/cb date surgery 2026-12-10 waive surgeon agreed", "its own example"),
    ("component juggle 2", NotUnderstood, "add, change, remove and list", "no such verb"),
    ("ask", NotUnderstood, "Which person", "nobody named"),
    ("ask is it custom?", NotUnderstood, "Which person", "nobody named"),
    ("ask @sam 12", NotUnderstood, "question is missing", "no question"),
    ("ask @sam by friady: who?", BadWhen, "do not understand that day", "no such day"),
    ("ask @sam 12 by frday", BadWhen, "do not understand that day", "mistyped, and no question"),
    ("ask @sam 12 by eod", BadWhen, "do not understand that day", "nothing but a day could stand there"),
    ("ask @sam by friady is it custom?", BadWhen, "do not understand that day", "mistyped, without a colon"),
    ("ask @sam who? by next frday", BadWhen, "do not understand that day", "mistyped, behind the question"),
    ("ask @sam 12 3/4: who?", BadWhen, "can be read as", "two readings before a colon"),
    ("ask @sam 12 tomorrow", NotUnderstood, "question is missing", "a day is no question"),
    ("ask @sam by 3/4: who?", BadWhen, "can be read as", "two readings"),
    ("ask @sam ok? (yes/)", Refusal, "2 to 5 choices", "one choice"),
    ("claim " + "x" * 3000, NotUnderstood, "too long", "pasted by mistake"),
    ("quiet", NotUnderstood, "From when to when?", "nothing"),
    ("quiet 18:00", NotUnderstood, "two times", "one time"),
    ("quiet 6 to 8", NotUnderstood, "two times", "morning or evening"),
    ("quiet 18:00 to 8:00 daily", NotUnderstood, "follows the times", "more than times"),
    ("quiet off now", NotUnderstood, "what follows", "more than that"),
    ("quiet zone", NotUnderstood, "Which time zone?", "no zone"),
    ("snooze", NotUnderstood, "Which task?", "nothing"),
    ("snooze 12", NotUnderstood, "Until when, and why?", "no moment"),
    ("snooze 12 for ever", NotUnderstood, "For how long?", "no length"),
    ("snooze 12 until soon", BadWhen, "2026-12-03", "no day"),
    ("remind 12", NotUnderstood, "How long before", "no length"),
    ("remind 12 soon", NotUnderstood, "2 hours, 30 minutes or 1 business day", "no length"),
    ("remind 12 2 fortnights before", NotUnderstood, "2 hours, 30 minutes", "no unit of ours"),
    ("remind 12 99999 days before", NotUnderstood, "2 hours, 30 minutes", "longer than anything"),
    ("remind 12 2 hours after", NotUnderstood, "2 hours, 30 minutes", "the other side"),
]


@pytest.mark.parametrize(("text", "wanted", "why"), READS, ids=[row[0] or "(nothing)" for row in READS])
def test_reads(text: str, wanted: asked.Asked, why: str) -> None:
    assert read(text) == wanted, why


@pytest.mark.parametrize(("text", "kind", "says", "why"), REFUSED, ids=[row[0][:40] for row in REFUSED])
def test_refuses(text: str, kind: type[Refusal], says: str, why: str) -> None:
    with pytest.raises(kind) as refusal:
        read(text)
    assert "Nothing changed." in str(refusal.value), why
    assert says in str(refusal.value), why


@pytest.mark.parametrize(
    "behind", ["13 14", "and 13", "13", ", 13 and 14", "from @ana", "@ana", "from <@U0ANA>", "& K7Q4-13"]
)
def test_other_tasks_or_a_person_are_no_words_of_one_s_own(behind: str) -> None:
    with pytest.raises(NotUnderstood):
        read(f"accept 12 {behind}")


@pytest.mark.parametrize("verb", list(Verb))
def test_the_examples_of_every_verb_read_as_that_verb(verb: Verb) -> None:
    for line in USAGE[verb].examples:
        read(line)
        name, _, rest = line.partition(" ")
        assert name == verb
        assert read(rest, verb) == read(line)


def test_a_short_command_stands_for_its_verb() -> None:
    assert read("12", Verb.CLAIM) == asked.OnTask(Verb.CLAIM, TWELVE)
    assert read("", Verb.CASE) == asked.ShowCase()
    assert read("help", Verb.DONE) == asked.Help(Verb.DONE)
    assert {verb for verb in COMMANDS.values() if verb} <= set(Verb)


def test_a_refusal_repeats_nothing_of_what_was_typed() -> None:
    for line in ("zbigniew 12", "claim ZBIGNIEW7 12", "date zbigniew 3 dec", "component add zbigniew", "case zbigniew"):
        with pytest.raises(Refusal) as refusal:
            read(line)
        assert "zbigniew" not in str(refusal.value).casefold()


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("extend 3", "/cb extend 3 fri 5pm payer asked for records"),
        ("reopen 17", "/cb reopen 17 the fax did not arrive"),
        (f"skip {CODE}-27", f"/cb skip {CODE}-27 not needed for this payer"),
        ("waive 27", "/cb waive 27 surgeon presents without slides"),
        ("wait #15", "/cb wait 15 payer called, ref 88"),
        ("wait 15 somebody", "/cb wait 15 payer called, ref 88"),
        ("late 20", "/cb late 20 payer"),
        ("late 20 somehow", "/cb late 20 payer"),
        ("decline 17", "/cb decline 17 out until Monday"),
        ("assign 17", "/cb assign 17 @bo"),
        ("assign 17 @cy now", "/cb assign 17 @cy"),
        ("handoff 17 @cy", "/cb handoff 17 @cy watch for the fax"),
        ("handoff 17 <@U0CY|cy>", "/cb handoff 17 @cy watch for the fax"),
        ("handoff 17 <@U0CY>", "/cb handoff 17 U0CY watch for the fax"),
        ("handoff 17 cy", "/cb handoff 17 @cy watch for the fax"),
        ("ask zbigniew 15:", "/cb ask @person 15 by friday: is the stem custom?"),
        ("handoff all @cy", "/cb handoff all @cy end of my shift"),
        ("handoff 17", "/cb handoff 17 @bo watch for the fax"),
        ("handoff @cy 17", "/cb handoff 17 @cy watch for the fax"),
        ("handoff send slides @cy", "/cb handoff TASK @cy watch for the fax"),
        ("shift @cy", "/cb shift @cy the fax comes at four"),
        ("ask @cy 15", "/cb ask @cy 15 by friday: is the stem custom?"),
        ("accept 17 18", "/cb accept 17"),
        ("release 17 18", "/cb release 17"),
        ("claim 17 please", "/cb claim 17"),
        ("wiat 17 payer", "/cb wait 17 payer called, ref 88"),
        ("hadnoff 17 @cy fax", "/cb handoff 17 @cy watch for the fax"),
        ("component change 3", "/cb component change 3 custom"),
        ("component change 3 plate", "/cb component change 3 custom"),
        ("component remove C3", "/cb component remove 3 not planned any more"),
    ],
)
def test_an_example_is_about_what_was_named(line: str, example: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(line)
    assert f"`{example}" in str(refusal.value)
    assert "12" not in str(refusal.value).replace("2026-12-03", "")


EVIDENCE: list[tuple[EvidenceKind, str | None, str | None, str]] = [
    (EvidenceKind.REFERENCE, "ref ABC-1", "ABC-1", "the word before it is no part of it"),
    (EvidenceKind.REFERENCE, "ref: ABC-1", "ABC-1", "nor its colon"),
    (EvidenceKind.REFERENCE, "ABC-1", "ABC-1", "alone"),
    (EvidenceKind.REFERENCE, "ref", "", "the word alone is no reference"),
    (EvidenceKind.REFERENCE, "Ref. no. ABC-1", "ABC-1", "a number of a reference"),
    (EvidenceKind.REFERENCE, "reference number: 7", "7", "in full"),
    (EvidenceKind.REFERENCE, "evidence = ABC-1", "ABC-1", "or so"),
    (EvidenceKind.REFERENCE, "no outside records exist", "no outside records exist", "what is denied stays denied"),
    (EvidenceKind.REFERENCE, "none exist", "none exist", "also so"),
    (EvidenceKind.REFERENCE, "on file with the bank", "on file with the bank", "a phrase stays whole"),
    (EvidenceKind.REFERENCE, "refused, see A-1", "refused, see A-1", "a word that only begins like it"),
    (EvidenceKind.REFERENCE, "ref none exist", "none exist", "no is a word of its own"),
    (EvidenceKind.REFERENCE, "ref no answer came", "no answer came", "and may deny"),
    (EvidenceKind.DATE, "on 3 dec", "2026-12-03", "a date in words"),
    (EvidenceKind.DATE, "today", "2026-11-30", "today"),
    (EvidenceKind.DATE, "soon", "soon", "left for the service to refuse"),
    (EvidenceKind.NUMBER, "3", "3", "a number"),
    (EvidenceKind.CHOICE, "on file", "on file", "a choice may begin with any word"),
    (EvidenceKind.ATTESTATION, "yes", "yes", "a word"),
    (EvidenceKind.REFERENCE, None, None, "nothing"),
]


@pytest.mark.parametrize(("kind", "written", "value", "why"), EVIDENCE)
def test_evidence(kind: EvidenceKind, written: str | None, value: str | None, why: str) -> None:
    assert evidence_of(kind, written, date(2026, 11, 30)) == value, why


BESIDE = [
    (EvidenceKind.CHOICE, "bundled ref ABC-1", ("bundled", "ABC-1"), "behind the choice"),
    (EvidenceKind.CHOICE, "not required, reference: ABC 1", ("not required", "ABC 1"), "with a comma"),
    (EvidenceKind.CHOICE, "bundled", ("bundled", None), "none"),
    (EvidenceKind.CHOICE, "refused", ("refused", None), "a word that begins like it"),
    (EvidenceKind.CHOICE, "ref ABC-1", ("", "ABC-1"), "and no choice"),
    (EvidenceKind.DATE, "on 3 dec ref LOT 9", ("2026-12-03", "LOT 9"), "a day in words"),
    (EvidenceKind.NUMBER, "5 ref list ref 2", ("5", "list ref 2"), "the first one parts them"),
    (EvidenceKind.ATTESTATION, "yes ref v2", ("yes", "v2"), "beside a signature"),
    (EvidenceKind.CHOICE, None, (None, None), "nothing"),
]


@pytest.mark.parametrize(("kind", "written", "read_as", "why"), BESIDE)
def test_evidence_with_a_reference_beside_it(
    kind: EvidenceKind, written: str | None, read_as: tuple[str | None, str | None], why: str
) -> None:
    spec = EvidenceSpec(kind, "Label", (), (), reference="Call")
    assert evidence_and_reference(spec, written, date(2026, 11, 30)) == read_as, why


def test_without_a_reference_besides_everything_is_the_evidence() -> None:
    spec = EvidenceSpec(EvidenceKind.CHOICE, "Label", ("no ref", "yes"), ())
    assert evidence_and_reference(spec, "no ref", date(2026, 11, 30)) == ("no ref", None)


pieces = st.sampled_from(
    [*Verb, *SYNONYMS, "12", "#12", f"{CODE}-12", str(CODE), "@bo", "<@U0BO|bo>", "<@U0BO>", "all", "next", "payer",
     "tissue bank", "ref ABC-1", "reason", "because", ":", '"', "“", "waive", "clear", "2026-12-03", "07:30", "3 dec",
     "30 feb", "fri", "next fri", "in 3 days", "tomorrow", "board", "pathology final", "add", "change", "2", "C2",
     "endoprosthesis", "stem", "custom", "not", "loaner", "<", ">", "&amp;", "\x00", "\u202e", "\u2028", "²", "٣",
     "１２", "#" * 5, "-", "9" * 30, "<@", "@", "''"]
)  # fmt: skip
lines = st.lists(pieces | st.text(max_size=12), max_size=9).map(" ".join) | st.text(max_size=200)


@settings(max_examples=600, deadline=None)
@given(line=lines, verb=st.none() | st.sampled_from(list(Verb)))
@example(line="report 2026-12-03 2026-12-03", verb=None)
def test_any_text_reads_or_is_refused_in_words(line: str, verb: Verb | None) -> None:
    refused = ""
    try:
        wanted = grammar.read(line, verb)
    except Refusal as refusal:
        refused, wanted = str(refusal), None
    assert isinstance(wanted, asked.Asked) or "Nothing changed." in refused
    assert len(refused) < 900


@settings(max_examples=300, deadline=None)
@given(number=st.integers(1, 99_999), words=st.sampled_from(["claim", "release", "resume", "show"]))
def test_every_way_of_naming_a_number_is_the_same(number: int, words: str) -> None:
    assert read(f"{words} {number}") == read(f"{words} #{number}") == read(f" /{words.upper()}:  #{number}. ")
