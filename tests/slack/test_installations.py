"""Installed over OAuth: each practice with its own token; tokens that rotate, end and come back lose no post."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.cases.models import Case
from app.cases.service import open_case
from app.installations import service
from app.kernel.clock import FixedClock
from app.notices.delivery import PostOffice
from app.notices.service import tell_case
from app.sandbox import Sandbox, start
from app.sandbox.model import Team
from app.slack.accounts import Accounts
from app.slack.connections import Connections
from app.slack.errors import NotConnected, NotSent, Uninstalled
from app.slack.homes import Homes
from app.slack.oauth import OAuth
from app.slack.renewals import Renewals
from app.store.uow import Store
from tests.notices.conftest import QUICK
from tests.slack.office import settings_of, until
from tests.slack.signed import command_body, send, signed
from tests.web.site import Site, site_of
from tests.world import TEAM, World, make_world
from workers.notices import Hints
from workers.scheduler import Ticker

HALF_A_DAY = 43200


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with workspace(Team(id=TEAM, name="North")) as running:
        yield running


@pytest.fixture
def site(sandbox: Sandbox, world: World, engine: Engine) -> Iterator[Site]:
    """The practice's web process, with the app installed in its workspace."""
    join(world, sandbox, engine)
    with site_of(sandbox, world.store, engine) as running:
        assert running.install(world.program).status == 200
        yield running


def workspace(team: Team) -> Sandbox:
    running = start(unlimited=True, team=team, settings={"scopes": [], "retry_delays": []})
    running.person("ada", is_admin=True)
    return running


def join(world: World, sandbox: Sandbox, engine: Engine) -> None:
    """Everybody of a practice is in its workspace."""
    with engine.begin() as connection:
        for name, person in world.staff.items():
            person.slack_user_id = sandbox.person(name, real_name=person.name).id
            values = {"slack": person.slack_user_id, "id": person.id}
            connection.execute(text("UPDATE staff SET slack_user_id = :slack WHERE id = :id"), values)


@dataclass
class Posts:
    """Posts of a practice's case, delivered by an office of its own."""

    site: Site
    world: World

    def __post_init__(self) -> None:
        self.store = Store(self.site.engine, self.world.store.clock, keys=self.site.store.keys)
        waits = replace(QUICK, refused_again=60.0)
        self.office = PostOffice(self.store, Connections.make(self.site.settings, self.store), waits)

    def open(self) -> Case:
        with self.store.change() as uow:
            return open_case(uow, self.world.actor("ana"))

    def tell(self, case: Case, key: str) -> None:
        payload = {"code": case.code, "zone": "America/New_York", "problems": [key]}
        with self.store.change() as uow:
            tell_case(uow, case.id, "trouble", key, payload)

    def channel(self, case: Case) -> int:
        return int(self.one("SELECT id FROM channels WHERE case_id = :case", case=case.id).id)

    def deliver(self, case: Case) -> None:
        """Until nothing is due at once."""
        while (again := self.office.deliver(self.channel(case)).again) is not None and again < 5:
            pass

    def said(self, case: Case, sandbox: Sandbox) -> list[str]:
        slack = self.one("SELECT slack_id FROM channels WHERE case_id = :case", case=case.id).slack_id
        return [str(message["text"]) for message in sandbox.messages(slack)]

    def one(self, query: str, **values: object) -> Any:
        with self.site.engine.connect() as connection:
            return connection.execute(text(query), values).one()

    def do(self, statement: str) -> None:
        with self.site.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def posts(site: Site, world: World) -> Posts:
    return Posts(site, world)


def installation(site: Site) -> Any:
    return site.row("SELECT *, expires_at - clock_timestamp() AS left FROM slack_installations")


# Each with its own token


def test_two_practices_in_two_workspaces_each_post_and_answer_in_their_own(
    site: Site, posts: Posts, sandbox: Sandbox, engine: Engine, store: Store
) -> None:
    with ExitStack() as stack:
        south_slack = stack.enter_context(workspace(Team(id="T0SOUTH", name="South", bot_user="U0SANDBOT02")))
        for number in range(3):
            south_slack.channel(f"hall-{number}")  # no two channels of Slack have one id, in whichever workspace
        south = make_world(store, team="T0SOUTH", slug="south")
        join(south, south_slack, engine)
        # Slack is one address with many workspaces; here each has its own, and so a process of its own.
        other = stack.enter_context(site_of(south_slack, posts.store, engine))
        keyring = site.store.keys()
        other.store.keys = lambda: keyring
        assert other.install(south.program).status == 200
        theirs = Posts(other, south)
        here, there = posts.open(), theirs.open()
        posts.deliver(here)
        theirs.deliver(there)
        assert any(here.code in words for words in posts.said(here, sandbox))
        assert any(there.code in words for words in theirs.said(there, south_slack))
        assert here.code not in str(south_slack.channels())
        ana, lea = sandbox.person("ana"), south_slack.person("lea")
        hall = sandbox.channel("hall", members=[ana.id])
        assert here.code in ana.command(f"/cb case {here.code}", hall).text
        assert "There is no case" in ana.command(f"/cb case {there.code}", hall).text
        hall = south_slack.channel("hall", members=[lea.id])
        assert there.code in lea.command(f"/cb case {there.code}", hall).text


