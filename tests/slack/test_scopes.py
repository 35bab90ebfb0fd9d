"""The app at work with the scopes of its manifest and no others, from a command to an archived channel."""

import json
from collections.abc import Collection

import pytest

from app.notices.delivery import PostOffice
from app.sandbox import Sandbox
from app.settings import ROOT
from app.slack.manifest import BOT_SCOPES, manifest
from tests.notices.conftest import QUICK
from tests.slack.office import Office, until
from tests.slack.test_home import home_of

KNOWN = json.loads((ROOT / "app" / "sandbox" / "data" / "methods.json").read_text())["methods"]


def deliver(office: Office) -> None:
    """Post everything that waits."""
    post_office = PostOffice(office.world.store, office.connections, QUICK, home="http://x")
    waiting = "SELECT DISTINCT channel_id AS id FROM notices WHERE state NOT IN ('delivered', 'dead')"

    def over() -> bool:
        rows = office.rows(waiting)
        for row in rows:
            post_office.deliver(row.id)
        return not rows

    until(over)


def a_day(office: Office) -> None:
    """Everything that calls another method of Slack: channel, card, pin, threads, forms, home, files, archive."""
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    office.say("lea", "/cb open now")
    office.sandbox.fault("chat.postMessage", "reset_after", times=1)  # so that a post is looked for
    deliver(office)
    office.people["bo"].post(office.desk, "hello")
    bo = office.screen_of("bo")
    bo.choose("Packet")
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo watch for the fax")
    home_of(office, "bo")
    office.sandbox.fault("chat.postMessage", "reset_after", times=1)
    deliver(office)
    office.say("ana", "/cb decline 1")
    office.say("bo", "/cb wait 1")
    office.people["ana"].shortcut("open_case")
    office.modal("ana")
    lea = office.sandbox.as_(office.people["lea"], in_=office.channel)
    lea.command("/sla last 3 days")
    lea.click("Send picture and rows")
    lea.see("by direct message")
    deliver(office)
    office.say("lea", "/cb close moved to another centre")
    deliver(office)


def called(sandbox: Sandbox) -> set[str]:
    return {str(line["method"]) for line in sandbox.ledger(kind="call")}


def refused_for_scopes(sandbox: Sandbox) -> list[str]:
    return [str(line["method"]) for line in sandbox.ledger(kind="call") if "missing_scope" in str(line)]


def test_the_app_runs_with_the_scopes_of_its_manifest_and_needs_them(office: Office) -> None:
    a_day(office)
    assert refused_for_scopes(office.sandbox) == []
    assert {row.state for row in office.rows("SELECT state FROM notices")} == {"delivered"}
    methods = called(office.sandbox)
    assert {"conversations.create", "conversations.archive", "pins.add", "files.completeUploadExternal"} <= methods
    used = {scope for method in methods & set(KNOWN) for scope in KNOWN[method]["scopes"]}
    heard = {"app_mentions:read", "commands", "groups:read", "users:read"}  # what is sent to the app needs these
    assert set(BOT_SCOPES) <= used | heard


def without(scope: str) -> Collection[str]:
    return [name for name in BOT_SCOPES if name != scope]


@pytest.mark.parametrize("scope", ["chat:write", "groups:write", "pins:write"])
def test_without_one_of_them_something_is_refused(office: Office, scope: str) -> None:
    office.sandbox.configure(scopes=without(scope))
    office.say("lea", "/cb open now")
    post_office = PostOffice(office.world.store, office.connections, QUICK, home="http://x")
    for row in office.rows("SELECT DISTINCT channel_id AS id FROM notices"):
        post_office.deliver(row.id)
    assert refused_for_scopes(office.sandbox)
