"""People who act on what they read: as tests of an app are written."""

from collections.abc import Iterator

import pytest
from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from app.sandbox import NotSeenError, Person, RefusedError, Sandbox
from app.sandbox.jsontypes import JsonObject
from tests.sandbox.apps import bolt, over_socket


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def option(text: str) -> JsonObject:
    return {"text": plain(text), "value": text.lower().replace(" ", "_")}


def button(text: str, value: str) -> JsonObject:
    return {"type": "button", "action_id": "press", "text": plain(text), "value": value}


def field(label: str, element: JsonObject) -> JsonObject:
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element, "optional": True}


KINDS = [option("By phone"), option("By fax")]
FORM: JsonObject = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Hand off"),
    "submit": plain("Send"),
    "blocks": [
        field("Note", {"type": "plain_text_input", "action_id": "note"}),
        field("Kind", {"type": "static_select", "action_id": "kind", "options": KINDS}),
        {"type": "actions", "elements": [button("Look up", "look")]},
    ],
}


def card(*names: str) -> list[JsonObject]:
    blocks: list[JsonObject] = []
    for name in names:
        text = {"type": "mrkdwn", "text": f"<@U0SANDBOT01> has {name} &amp; more"}
        blocks.append({"type": "section", "text": text, "accessory": button(f"Claim {name}", name)})
    menu: JsonObject = {"type": "overflow", "action_id": "menu", "options": [option("Decline"), option("Later")]}
    return [*blocks, {"type": "actions", "elements": [menu]}]


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[None]:
    """An app whose commands, buttons, forms and home tab answer."""
    made, client = bolt(sandbox)

    @made.command("/cb")
    def cb(ack: Ack, command: dict[str, str]) -> None:
        if command["text"] == "form":
            ack()
            client.views_open(trigger_id=command["trigger_id"], view=FORM)
        else:
            ack(text="for screen readers", blocks=card(*command["text"].split()))

    @made.action("press")
    def press(ack: Ack, action: dict[str, str], body: dict[str, object]) -> None:
        ack()
        if "channel" in body:
            client.chat_postMessage(channel=body["channel"]["id"], text=f"pressed {action['value']}")  # type: ignore[index]
        else:
            client.chat_postMessage(channel=body["user"]["id"], text=f"pressed {action['value']} in a view")  # type: ignore[index]

    @made.action("menu")
    def menu(ack: Ack, action: JsonObject, respond: Respond) -> None:
        ack()
        respond(f"chose {action['selected_option']['value']}")  # type: ignore[index]

    @made.view("form")
    def form(ack: Ack, view: JsonObject, body: JsonObject) -> None:
        values: JsonObject = view["state"]["values"]  # type: ignore[index]
        note = values["note"]["note"]["value"]  # type: ignore[index]
        if not note:
            ack(response_action="errors", errors={"note": "Say a word."})
            return
        ack()
        chosen = values["kind"]["kind"]["selected_option"]  # type: ignore[index]
        client.chat_postMessage(channel=body["user"]["id"], text=f"got {note}, {chosen and chosen['value']}")  # type: ignore[index]

    @made.event("app_home_opened")
    def home(event: dict[str, str]) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": card("AU1")})

    sandbox.configure(events=["app_home_opened"])
    with over_socket(sandbox, made):
        yield


def test_a_person_reads_and_presses(sandbox: Sandbox, app: None, ana: Person, case: str) -> None:
    desk = sandbox.as_(ana, in_=case)

    desk.command("/cb AU1 AU2")
    assert desk.see("has AU1 & more") == desk.sees()[-1]
    assert "@Caseboard has AU2 & more" in desk.sees()[-1]
    assert "for screen readers" not in desk.sees()[-1]
    desk.click("Claim AU2")
    desk.see("pressed AU2")
    assert desk.choose("Later").text == "chose later"


def test_forms_are_filled_by_label(sandbox: Sandbox, app: None, ana: Person, case: str) -> None:
    desk = sandbox.as_(ana, in_=case)
    desk.command("/cb form")

    desk.see("Hand off")
    assert desk.submit({"Kind": "By fax"}).errors == {"note": "Say a word."}
    desk.see("Say a word.")
    with pytest.raises(RefusedError, match=r"no input 'Colour' here. There are: Note, Kind"):
        desk.submit({"Colour": "red"})
    with pytest.raises(RefusedError, match="no option 'By mule'"):
        desk.submit({"Kind": "By mule"})
    desk.click("Look up")
    assert desk.submit({"Note": "called", "Kind": "By fax"}).ok
    desk.see("got called, by_fax", in_=ana.dm())
    desk.see("pressed look in a view", in_=ana.dm())


def test_the_home_tab_is_a_place_too(sandbox: Sandbox, app: None, ana: Person) -> None:
    home = sandbox.as_("ana").at_home()

    home.see("has AU1")
    home.click("Claim AU1")
    home.see("pressed AU1 in a view", in_=ana.dm())


def test_who_does_not_see_something_sees_something_else(
    sandbox: Sandbox, app: None, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    web.chat_postMessage(channel=case, text="hello")
    sandbox.as_(ana, in_=case).command("/cb AU1")
    ben.join(case)

    with pytest.raises(NotSeenError, match=r"ben does not see 'has AU1' after 0.05 s, but:[\s\S]*hello"):
        sandbox.as_(ben, in_=case, within=0.05).see("has AU1")  # it was for Ana alone
    with pytest.raises(NotSeenError, match=r"ana finds no 'Claim AU9' to press. There is: Claim AU1"):
        sandbox.as_(ana, in_=case, within=0.05).click("Claim AU9")
    with pytest.raises(RefusedError, match="Say where ana acts"):
        sandbox.as_(ana).command("/cb AU1")


def test_a_command_that_fails_is_said(sandbox: Sandbox, ana: Person, ben: Person, case: str) -> None:
    with pytest.raises(RefusedError, match="typed '/cb x' and got the error dispatch_failed"):
        sandbox.as_(ana, in_=case).command("/cb x")
    with pytest.raises(RefusedError, match="ben is not in the private channel case-k7q4"):
        sandbox.as_(ben, in_=case).sees()


def test_threads_are_read_under_their_root(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    root = web.chat_postMessage(channel=case, text="root")["ts"]
    web.chat_postMessage(channel=case, text="reply", thread_ts=root)
    web.chat_postMessage(channel=case, text="aloud", thread_ts=root, reply_broadcast=True)

    assert sandbox.as_(ana, in_=case).sees()[-3:] == ["root", "reply", "aloud"]