def test_a_practice_without_an_installation_works_with_the_token_of_the_environment(
    sandbox: Sandbox, world: World, engine: Engine
) -> None:
    connections = Connections.make(settings_of(sandbox), world.store)
    assert connections.of(world.program.id).call("auth.test")["ok"]
    assert connections.of_team(TEAM).call("auth.test")["ok"]
    with pytest.raises(NotConnected, match="belongs to the workspace T0ELSEWHERE"):
        connections.of_team("T0ELSEWHERE")
    with engine.begin() as connection:
        connection.execute(text("UPDATE programs SET slack_team_id = 'T0OTHER'"))
    with pytest.raises(NotConnected, match="other_workspace"):
        connections.of(world.program.id)


def test_an_installation_is_used_before_the_token_of_the_environment(site: Site, sandbox: Sandbox) -> None:
    settings = settings_of(sandbox, SLACK_BOT_TOKEN="xoxb-wrong")
    assert Connections.make(settings, site.store).of_team(TEAM).call("auth.test")["ok"]


def test_an_installation_is_always_in_the_workspace_of_its_program(site: Site, engine: Engine) -> None:
    for statement in (
        "UPDATE programs SET slack_team_id = 'T0OTHER'",
        "UPDATE slack_installations SET team_id = 'T0OTHER'",
    ):
        with (
            engine.connect() as connection,
            pytest.raises(Exception, match="slack_installations_program_id_team_id_fkey"),
        ):
            connection.execute(text(statement))


# Gone


@pytest.mark.parametrize(("act", "why"), [("uninstall", "account_inactive"), ("revoke", "token_revoked")])
def test_an_app_that_was_removed_is_noted_at_the_event_and_posts_wait(
    site: Site, posts: Posts, sandbox: Sandbox, act: str, why: str
) -> None:
    case = posts.open()
    posts.deliver(case)
    getattr(sandbox, act)()
    until(lambda: installation(site).gone_why == why)
    posts.tell(case, "while it is gone")
    posts.deliver(case)
    notice = posts.one("SELECT state, error FROM notices WHERE dedupe_key LIKE '%while it is gone%'")
    assert notice.state == "held"
    assert "Install it again: caseboard slack invite practice" in notice.error
    assert "xoxb" not in notice.error
    noted = posts.one("SELECT reason FROM audit_entries WHERE action = 'slack.gone'")
    assert noted.reason == why


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked"])
def test_what_slack_answers_to_a_post_is_noted_too(site: Site, posts: Posts, sandbox: Sandbox, code: str) -> None:
    case = posts.open()
    posts.deliver(case)
    sandbox.configure(token_error=code)
    posts.tell(case, "nobody hears")
    posts.deliver(case)
    assert installation(site).gone_why == code
    assert posts.one("SELECT state FROM notices WHERE dedupe_key LIKE '%nobody hears%'").state == "held"
    with pytest.raises(Uninstalled):
        site.connections.of_team(TEAM)


def test_a_token_that_is_not_known_any_more_is_gone_and_other_refusals_are_not(site: Site, sandbox: Sandbox) -> None:
    port = site.connections.of_team(TEAM)
    for fault in ("error:missing_scope", "error:org_login_required", "ratelimit:1", "http:500", "error:is_archived"):
        sandbox.fault("auth.test", fault, times=1)
        with pytest.raises(NotSent):
            port.call("auth.test")
        assert installation(site).gone_at is None, fault
    sandbox.fault("auth.test", "error:invalid_auth", times=1)
    with pytest.raises(Uninstalled):
        port.call("auth.test")
    assert installation(site).gone_why == "invalid_auth"


def test_installed_again_it_goes_on_where_it_stopped(site: Site, posts: Posts, world: World, sandbox: Sandbox) -> None:
    case = posts.open()
    posts.deliver(case)
    before = len(posts.said(case, sandbox))
    sandbox.uninstall()
    until(lambda: installation(site).gone_at is not None)
    for key in ("first", "second"):
        posts.tell(case, key)
    posts.deliver(case)
    assert posts.office.deliver(posts.channel(case)).delivered == 0
    assert site.install(world.program).status == 200
    posts.deliver(case)
    new = posts.said(case, sandbox)[before:]
    assert [next(key for key in ("first", "second") if key in words) for words in new] == ["first", "second"]
    assert posts.one("SELECT count(*) AS n FROM notices WHERE state NOT IN ('delivered', 'dead')").n == 0


