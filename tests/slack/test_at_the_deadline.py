"""At the very moment of a deadline every screen says the same: it is late from then on, as its breach says."""

from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.reports.queries import Asked
from app.reports.service import sla
from tests.slack.office import Office
from tests.slack.test_home import home_of
from tests.slack.test_sla import deliver


def test_every_screen_has_a_task_as_late_from_its_deadline_on(office: Office, clock: FixedClock) -> None:
    name = f"{office.case.code}-2"
    office.say("lea", "/cb surgeon @sam")
    office.say("ana", "/claim 2")
    clock.move_to(office.task(2).due_at)
    with office.world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    deliver(office, "breach")
    deliver(office, "card")
    late = office.rows("SELECT no FROM tasks WHERE breached_at IS NOT NULL ORDER BY no")
    assert [row.no for row in late] == [2], "the moment of one deadline, and of no other"

    card = next(str(message) for message in office.sandbox.messages(office.channel) if "*Late now*" in str(message))
    assert name.partition("-")[2] in card.partition("*Late now*")[2].partition("*Next*")[0]
    assert "*1 late*" in card
    for words in ("/tasks late", "/cb what's late"):
        assert f"*{name}* Load the images · late, was due" in office.say("ana", words).text, words
    assert f"*{name}* Load the images · late, was due" in office.say("ana", f"/cb show {name}").text
    assert ", 1 late" in office.say("ana", f"/cb case {office.case.code}").text
    assert "late, was due" in home_of(office, "ana").see("Needs you now: 1")
    assert "1 task is late" in home_of(office, "lea").see("In the whole practice")
    assert "1 task late" in office.say("sam", "/cb digest").text
    said = office.say("lea", "/sla today")
    assert ", late 1." in str(said.blocks)
    assert "open, under 1 business hour late" in str(said.blocks)

    office.say("ana", "/done 2")
    today = clock.now().date()
    with office.world.store.read() as uow:
        found = sla(uow, office.world.actor("lea"), Asked(today, today))
    assert (found.total.count("met"), found.total.count("late"), found.breaches_total) == (0, 1, 1)
