"""Workspaces at the command line: invitations, what the doctor says of installations, who cannot be on the staff."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text

from app.installations import invitations, service
from app.kernel.clock import SystemClock
from app.programs.actor import Origin
from app.programs.models import Program
from app.programs.service import system
from app.sandbox import Sandbox, start
from app.settings import Settings
from app.slack.manifest import BOT_SCOPES, REDIRECT
from app.slack.oauth import OAuth
from app.store.sealing import Keyring
from app.store.uow import Store
from tests.cli.conftest import OFFICE, Run

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def sandbox(alone: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The local Slack, whose client the settings name; there is no token of the environment."""
    with start(unlimited=True) as running:
        status = running.status()
        monkeypatch.setenv("SLACK_API_URL", running.api_url)
        monkeypatch.setenv("SLACK_CLIENT_ID", str(status["client_id"]))
        monkeypatch.setenv("SLACK_CLIENT_SECRET", str(status["client_secret"]))
        monkeypatch.setenv("SLACK_SIGNING_SECRET", str(status["signing_secret"]))
        yield running


@pytest.fixture
def north(run: Run, sandbox: Sandbox) -> Run:
    """A practice that is in no workspace yet."""
    made = run("program", "create", "north", "--name", "North", "--unbound", *OFFICE)
    assert made.code == 0, made.err
    assert "caseboard slack invite north" in made.out
    return run


def install(engine: Engine, sandbox: Sandbox, lives: int = 0) -> None:
    """Somebody has followed an invitation, and allowed the app."""
    settings = Settings()
    sandbox.configure(token_lives=lives)
    assert settings.keys is not None
    keyring = Keyring.parse(settings.keys.get_secret_value())
    store, oauth = Store(engine, SystemClock()), OAuth.of(settings)
    assert oauth is not None
    code = sandbox.world.grants.allow(SITE + REDIRECT, BOT_SCOPES, "U1")
    with store.change() as uow:
        program = uow.session.execute(select(Program)).scalar_one()
        invited = invitations.invited(uow, invitations.invite(uow, system(program.id, Origin.CLI)))
        service.install(uow, invited, oauth.exchange(code), keyring)


def test_an_invitation_is_a_link_and_is_kept_as_a_digest(north: Run, engine: Engine) -> None:
    made = north("slack", "invite", "north")
    assert made.out.startswith(f"{SITE}/slack/install?invitation=")
    assert "Good once, until" in made.err
    secret = made.out.strip().partition("invitation=")[2]
    with engine.connect() as connection:
        held = str(connection.execute(text("SELECT i::text FROM slack_invitations i")).all())
    assert len(secret) >= 40
    assert secret not in held
    as_json = north("slack", "invite", "north", "--json").answer
    assert isinstance(as_json, dict)
    assert set(as_json) == {"program", "link", "good_until"}
    assert north("slack", "invite", "south").code == 1