def test_an_event_that_is_late_or_about_another_token_ends_nothing(site: Site, world: World, sandbox: Sandbox) -> None:
    site.install(world.program)
    for number, kind in enumerate(("app_uninstalled", "tokens_revoked")):
        event = {"type": kind, "tokens": {"oauth": ["U1"], "bot": []}}
        envelope = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{number}", "event": event}
        body = json.dumps(envelope).encode()
        headers = signed(str(sandbox.status()["signing_secret"]), body)
        assert send(site.port, body, headers, content_type="application/json").status == 200
    until(lambda: sum(line["method"] == "auth.test" for line in sandbox.ledger(kind="call")) >= 2)
    site.inbound.close()
    assert installation(site).gone_at is None


def test_what_is_heard_of_a_former_token_is_not_said_of_the_next(site: Site, world: World, sandbox: Sandbox) -> None:
    former = site.connections.of(world.program.id)
    site.install(world.program)
    sandbox.fault("auth.test", "error:token_revoked", times=1)
    with pytest.raises(Uninstalled):
        former.call("auth.test")
    assert installation(site).gone_at is None
    assert site.connections.of(world.program.id).call("auth.test")["ok"]


def test_a_token_that_slack_was_wrong_about_is_taken_up_again(site: Site, posts: Posts, sandbox: Sandbox) -> None:
    case = posts.open()
    posts.deliver(case)
    sandbox.fault("*", "error:invalid_auth")
    posts.tell(case, "in the disturbance")
    posts.deliver(case)
    assert installation(site).gone_why == "invalid_auth"
    site.renewals.look_again()
    due = "UPDATE slack_installations SET renewing_until = clock_timestamp()"
    posts.do(due)
    site.renewals.look_again()
    assert installation(site).gone_at is not None, "Slack has said it once more"
    sandbox.clear_faults()
    asked = len(sandbox.ledger(kind="call"))
    site.renewals.look_again()
    assert len(sandbox.ledger(kind="call")) == asked, "not all the time"
    posts.do(due)
    site.renewals.look_again()
    assert installation(site).gone_at is None
    posts.deliver(case)
    assert any("in the disturbance" in words for words in posts.said(case, sandbox))


def test_an_app_that_was_removed_stays_gone_and_is_not_asked_about_for_ever(
    site: Site, posts: Posts, sandbox: Sandbox, clock: FixedClock
) -> None:
    sandbox.uninstall()
    until(lambda: installation(site).gone_at is not None)
    due = "UPDATE slack_installations SET renewing_until = clock_timestamp()"
    posts.do(due)
    site.renewals.look_again()
    assert installation(site).gone_why == "account_inactive"
    clock.advance(service.LOOKED_AT)
    posts.do(due)
    asked = len(sandbox.ledger(kind="call"))
    site.renewals.look_again()
    assert len(sandbox.ledger(kind="call")) == asked


def test_commands_are_answered_while_the_app_cannot_post(
    site: Site, posts: Posts, world: World, sandbox: Sandbox
) -> None:
    posts.open()
    sandbox.revoke()
    until(lambda: installation(site).gone_at is not None)
    body = command_body(user=world.staff["ana"].slack_user_id, team=TEAM, channel="C1", text="tasks", trigger="9.9.z")
    answer = send(site.port, body, signed(str(sandbox.status()["signing_secret"]), body))
    assert "yours" in json.loads(answer.body)["text"]


# Rotation


@pytest.fixture
def rotating(sandbox: Sandbox, world: World, engine: Engine) -> Iterator[Site]:
    """The same, where tokens live half a day."""
    sandbox.configure(token_lives=HALF_A_DAY)
    join(world, sandbox, engine)
    with site_of(sandbox, world.store, engine) as running:
        assert running.install(world.program).status == 200
        yield running


def age(site: Site, left: str) -> None:
    """Let the token have that much of its life left, as we know it."""
    with site.engine.begin() as connection:
        values = {"left": left}
        connection.execute(
            text("UPDATE slack_installations SET expires_at = clock_timestamp() + CAST(:left AS interval)"), values
        )


def tokens(sandbox: Sandbox) -> int:
    """How often Slack gave a token for a refresh token."""
    calls = [line for line in sandbox.ledger(kind="call") if line["method"] == "oauth.v2.access" and line["applied"]]
    return sum("refresh_token" in str(line["request"]) for line in calls)


