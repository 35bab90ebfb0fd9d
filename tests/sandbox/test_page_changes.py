"""What a page is told of what changed: that alone, and nothing that is not for its person."""

import json
from typing import cast

import pytest
from slack_sdk import WebClient

from app.sandbox import Person, Sandbox
from app.sandbox.jsontypes import JsonObject, as_object, as_text
from app.sandbox.page import changes
from tests.sandbox.test_page import get
from tests.sandbox.test_views import FORM


class Shown:
    """A page that a person has open: drawn once, then told of changes."""

    def __init__(self, sandbox: Sandbox, person: Person, channel: str, thread: str = "") -> None:
        self._sandbox = sandbox
        self._query = f"as={person.id}&channel={channel}&thread={thread}"
        self.parts = self._get(f"/page/parts?{self._query}")
        self.rev = as_text(self.parts["rev"])

    def _get(self, path: str) -> JsonObject:
        return cast("JsonObject", json.loads(get(self._sandbox, path)[1]))

    def look(self, **more: object) -> JsonObject:
        """What changed since the last look."""
        extra = "".join(f"&{name}={value}" for name, value in more.items())
        told = self._get(f"/page/changes?{self._query}&rev={self.rev}{extra}")
        self.rev = as_text(told.get("rev"), self.rev)
        return told

    def rows(self) -> list[str]:
        """The rows that changed, as HTML; an empty one is gone."""
        return [markup for _, markup in cast("list[tuple[int, str]]", self.look()["rows"])]


def test_only_what_changed_is_sent(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    stamps = [web.chat_postMessage(channel=case, text=f"number {number}.")["ts"] for number in range(5)]
    page = Shown(sandbox, ana, case)
    assert page.look() == {"rev": page.rev, "entries": {}, "rows": [], "archived": False}

    web.chat_update(channel=case, ts=stamps[2], text="changed")
    web.chat_postMessage(channel=case, text="added")
    changed, added = page.rows()
    assert "changed" in changed
    assert "added" in added
    assert page.rows() == []

    web.conversations_setTopic(channel=case, topic="a topic")
    told = page.look()
    assert "a topic" in as_text(told["head"])
    assert "sidebar" not in told


def test_a_deleted_message_leaves_its_day_to_the_next(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    first = web.chat_postMessage(channel=case, text="first")["ts"]
    web.chat_postMessage(channel=case, text="second")
    page = Shown(sandbox, ana, case)
    assert "message grouped" in as_text(page.parts["main"])

    web.chat_delete(channel=case, ts=first)
    gone, second = page.rows()
    assert gone == ""
    assert "second" in second
    assert "grouped" not in second


def test_a_reply_changes_the_thread_and_its_root(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    root = as_text(web.chat_postMessage(channel=case, text="root")["ts"])
    page = Shown(sandbox, ana, case, root)
    reply = web.chat_postMessage(channel=case, text="a reply", thread_ts=root)["ts"]

    told = page.look()
    by_key = dict(cast("list[tuple[int, str]]", told["rows"]))
    assert "1 reply" in by_key[int(root.replace(".", ""))]
    assert by_key[int(reply.replace(".", ""))] == ""  # not in the channel itself
    assert "a reply" in str(told["replies"])

    web.chat_delete(channel=case, ts=reply)
    root_again = dict(cast("list[tuple[int, str]]", page.look()["rows"]))[int(root.replace(".", ""))]
    assert "1 reply" not in root_again


def test_what_is_for_others_is_not_told(sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str) -> None:
    hall = sandbox.channel("hall", creator="ana", members=["ben"])
    page = Shown(sandbox, ben, hall)
    web.conversations_join(channel=hall)
    page.look()
    web.chat_postMessage(channel=case, text="a secret")
    web.chat_postEphemeral(channel=hall, user=ana.id, text="only for Ana")
    told = page.look()
    assert told["entries"] == {}
    assert "secret" not in str(told)
    assert "only for Ana" not in str(told)

    hidden = Shown(sandbox, ben, case)  # shows another channel instead
    assert hidden.look() == {"full": True}


@pytest.mark.parametrize("rev", ["", "0", "OTHERRUN.3", "x.y", "..", "%00"])
def test_a_page_of_another_run_is_drawn_anew(sandbox: Sandbox, ana: Person, case: str, rev: str) -> None:
    page = Shown(sandbox, ana, case)
    page.rev = rev
    assert page.look() == {"full": True}


def test_who_is_far_behind_or_meets_new_people_draws_anew(
    sandbox: Sandbox, ana: Person, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Shown(sandbox, ana, case)
    sandbox.person("zoe")
    assert page.look() == {"full": True}

    monkeypatch.setattr(changes, "KEPT", 3)
    page = Shown(sandbox, ana, case)
    for number in range(4):
        ana.post(case, f"number {number}")
    assert page.look() == {"full": True}


def test_unread_marks_go_when_the_channel_is_looked_at(sandbox: Sandbox, ana: Person, ben: Person, case: str) -> None:
    hall = sandbox.channel("hall", creator="ana", members=["ben"])
    page = Shown(sandbox, ana, case)
    for number in range(120):
        ben.post(hall, f"number {number}")
    assert "99+" in as_text(as_object(page.look()["entries"])[hall])

    lines = len(sandbox.ledger())
    sandbox.ask("channel.read", user="ana", channel=hall)
    assert "unread" not in as_text(as_object(page.look()["entries"])[hall])
    assert len(sandbox.ledger()) == lines  # who has read what is no part of the ledger


def test_a_modal_comes_with_the_changes_when_it_is_another(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str
) -> None:
    page = Shown(sandbox, ana, case)
    view = web.views_open(trigger_id=sandbox.world.triggers.issue(ana.id).id, view=FORM)["view"]
    told = page.look()
    assert "<form" in as_text(told["modal"])
    seal = as_text(told["modal_seal"])
    assert "modal" not in page.look(modal=seal)
    ana.submit(view["id"], {"kind": "fax"})
    assert "Please complete" in as_text(page.look(modal=seal)["modal"])
