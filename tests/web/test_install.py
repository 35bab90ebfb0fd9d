"""Installing the app by an invitation: once, from one browser, into the program's own workspace, with sealed tokens."""

import http.client
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, text

from app.audit.service import verify
from app.installations.invitations import ERRAND_LIVES, LINK_LIVES
from app.kernel.clock import FixedClock
from app.programs.models import Program
from app.programs.service import create_program
from app.sandbox import Sandbox, start
from app.sandbox.model import Team
from app.slack.connections import Connections
from app.slack.manifest import BOT_SCOPES
from app.store.sealing import CannotOpen, Keyring, Place
from app.store.uow import Store
from tests.web.site import Site, Surfer, free_port, site_of
from tests.world import OFFICE, TEAM, World

NOT_GOOD = "has been used, has expired, or is not whole"
NOT_OURS = "begun in this browser within the last 10 minutes"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The practice's own workspace."""
    team = Team(id=TEAM, name="North <Clinic>")
    with start(unlimited=True, team=team, settings={"scopes": [], "retry_delays": []}) as running:
        running.person("ada", is_admin=True)
        yield running


@pytest.fixture
def site(sandbox: Sandbox, world: World, engine: Engine) -> Iterator[Site]:
    with site_of(sandbox, world.store, engine) as running:
        yield running


@pytest.fixture
def other(world: World) -> Program:
    """Another practice, which has no workspace yet."""
    with world.store.change() as uow:
        return create_program(uow, slug="south", name="South & Sons", zone="UTC", calendar={"hours": OFFICE})


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM slack_installations")).scalar_one())


def test_an_invitation_connects_a_practice_to_its_workspace(site: Site, world: World, sandbox: Sandbox) -> None:
    surfer = Surfer()
    shown = surfer.get(site.invitation(world.program))
    assert (shown.status, "Slack workspace of Practice" in shown.text) == (200, True)
    asked = surfer.press("Go to Slack")
    assert asked.at.startswith(f"{sandbox.base_url}/oauth/v2/authorize?")
    assert parse_qs(urlsplit(asked.at).query)["scope"] == [",".join(BOT_SCOPES)]
    done = surfer.press("Allow")
    assert done.status == 200
    assert "Connected Practice now works in the Slack workspace North <Clinic>" in done.text
    assert surfer.cookies == {}
    port = site.connections.of(world.program.id)
    assert port.call("auth.test")["team_id"] == TEAM
    kept = site.row("SELECT app_id, bot_user_id, scopes, installed_by, refresh, gone_at FROM slack_installations")
    status = sandbox.status()
    assert kept == (status["app_id"], status["bot_user"], BOT_SCOPES, sandbox.people()[0].id, None, None)
    with site.store.read() as uow:
        assert verify(uow.session, world.program.id).breaks == []


def test_a_practice_without_a_workspace_is_bound_to_it(site: Site, other: Program) -> None:
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE programs SET slack_team_id = NULL"))
    assert "South & Sons now works in" in site.install(other).text
    assert site.row("SELECT slack_team_id FROM programs WHERE slug = 'south'") == (TEAM,)
    assert site.connections.of_team(TEAM).call("auth.test")["ok"]


def test_the_tokens_are_sealed_each_in_its_own_place(site: Site, world: World, engine: Engine) -> None:
    site.install(world.program)
    with engine.connect() as connection:
        token = connection.execute(text("SELECT token FROM slack_installations")).scalar_one()
        dump = str(connection.execute(text("SELECT * FROM slack_installations")).one())
    assert b"xoxb" not in token
    assert "xoxb" not in dump
    keyring = site.store.keys()
    assert keyring is not None
    for place in (Place("slack_installations", "token", 99), Place("slack_installations", "refresh", world.program.id)):
        with pytest.raises(CannotOpen):
            keyring.open(token, place)
    stranger = Store(engine, site.store.clock, keys=lambda: Keyring.parse(Keyring.new_key("k1")))
    with pytest.raises(Exception, match="does not open"):
        Connections.make(site.settings, stranger).of(world.program.id)


def test_looking_at_a_link_uses_nothing_up_and_installing_does(site: Site, world: World) -> None:
    link = site.invitation(world.program)
    for _ in range(3):
        assert Surfer().get(link).status == 200
    surfer = Surfer()
    surfer.get(link)
    surfer.press("Go to Slack")
    assert "Connected" in surfer.press("Allow").text
    again = Surfer().get(link)
    assert (again.status, NOT_GOOD in again.text) == (403, True)