def test_a_token_is_renewed_before_it_expires_and_not_sooner(rotating: Site, world: World, sandbox: Sandbox) -> None:
    before = installation(rotating)
    assert 43000 < before.left.total_seconds() <= HALF_A_DAY
    assert rotating.renewals.run() == 0
    old = rotating.connections.of(world.program.id)
    age(rotating, "119 minutes")
    assert rotating.renewals.run() == 1
    after = installation(rotating)
    assert after.version == before.version + 1
    assert after.token != before.token
    assert after.left.total_seconds() > 43000
    assert old.call("auth.test")["ok"], "whoever still has the old token goes on with it"
    new = rotating.connections.of(world.program.id)
    assert new is not old
    assert new.call("auth.test")["ok"]
    assert rotating.renewals.run() == 0
    assert rotating.row("SELECT count(*) FROM audit_entries WHERE action = 'slack.renew'") == (1,)


def test_the_scheduler_renews(rotating: Site, world: World, sandbox: Sandbox) -> None:
    posts = Posts(rotating, world)
    homes = Homes(rotating.store, rotating.connections)
    ticker = Ticker(
        rotating.store,
        posts.office,
        Hints(None),
        homes,
        rotating.renewals,
        Accounts(rotating.store, rotating.connections),
    )
    age(rotating, "1 hour")
    ticker.renew()
    ticker.close()
    assert tokens(sandbox) == 1


def test_of_many_hands_one_renews(rotating: Site, sandbox: Sandbox) -> None:
    age(rotating, "1 hour")
    sandbox.fault("oauth.v2.access", "slow:0.3", times=8)
    hands = [Renewals(rotating.store, OAuth.of(rotating.settings), rotating.settings.slack_api_url) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda hand: hand.run(), hands))
    assert sorted(done) == [0] * 7 + [1]
    assert tokens(sandbox) == 1


def test_a_renewal_that_fails_is_tried_again_when_its_lease_is_over(rotating: Site, sandbox: Sandbox) -> None:
    age(rotating, "1 hour")
    for fault in ("http:503", "ratelimit:1", "error:fatal_error"):
        sandbox.fault("oauth.v2.access", fault, times=1)
        assert rotating.renewals.run() == 0
        assert rotating.renewals.run() == 0, "not at once"
        with rotating.engine.begin() as connection:
            connection.execute(text("UPDATE slack_installations SET renewing_until = clock_timestamp()"))
    assert rotating.renewals.run() == 1
    assert installation(rotating).gone_at is None


def test_a_lost_answer_leaves_the_token_to_its_end_and_then_the_installation_is_gone(
    rotating: Site, world: World, sandbox: Sandbox
) -> None:
    age(rotating, "1 hour")
    sandbox.fault("oauth.v2.access", "reset_after", times=1)
    assert rotating.renewals.run() == 0
    with rotating.engine.begin() as connection:
        connection.execute(text("UPDATE slack_installations SET renewing_until = clock_timestamp()"))
    assert rotating.renewals.run() == 0, "Slack does not take the refresh token twice"
    assert rotating.connections.of(world.program.id).call("auth.test")["ok"], "the token is good to its end"
    waits = installation(rotating)
    assert (waits.gone_at, waits.renewing_until == waits.expires_at) == (None, True)
    tried = len(sandbox.ledger(kind="call"))
    assert rotating.renewals.run() == 0
    assert len(sandbox.ledger(kind="call")) == tried, "not asked in vain meanwhile"
    with rotating.engine.begin() as connection:
        connection.execute(
            text("UPDATE slack_installations SET expires_at = clock_timestamp(), renewing_until = clock_timestamp()")
        )
    assert rotating.renewals.run() == 0
    assert installation(rotating).gone_why == "invalid_refresh_token"
    with pytest.raises(Uninstalled, match="could not be renewed"):
        rotating.connections.of(world.program.id)


def test_after_a_long_stop_an_expired_token_is_renewed_and_what_waited_goes_out(
    rotating: Site, world: World, sandbox: Sandbox
) -> None:
    posts = Posts(rotating, world)
    case = posts.open()
    posts.deliver(case)
    sandbox.expire()
    age(rotating, "-1 second")
    posts.tell(case, "during the stop")
    posts.deliver(case)
    held = posts.one("SELECT state, error FROM notices WHERE dedupe_key LIKE '%during the stop%'")
    assert (held.state, "token_expired" in held.error) == ("held", True)
    assert installation(rotating).gone_at is None, "an expired token is renewed, not given up"
    assert rotating.renewals.run() == 1
    posts.deliver(case)
    assert any("during the stop" in words for words in posts.said(case, sandbox))


def test_who_installs_anew_while_a_renewal_is_under_way_keeps_the_new_token(
    rotating: Site, world: World, sandbox: Sandbox
) -> None:
    age(rotating, "1 hour")
    sandbox.fault("oauth.v2.access", "slow:0.6", times=1)
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(rotating.renewals.run)
        until(lambda: installation(rotating).renewing_until is not None)
        assert rotating.install(world.program).status == 200
        installed = installation(rotating)
        renewing.result(10)
    assert installation(rotating).token == installed.token
    assert rotating.connections.of(world.program.id).call("auth.test")["ok"]
