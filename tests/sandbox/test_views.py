"""Modals and home tabs through a real Bolt app: open, fill wrongly and rightly, push, update, close."""

import time
from collections.abc import Iterator

import pytest
from slack_bolt import Ack
from slack_sdk import WebClient

from app.sandbox import Person, RefusedError, Sandbox
from app.sandbox.jsontypes import JsonObject, as_objects
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.test_channels import refused


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def option(value: str) -> JsonObject:
    return {"text": plain(value.title()), "value": value}


def modal(*blocks: JsonObject, **more: object) -> JsonObject:
    return {"type": "modal", "title": plain("Form"), "submit": plain("Send"), "blocks": list(blocks), **more}


def field(name: str, element: JsonObject, *, optional: bool = False) -> JsonObject:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "element": element | {"action_id": f"{name}_in"},
        "optional": optional,
    }


FORM = modal(
    field("note", {"type": "plain_text_input"}),
    field("kind", {"type": "static_select", "options": [option("phone"), option("fax")]}),
    field("day", {"type": "datepicker", "initial_date": "2026-11-02"}),
    field("at", {"type": "timepicker"}, optional=True),
    field("who", {"type": "users_select"}, optional=True),
    field("way", {"type": "radio_buttons", "options": [option("a"), option("b")]}, optional=True),
    field("also", {"type": "checkboxes", "options": [option("x"), option("y")]}, optional=True),
    callback_id="form",
    private_metadata="case=K7Q4",
    notify_on_close=True,
)


class Heard:
    """What the app got."""

    def __init__(self) -> None:
        self.submitted: list[JsonObject] = []
        self.closed: list[JsonObject] = []
        self.actions: list[JsonObject] = []
        self.triggers: list[str] = []