def test_of_two_who_use_one_link_at_the_same_moment_one_is_told_that_it_is_used(site: Site, world: World) -> None:
    link = site.invitation(world.program)
    surfers = [Surfer(), Surfer()]
    for surfer in surfers:
        surfer.get(link)
        surfer.press("Go to Slack")
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda surfer: surfer.press("Allow"), surfers))
    assert sorted(page.status for page in pages) == [200, 403]


@pytest.mark.parametrize("secret", ["", "x", "' OR 1=1", "a" * 3000])
def test_what_is_no_invitation_leads_nowhere(site: Site, secret: str) -> None:
    found = Surfer().get(f"{site.settings.base_url}/slack/install?" + "invitation=" + secret.replace(" ", "%20"))
    assert (found.status, NOT_GOOD in found.text) == (403, True)
    assert "<form" not in found.html


def test_an_invitation_and_an_errand_expire(site: Site, world: World, clock: FixedClock) -> None:
    surfer, link = Surfer(), site.invitation(world.program)
    surfer.get(link)
    surfer.press("Go to Slack")
    clock.advance(ERRAND_LIVES)
    late = surfer.press("Allow")
    assert (late.status, NOT_OURS in late.text) == (403, True)
    surfer.get(link)
    clock.advance(LINK_LIVES - ERRAND_LIVES)
    assert NOT_GOOD in surfer.press("Go to Slack").text
    assert count(site.engine) == 0


def test_an_answer_is_good_once_and_in_the_browser_that_was_sent(site: Site, world: World, sandbox: Sandbox) -> None:
    surfer, link = Surfer(), site.invitation(world.program)
    surfer.get(link)
    state = parse_qs(urlsplit(surfer.press("Go to Slack").at).query)["state"][0]
    back = f"{site.settings.base_url}/slack/oauth_redirect"
    code = sandbox.world.grants.allow(back, BOT_SCOPES, "U1")
    answer = f"{back}?code={code}&state={state}"
    for thief in (Surfer(), Surfer({(urlsplit(back).netloc, "caseboard_install"): "another"})):
        stolen = thief.get(answer)
        assert (stolen.status, NOT_OURS in stolen.text) == (403, True)
    for wrong in (f"{back}?code={code}", f"{back}?code={code}&state=x", back):
        assert surfer_like(surfer).get(wrong).status == 403
    assert code in sandbox.world.grants.codes, "Slack was not asked"
    mine = surfer_like(surfer)
    assert "Connected" in surfer.get(answer).text
    assert NOT_OURS in mine.get(answer).text, "not twice, with the same cookie"


def test_who_cancels_in_slack_may_try_again(site: Site, world: World) -> None:
    surfer, link = Surfer(), site.invitation(world.program)
    surfer.get(link)
    surfer.press("Go to Slack")
    cancelled = surfer.press("Cancel")
    assert (cancelled.status, "link is still good" in cancelled.text) == (200, True)
    surfer.get(link)
    surfer.press("Go to Slack")
    assert "Connected" in surfer.press("Allow").text


def test_another_workspace_than_the_practice_s_is_refused(site: Site, world: World, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE programs SET slack_team_id = 'T0OTHER'"))
    refused = site.install(world.program)
    assert refused.status == 409
    assert "Practice works in another workspace than “North <Clinic>”" in refused.text
    assert "<Clinic>" not in refused.html
    assert site.row("SELECT slack_team_id FROM programs") == ("T0OTHER",)
    assert count(engine) == 0


def test_a_workspace_of_another_practice_is_refused_and_that_is_not_named(
    site: Site, world: World, other: Program
) -> None:
    site.install(world.program)
    link, surfer = site.invitation(other), Surfer()
    surfer.get(link)
    surfer.press("Go to Slack")
    refused = surfer.press("Allow")
    assert (refused.status, "belongs to another practice here" in refused.text) == (409, True)
    assert "leave the app there as it is" in refused.text
    assert "remove it there" not in refused.text, "the other practice would be cut off"
    assert "Practice " not in refused.text.replace("South & Sons", "")
    assert count(site.engine) == 1
    assert Surfer().get(link).status == 200, "the invitation was not used up"
    assert site.connections.of(world.program.id).call("auth.test")["ok"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("error:invalid_code", "invalid_code"),
        ("http:503", "does not say whether it was done"),
        ("reset", "the connection broke"),
    ],
)
def test_a_slack_that_does_not_answer_changes_nothing_and_says_what_to_do(
    site: Site, world: World, sandbox: Sandbox, fault: str, said: str
) -> None:
    sandbox.fault("oauth.v2.access", fault, times=1)
    failed = site.install(world.program)
    assert failed.status == 502
    assert said in failed.text
    assert "Nothing changed. Open your invitation's link and try again." in failed.text
    assert count(site.engine) == 0