def test_without_a_client_nobody_is_invited(north: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_CLIENT_ID")
    half = north("slack", "invite", "north")
    assert (half.code, "go together" in half.err) == (2, True)
    monkeypatch.delenv("SLACK_CLIENT_SECRET")
    refused = north("slack", "invite", "north")
    assert (refused.code, "Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET" in refused.err) == (1, True)


def test_a_client_needs_keys_and_an_address_that_slack_goes_back_to(
    north: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "https://slack.com/api/")
    assert "CASEBOARD_BASE_URL with https://" in north("slack", "invite", "north").err
    monkeypatch.delenv("CASEBOARD_KEYS")
    assert "needs CASEBOARD_KEYS" in north("slack", "invite", "north").err


def test_the_doctor_follows_an_installation_from_its_beginning_to_its_end(
    north: Run, engine: Engine, sandbox: Sandbox
) -> None:
    assert "FIX   Slack: the app is in no workspace yet" in north("doctor").out
    install(engine, sandbox, lives=43200)
    well = north("doctor").out
    assert f"ok    Slack of north: in the workspace {sandbox.status()['team']}" in well
    assert "ok    Slack token of north: good until" in well
    assert "ok    Slack inbound: signed HTTP" in well
    do(engine, "UPDATE slack_installations SET expires_at = clock_timestamp() + interval '1 hour'")
    assert "should have been renewed by now" in north("doctor").out
    do(engine, "UPDATE slack_installations SET renewing_until = expires_at")
    assert "Install the app again before that: caseboard slack invite north" in north("doctor").out
    do(engine, "UPDATE slack_installations SET scopes = ARRAY['chat:write']")
    assert "FIX   Slack scopes of north: missing: app_mentions:read" in north("doctor").out
    sandbox.uninstall()
    removed = north("doctor")
    assert "FIX   Slack of north: The app was removed from the workspace (account_inactive)" in removed.out
    assert "xox" not in removed.out
    with engine.connect() as connection:
        gone = connection.execute(text("SELECT gone_at FROM slack_installations")).scalar_one()
    assert gone is None, "the doctor changes nothing"
    do(engine, "UPDATE slack_installations SET gone_at = now(), gone_why = 'token_revoked'")
    assert "The bot token was revoked (token_revoked); posts wait" in north("doctor").out


def test_the_doctor_says_which_key_a_token_needs(
    north: Run, engine: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(engine, sandbox)
    monkeypatch.setenv("CASEBOARD_KEYS", Keyring.new_key("k9"))
    found = north("doctor").out
    assert "FIX   Slack of north: the token cannot be opened" in found
    assert "add it to CASEBOARD_KEYS" in found


def test_who_cannot_work_in_the_workspace_is_not_added(north: Run, engine: Engine, sandbox: Sandbox) -> None:
    install(engine, sandbox)
    people = {
        "a guest of the workspace": sandbox.person("gil", guest="single").id,
        "of another workspace": sandbox.person("sven", team="T0THEIRS001").id,
        "deactivated in Slack": sandbox.person("dora", deactivated=True).id,
        "not in the workspace": "U0NOBODY1",
        "a bot": str(sandbox.status()["bot_user"]),
    }
    for why, user in people.items():
        refused = north("staff", "add", "Zoe", "--slack", user, "--role", "va")
        assert (refused.code, f"is {why} and cannot work here. Nothing changed." in refused.err) == (1, True), why
    assert "Nobody yet" in north("staff", "list").out
    assert north("staff", "add", "Ana", "--slack", sandbox.person("ana").id, "--role", "va").code == 0


def test_a_guest_is_switched_on_again_once_slack_says_that_they_are_none(
    north: Run, engine: Engine, sandbox: Sandbox
) -> None:
    install(engine, sandbox)
    ana = sandbox.person("ana")
    assert north("staff", "add", "Ana", "--slack", ana.id, "--role", "va").code == 0
    ana.change(guest="multi")
    assert "Ana: a guest of the workspace" in north("doctor").out, "nobody has told the practice yet"
    do(engine, "UPDATE staff SET active = false, guest = true")
    assert "a guest of the workspace and cannot work here" in north("staff", "activate", "Ana").err
    ana.change(guest="")
    assert north("staff", "activate", "Ana").code == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT active, guest FROM staff")).one() == (True, False)


def test_where_slack_cannot_be_asked_people_are_added_and_that_is_said(
    north: Run, engine: Engine, sandbox: Sandbox
) -> None:
    install(engine, sandbox)
    do(engine, "UPDATE slack_installations SET gone_at = now(), gone_why = 'token_revoked'")
    added = north("staff", "add", "Ana", "--slack", "U0ANA", "--role", "va")
    assert added.code == 0
    assert "Slack was not asked about Ana" in added.err
    do(engine, "UPDATE staff SET active = false, guest = true")
    still = north("staff", "activate", "Ana")
    assert (still.code, "Slack says that this account is a guest's" in still.err) == (1, True)


def do(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