@pytest.fixture
def heard(sandbox: Sandbox) -> Iterator[Heard]:
    """An app whose command opens the form and whose submission depends on the note."""
    sandbox.configure(events=["app_home_opened"])
    app, client = bolt(sandbox)
    kept = Heard()

    @app.command("/form")
    def form(ack: Ack, command: dict[str, str]) -> None:
        ack()
        kept.triggers.append(command["trigger_id"])
        client.views_open(trigger_id=command["trigger_id"], view=FORM)

    @app.view("form")
    def submitted(ack: Ack, view: JsonObject) -> None:
        kept.submitted.append(view)
        match view["state"]["values"]["note"]["note_in"]["value"]:  # type: ignore[index]
            case "wrong":
                ack(response_action="errors", errors={"note": "Say more than that."})
            case "again":
                ack(response_action="update", view=modal({"type": "divider"}, callback_id="second"))
            case "deeper":
                ack(response_action="push", view=modal({"type": "divider"}, callback_id="second"))
            case "bad view":
                ack(response_action="update", view={"type": "modal", "blocks": []})
            case _:
                ack()

    @app.view("second")
    def second(ack: Ack) -> None:
        ack(response_action="clear")

    @app.view_closed("form")
    def closed(ack: Ack, view: JsonObject) -> None:
        ack()
        kept.closed.append(view)

    @app.action("press")
    def press(ack: Ack, body: JsonObject) -> None:
        ack()
        kept.actions.append(body)

    @app.shortcut("quick")
    def quick(ack: Ack, shortcut: dict[str, str]) -> None:
        ack()
        client.views_open(trigger_id=shortcut["trigger_id"], view=FORM)

    @app.event("app_home_opened")
    def home(event: dict[str, str]) -> None:
        button = {"type": "button", "action_id": "press", "value": "1", "text": plain("Press")}
        blocks = [{"type": "actions", "elements": [button]}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    with over_socket(sandbox, app):
        yield kept


def opened(sandbox: Sandbox, ana: Person, case: str) -> str:
    [id_] = ana.command("/form", case).views
    return id_


def test_a_form_is_filled_and_sent(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    id_ = opened(sandbox, ana, case)
    values = {"note_in": "called", "kind": "fax", "at_in": "09:30", "who": ana.id, "way": "b", "also_in": ["x", "y"]}

    assert ana.submit(id_, values).ok
    assert ana.views() == []
    [view] = heard.submitted
    assert view["private_metadata"] == "case=K7Q4"
    state = view["state"]["values"]  # type: ignore[index]
    assert state["note"]["note_in"] == {"type": "plain_text_input", "value": "called"}
    assert state["kind"]["kind_in"]["selected_option"] == {"text": plain("Fax"), "value": "fax"}
    assert state["day"]["day_in"] == {"type": "datepicker", "selected_date": "2026-11-02"}
    assert state["at"]["at_in"]["selected_time"] == "09:30"
    assert state["who"]["who_in"]["selected_user"] == ana.id
    assert state["way"]["way_in"]["selected_option"]["value"] == "b"
    assert [one["value"] for one in state["also"]["also_in"]["selected_options"]] == ["x", "y"]


def test_slack_itself_stops_what_lacks_a_required_answer(
    sandbox: Sandbox, heard: Heard, ana: Person, case: str
) -> None:
    reply = ana.submit(opened(sandbox, ana, case), {"kind": "fax"})

    assert (reply.ok, reply.errors) == (False, {"note": "Please complete this required field."})
    assert heard.submitted == []
    with pytest.raises(RefusedError, match="no option 'letter' here; there are: phone, fax"):
        ana.submit(str(ana.views()[0]["id"]), {"kind": "letter"})
    with pytest.raises(RefusedError, match="no input named colour"):
        ana.submit(str(ana.views()[0]["id"]), {"colour": "red"})


def test_the_app_s_errors_are_shown_until_it_is_right(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    id_ = opened(sandbox, ana, case)

    wrong = ana.submit(id_, {"note": "wrong", "kind": "fax"})
    assert wrong.errors == {"note": "Say more than that."}
    assert ana.views()[0]["errors"] == {"note": "Say more than that."}
    assert ana.submit(id_, {"note": "right", "kind": "fax"}).ok
    assert ana.views() == []


def test_views_are_updated_pushed_and_cleared(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    id_ = opened(sandbox, ana, case)
    ana.submit(id_, {"note": "again", "kind": "fax"})
    assert [(view["id"], view["callback_id"]) for view in ana.views()] == [(id_, "second")]
    assert ana.submit(id_).ok
    assert ana.views() == []

    id_ = opened(sandbox, ana, case)
    ana.submit(id_, {"note": "deeper", "kind": "fax"})
    below, above = ana.views()
    assert (above["previous_view_id"], above["root_view_id"]) == (below["id"], below["id"])
    ana.submit(str(above["id"]))
    assert ana.views() == []


def test_a_view_that_slack_would_refuse_is_trouble(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    reply = ana.submit(opened(sandbox, ana, case), {"note": "bad view", "kind": "fax"})

    assert "trouble" in reply.errors[""]
    assert "/view/title" in reply.errors[""]


def test_closing_is_told_when_asked_for(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    ana.close_view(opened(sandbox, ana, case))

    assert ana.views() == []
    assert heard.closed[0]["private_metadata"] == "case=K7Q4"


def test_shortcuts_open_views(sandbox: Sandbox, heard: Heard, ana: Person) -> None:
    [id_] = ana.shortcut("quick").views

    assert ana.views()[0]["id"] == id_


def test_what_was_chosen_just_now_is_in_the_state_too(
    sandbox: Sandbox, heard: Heard, ana: Person, web: WebClient
) -> None:
    [id_] = ana.shortcut("quick").views
    press: JsonObject = {"type": "static_select", "options": [option("phone"), option("fax")], "action_id": "press"}
    asks = field("kind", press) | {"element": press, "dispatch_action": True}
    web.views_update(view_id=id_, view=modal(asks, callback_id="form"))
    assert ana.click_view(id_, "press", "fax").ok
    [told] = heard.actions
    state = told["view"]["state"]["values"]  # type: ignore[index]
    assert state["kind"]["press"]["selected_option"]["value"] == "fax"


def test_the_home_tab(sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, ben: Person) -> None:
    ana.open_home()
    sandbox.wait(lambda: ana.home() is not None, message="no home tab was published")
    home = ana.home()
    assert home is not None
    assert ben.home() is None

    assert ana.click_view(str(home["id"]), "press").ok
    [body] = heard.actions
    assert body["container"] == {"type": "view", "view_id": home["id"]}
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    conflict = refused(lambda: web.views_publish(user_id=ana.id, view=view, hash="1.old"))
    assert conflict == "hash_conflict"
    web.views_publish(user_id=ana.id, view=view, hash=str(home["hash"]))
    changed = ana.home()
    assert changed is not None
    assert [block["type"] for block in as_objects(changed["blocks"])] == ["divider"]


def test_triggers_serve_once_and_not_for_long(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str
) -> None:
    opened(sandbox, ana, case)
    again = refused(lambda: web.views_open(trigger_id=heard.triggers[0], view=FORM))
    assert again == "exchanged_trigger_id"
    assert refused(lambda: web.views_open(trigger_id="1.2.three", view=FORM)) == "invalid_trigger_id"
    sandbox.configure(trigger_seconds=0.02)
    late = sandbox.world.triggers.issue(ana.id).id
    deadline = time.monotonic() + 0.03
    sandbox.wait(lambda: time.monotonic() > deadline)
    assert refused(lambda: web.views_open(trigger_id=late, view=FORM)) == "expired_trigger_id"


def test_updates_need_the_hash_they_name(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str
) -> None:
    id_ = opened(sandbox, ana, case)
    first = str(ana.views()[0]["hash"])

    web.views_update(view_id=id_, hash=first, view=modal({"type": "divider"}))
    conflict = refused(lambda: web.views_update(view_id=id_, hash=first, view=modal({"type": "divider"})))
    assert conflict == "hash_conflict"
    assert refused(lambda: web.views_update(view_id="V0", view=FORM)) == "not_found"


def test_a_stack_has_three_views_at_most(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    triggers = sandbox.world.triggers

    web.views_open(trigger_id=triggers.issue(ana.id).id, view=FORM)
    for _ in range(2):
        web.views_push(trigger_id=triggers.issue(ana.id, from_modal=True).id, view=FORM)
    trigger = triggers.issue(ana.id, from_modal=True).id
    assert refused(lambda: web.views_push(trigger_id=trigger, view=FORM)) == "push_limit_reached"


@pytest.mark.parametrize(
    ("view", "where"),
    [
        ({"type": "modal", "blocks": []}, "/view/title"),
        ({"type": "modal", "title": plain("x" * 25), "blocks": []}, "/view/title/text"),
        ({"type": "modal", "title": plain("x"), "blocks": FORM["blocks"]}, "/view/submit"),
        ({"type": "modal", "title": plain("x"), "blocks": [{"type": "divider"}] * 101}, "/blocks"),
        ({"type": "modal", "title": plain("x"), "blocks": [], "private_metadata": "x" * 3001}, "private_metadata"),
        ({"type": "modal", "title": plain("x"), "blocks": [], "callback_id": "x" * 256}, "/view/callback_id"),
        ({"type": "modal", "title": plain("x"), "blocks": [], "external_id": "x" * 256}, "/view/external_id"),
        ({"type": "modal", "title": plain("x"), "blocks": [], "submit": plain("x" * 25)}, "/view/submit/text"),
        ({"type": "modal", "title": plain("x"), "blocks": [{"type": "header"}]}, "/view/blocks/0/text"),
        ({"type": "home", "blocks": []}, "/view/type"),
    ],
)
def test_views_that_slack_does_not_take(
    sandbox: Sandbox, web: WebClient, ana: Person, view: JsonObject, where: str
) -> None:
    trigger = sandbox.world.triggers.issue(ana.id).id
    answer = sandbox.ledger
    assert refused(lambda: web.views_open(trigger_id=trigger, view=view)) == "invalid_arguments"
    assert where in str(answer(kind="call")[-1]["answer"])
    assert ana.views() == []
