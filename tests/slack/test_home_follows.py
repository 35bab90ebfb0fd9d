"""The home tab follows what changes: drawn by one hand, published only when it differs, whatever stands in the way."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.clocks.sweep import fire_due
from app.homes import rows
from app.homes.desk import LATE
from app.kernel.clock import FixedClock
from app.notices.timing import Rate, Timing
from app.sandbox.jsontypes import as_object, as_objects
from app.slack import limits
from app.slack.connections import Connections
from app.slack.gateway import TIMEOUT, Gateway
from app.slack.homes import Homes
from app.slack.port import SlackPort
from app.slack.views import blocks, home
from tests.slack.office import Office, until
from tests.slack.test_home import home_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second between two drawings, which only costs time here; one test has it."""
    monkeypatch.setattr(rows, "GAP", 0.0)


def published(office: Office) -> list[Any]:
    return [line for line in office.sandbox.ledger(kind="call") if line["method"] == "views.publish"]


def drawn(office: Office, homes: Homes | None = None) -> int:
    """Draw everything that is behind; returns how many tabs were published."""
    hand = homes or office.homes
    return sum(hand.publish(staff_id) for staff_id in hand.stale())


def sees(office: Office, who: str) -> str:
    return str(office.people[who].home())


def settled(office: Office) -> None:
    """Wait until whoever opened or pressed has been answered; `home_of` opens a tab twice."""
    behind = "SELECT count(*) AS n FROM homes WHERE asked < 2 OR asked > drawn OR lease IS NOT NULL"
    until(lambda: office.row(behind).n == 0)


def test_what_others_do_shows_on_an_open_tab_and_not_on_one_that_nobody_opened(office: Office) -> None:
    home_of(office, "ana").see("You could take: 2")
    settled(office)
    office.say("cy", "/claim 2")
    assert drawn(office) == 1
    assert "You could take: 1" in sees(office, "ana")
    assert office.people["bo"].home() is None
    assert office.homes.stale() == [], "what is drawn is not behind"


def test_what_makes_no_difference_is_drawn_and_not_published(office: Office) -> None:
    home_of(office, "bo").see("You could take: 1")
    settled(office)
    before = len(published(office))
    office.say("lea", "/cb surgeon @sam")
    assert len(office.homes.stale()) == 1
    assert drawn(office) == 0
    assert office.homes.stale() == []
    assert len(published(office)) == before


def test_a_deadline_that_passes_and_a_day_that_ends_show_by_themselves(office: Office, clock: FixedClock) -> None:
    office.say("ana", "/claim 2")
    home_of(office, "ana").see("Due later: 1")
    settled(office)
    due = office.task(2).due_at
    clock.move_to(due - timedelta(hours=3))
    drawn(office)
    assert "Needs you now: 1" in sees(office, "ana")
    assert "late, was due " not in sees(office, "ana")
    clock.move_to(due)
    drawn(office)
    assert "late, was due " in sees(office, "ana")
    assert "Needs you now: 1" in sees(office, "ana")
    assert office.homes.stale() == []


def test_who_leads_sees_what_is_late_in_the_practice_and_what_has_no_reason(office: Office, clock: FixedClock) -> None:
    office.say("ana", "/claim 2")
    for who in ("lea", "ana"):
        home_of(office, who)
    settled(office)
    assert "in the whole practice" not in sees(office, "lea").casefold(), "nothing is late"

    clock.move_to(datetime(2026, 11, 4, 23, 0, tzinfo=UTC))
    with office.world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    drawn(office)
    late = office.row("SELECT count(*) AS n FROM tasks WHERE state IN ('ready', 'claimed') AND due_at <= :now",
                      now=clock.now()).n  # fmt: skip
    assert late > 1
    said = f"*In the whole practice* {late} tasks are late, {{}} of them without a reason yet."
    assert "Nothing of yours needs you now." in sees(office, "lea")
    assert said.format(late) in sees(office, "lea")
    assert "not counted" not in sees(office, "lea")
    office.say("ana", "/cb late 2 payer")
    drawn(office)
    assert said.format(late - 1) in sees(office, "lea")
    assert "whole practice" not in sees(office, "ana")
    assert office.say("lea", "/tasks late", office.desk).text.count("late, was due") == late

    lea = office.sandbox.as_(office.people["lea"]).at_home()
    lea.click("Show late")
    listed = lea.see("All cases: late now")
    assert listed.count("late, was due") == late
    assert office.modal("lea")["title"]["text"] == "Caseboard", "the list has its buttons, and the tab stays"
    assert "Show late" in sees(office, "lea")


def test_counting_what_is_late_stops_at_what_is_shown(office: Office) -> None:
    values = {
        "program": office.world.program.id, "now": office.world.store.clock.now(), "limit": 100,
        "code": None, "track": None, "skill": None,
    }  # fmt: skip
    with office.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_sort = off"))
        plan = "\n".join(connection.execute(text("EXPLAIN " + LATE.text), values).scalars())
    assert "tasks_open" in plan