def test_no_secret_is_in_logs_pages_or_the_database(
    site: Site, world: World, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        link = site.invitation(world.program)
        surfer = Surfer()
        surfer.get(link)
        state = parse_qs(urlsplit(surfer.press("Go to Slack").at).query)["state"][0]
        browser = next(iter(surfer.cookies.values()))
        page = surfer.press("Allow")
    secrets = {link.partition("invitation=")[2], state, browser, "sandbox-client-secret"}
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("caseboard"))
    with site.engine.connect() as connection:
        tables = ("slack_invitations", "slack_errands", "slack_installations", "audit_entries")
        held = [str(connection.execute(text(f"SELECT array_agg(t::text) FROM {table} t")).scalar()) for table in tables]
    for secret in secrets:
        assert secret not in ours
        assert secret not in page.html
        assert not any(secret in rows for rows in held)
    for line in sandbox.ledger(kind="call"):
        assert "secret" not in str(line["request"]).partition("'body'")[0], "secrets go in the body"


def test_pages_can_be_read_on_a_phone_and_are_not_framed_kept_or_referred_from(site: Site, world: World) -> None:
    for link in (site.invitation(world.program), f"{site.settings.base_url}/slack/install"):
        shown = Surfer().get(link)
        assert '<meta name="viewport" content="width=device-width' in shown.html
        assert "<script" not in shown.html
        assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
        assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == ("no-referrer", "no-store")


def test_without_keys_that_can_be_read_slack_is_not_even_asked(site: Site, world: World, sandbox: Sandbox) -> None:
    surfer = Surfer()
    surfer.get(site.invitation(world.program))
    surfer.press("Go to Slack")
    keys = site.store.keys
    site.store.keys = lambda: None
    failed = surfer_like(surfer)
    failed.at = surfer.at
    assert "CASEBOARD_KEYS cannot be read" in failed.press("Allow").text
    assert not any(line["method"] == "oauth.v2.access" for line in sandbox.ledger(kind="call"))
    site.store.keys = keys
    assert "Connected" in surfer.press("Allow").text, "the errand was not used up"


def test_behind_a_path_of_a_proxy_everything_stays_below_it(world: World, sandbox: Sandbox, engine: Engine) -> None:
    """A proxy that gives a path of its host to Caseboard takes it off again: here is looked at what is written."""
    base = f"http://127.0.0.1:{free_port()}"
    with site_of(sandbox, world.store, engine, CASEBOARD_BASE_URL=f"{base}/board") as below:
        link = below.invitation(world.program)
        assert link.startswith(f"{base}/board/slack/install?")
        shown = Surfer().get(link.replace("/board", ""))
        assert 'action="/board/slack/install"' in shown.html


def test_the_cookie_is_for_this_errand_alone(site: Site, world: World) -> None:
    link = urlsplit(site.invitation(world.program))
    connection = http.client.HTTPConnection(link.netloc, timeout=10)
    connection.request("POST", "/slack/install", link.query, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    cookie = answer.getheader("set-cookie") or ""
    assert answer.status == 303
    for part in ("HttpOnly", "SameSite=lax", "Path=/slack", f"Max-Age={int(ERRAND_LIVES / timedelta(seconds=1))}"):
        assert part in cookie
    connection.close()


def test_without_a_client_there_is_nothing_to_install_from(world: World, sandbox: Sandbox, engine: Engine) -> None:
    with site_of(sandbox, world.store, engine, SLACK_CLIENT_ID=None, SLACK_CLIENT_SECRET=None) as bare:
        assert Surfer().get(bare.invitation(world.program)).status == 404


def surfer_like(surfer: Surfer) -> Surfer:
    """A browser with the same cookies."""
    return Surfer(dict(surfer.cookies))