def test_the_answer_to_a_press_goes_after_two_minutes(office: Office, clock: FixedClock) -> None:
    ana = home_of(office, "ana")
    ana.click("Claim")
    ana.see("Claimed")
    settled(office)
    office.say("lea", "/cb date surgery proposed 2027-03-01")
    drawn(office)
    assert "Claimed" in sees(office, "ana"), "what others do does not take it away"
    clock.advance(timedelta(minutes=2, seconds=1))
    drawn(office)
    assert "Claimed" not in sees(office, "ana")


def test_what_is_offered_says_so_on_the_giver_s_tab(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @cy please")
    shown = home_of(office, "ana").see("Waiting on others: 1")
    assert "offered to Cy since" in shown
    assert "not accepted yet" in shown
    settled(office)
    office.say("cy", "/cb accept 1")
    drawn(office)
    assert "offered to" not in sees(office, "ana")


def test_filters_are_kept_for_the_person_and_cleared_by_all(office: Office) -> None:
    office.say("cy", "/cb component add endoprosthesis")
    office.say("cy", "/cb component add plate")
    cy = home_of(office, "cy")
    whole = cy.see("You could take:")
    view = office.people["cy"].home()
    assert view is not None
    selects = {
        element["action_id"]: element
        for block in as_objects(view["blocks"])
        for element in as_objects(block.get("elements"))
        if element["type"] == "static_select"
    }
    tracks = [as_object(option["text"])["text"] for option in as_objects(selects[home.TRACK]["options"])]
    assert tracks[0] == "All checklists"
    assert len(tracks) > 2
    assert home.CASE not in selects, "one case is nothing to choose from"
    cy.choose(str(tracks[-1]))
    until(lambda: "You could take:" in sees(office, "cy") and sees(office, "cy").count("Claim ") < whole.count("Claim"))
    settled(office)
    office.say("ana", "/claim 2")
    drawn(office)
    assert str(office.row("SELECT only_track FROM homes").only_track) in str(office.people["cy"].home())
    cy.choose("All checklists")
    until(lambda: office.row("SELECT only_track FROM homes").only_track is None)
    settled(office)

    before = office.fingerprint()
    select = blocks.actions(home.select(home.TRACK, "All checklists", {"nothing-of-ours": "Old"}, None))
    gateway = Gateway(office.sandbox.bot_token, office.sandbox.api_url)
    gateway.call("views.publish", user_id=office.people["cy"].id, view={"type": "home", "blocks": [select]})
    cy.choose("Old")
    cy.see("That is not there any more")
    assert office.fingerprint() == before


def test_the_newest_press_wins_and_every_one_has_its_effect(office: Office) -> None:
    """Two fast presses: both are answered, in the one place that draws, and the tab ends as things are."""
    home_of(office, "ana")
    settled(office)
    view = str(office.people["ana"].home()["id"])  # type: ignore[index]
    presses = [
        threading.Thread(
            target=office.people["ana"].click_view, args=(view, blocks.CLAIM, f"t:{office.task(number).id}")
        )
        for number in (1, 2)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    until(lambda: "Due later: 2" in sees(office, "ana"))
    settled(office)
    assert "Due later: 2" in sees(office, "ana")
    assert {office.holder(1), office.holder(2)} == {"ana"}


def test_two_hands_at_once_publish_once(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    before = len(published(office))
    office.say("cy", "/claim 2")
    hands = [threading.Thread(target=drawn, args=(office,)) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(published(office)) == before + 1


def test_a_hand_that_died_is_followed_and_an_older_drawing_never_comes_last(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    dead = rows.take(office.engine, office.world.staff["ana"].id, office.world.store.clock.now(), 30.0)
    assert dead is not None
    assert office.homes.stale() == [], "it is being drawn"
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE homes SET lease_until = clock_timestamp()"))
    assert drawn(office) == 1
    newest = sees(office, "ana")

    gateway = Gateway(office.sandbox.bot_token, office.sandbox.api_url)
    with pytest.raises(Exception, match="hash_conflict"):
        gateway.call(
            "views.publish", user_id=office.people["ana"].id, hash=dead.view_hash, view={"type": "home", "blocks": []}
        )
    assert sees(office, "ana") == newest


def test_what_somebody_else_published_is_replaced(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    gateway = Gateway(office.sandbox.bot_token, office.sandbox.api_url)
    gateway.call("views.publish", user_id=office.people["ana"].id, view={"type": "home", "blocks": []})
    office.say("cy", "/claim 2")
    assert drawn(office) == 1
    assert "You could take: 1" in sees(office, "ana")


FAULTS = [
    ("ratelimit:1", "it waits as Slack asked"),
    ("reset", "what became of the call is not known"),
    ("error:missing_scope", "the app may not publish"),
]


@pytest.fixture
def failing(office: Office) -> Iterator[Office]:
    yield office
    office.sandbox.clear_faults()


@pytest.mark.parametrize(("fault", "why"), FAULTS)
def test_what_stands_in_the_way_leaves_the_tab_behind_until_it_is_right(failing: Office, fault: str, why: str) -> None:
    office = failing
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    office.sandbox.fault("views.publish", fault, times=1)
    quick = Timing(retry_first=0.01, retry_most=0.01, refused_again=0.05, settle=0.05)
    hand = Homes(office.world.store, office.connections, quick)
    drawn(office, hand)
    assert office.row("SELECT lease FROM homes").lease is None, why
    until(lambda: drawn(office, hand) or "You could take: 1" in sees(office, "ana"))
    until(lambda: "You could take: 1" in sees(office, "ana"))


def test_a_hand_that_stood_still_publishes_nothing(office: Office) -> None:
    """What it drew may be older than what another hand has shown meanwhile, also where Slack has no hash to compare."""
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE homes SET view_hash = NULL"))
    late = Timing(act_within=-1.0, retry_first=0.0)
    before = len(published(office))
    hand = Homes(office.world.store, office.connections, late)
    assert drawn(office, hand) == 0
    assert len(published(office)) == before
    until(lambda: drawn(office) == 1)
    assert "You could take: 1" in sees(office, "ana")


class _Watched(SlackPort):
    """Slack as it is; notes what the database knows of the hand while it waits for an answer."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.sandbox.bot_token, office.sandbox.api_url)
        self._office = office
        self.seen: list[tuple[str, int, float]] = []

    def call(self, method: str, **arguments: object) -> Any:
        kept = self._office.engine.pool.checkedout()  # type: ignore[attr-defined]
        left = self._office.row("SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS s FROM homes").s
        self.seen.append((method, kept, left))
        return super().call(method, **arguments)


def test_who_waits_for_slack_keeps_no_connection_and_has_the_tab_for_longer_than_that(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    watched, timing = _Watched(office), Timing()
    assert drawn(office, Homes(office.world.store, Connections(office.world.store, watched), timing)) == 1
    assert [method for method, _, _ in watched.seen] == ["auth.test", "views.publish"]
    assert [kept for _, kept, _ in watched.seen] == [0, 0]
    for _, _, left in watched.seen:
        assert timing.act_within + TIMEOUT < left <= timing.home_lease < timing.lease


@pytest.mark.parametrize("bound", ["T0SOMEBODYELSE", None])
def test_nothing_is_shown_in_another_practice_s_workspace(office: Office, bound: str | None) -> None:
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    before = len(published(office))
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE programs SET slack_team_id = :bound"), {"bound": bound})
    assert drawn(office) == 0
    assert len(published(office)) == before


def test_the_workspace_s_pace_is_kept_and_a_press_does_not_wait_for_it(office: Office) -> None:
    for who in ("ana", "cy"):
        home_of(office, who)
    settled(office)
    slow = Timing(lanes={"home": Rate(0.01, 1)})
    hand = Homes(office.world.store, office.connections, slow)
    office.say("cy", "/claim 2")
    with office.engine.begin() as connection:
        connection.execute(text("DELETE FROM paces"))
    assert drawn(office, hand) == 1, "one of two has a turn"
    assert office.row("SELECT count(*) AS n FROM homes WHERE not_before IS NOT NULL").n == 1
    with office.world.store.change() as uow:
        rows.ask(uow, office.world.actor("ana"))
        rows.ask(uow, office.world.actor("cy"))
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE homes SET not_before = NULL"))
    assert drawn(office, hand) == 2


def test_one_drawing_a_second(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    home_of(office, "ana")
    settled(office)
    monkeypatch.setattr(rows, "GAP", 30.0)
    office.say("cy", "/claim 2")
    assert office.homes.stale() == []
    monkeypatch.setattr(rows, "GAP", 0.0)
    assert len(office.homes.stale()) == 1


def test_a_tab_that_was_opened_long_ago_is_left_alone(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    office.say("cy", "/claim 2")
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE homes SET opened_at = clock_timestamp() - interval '12 hours 1 second'"))
    assert office.homes.stale() == []


def test_finding_what_is_behind_reads_the_end_of_the_record_alone(office: Office) -> None:
    home_of(office, "ana")
    settled(office)
    values = {"now": office.world.store.clock.now(), "gap": 1, "looked_at": 43200, "limit": 100}
    with office.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(connection.execute(text("EXPLAIN " + rows.STALE.text), values).scalars())
    assert "audit_entries_seq" in plan
    assert "Limit" in plan


def test_a_tab_with_everything_at_its_most_is_one_that_slack_takes() -> None:
    from tests.slack.full_desk import full_desk

    answer = full_desk()
    assert limits.problems(answer.text, answer.blocks, view=True) == []
    assert 90 < len(answer.blocks) <= limits.VIEW_BLOCKS
    assert "and at least 82 more" in str(answer.blocks)
