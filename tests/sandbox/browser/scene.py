"""A workspace with everything in it that a page can show, and an app behind it that answers."""

import base64
from dataclasses import dataclass, field

from slack_bolt import Ack, App
from slack_sdk import WebClient

from app.sandbox import Person, Sandbox
from app.sandbox.jsontypes import JsonObject, as_object, as_objects, as_text
from tests.sandbox.pictures import png
from tests.sandbox.test_views import field as input_of
from tests.sandbox.test_views import modal, option, plain

COMMANDS = [
    {"command": "/cb", "usage_hint": "claim 12 | help", "description": "Cases, tasks and deadlines"},
    {"command": "/claim", "usage_hint": "12", "description": "Take a task"},
    {"command": "/form", "description": "Open the form"},
]
SHORTCUTS = [
    {"name": "My tasks", "type": "global", "callback_id": "my_tasks", "description": "What is yours"},
    {"name": "Make a task of it", "type": "message", "callback_id": "make_task", "description": "A task from this"},
]


def md(text: str) -> JsonObject:
    return {"type": "mrkdwn", "text": text}


def button(action: str, text: str, **more: object) -> JsonObject:
    return {"type": "button", "action_id": action, "text": plain(text), **more}


def picture() -> str:
    """A red square as a data URL."""
    return "data:image/png;base64," + base64.b64encode(png()).decode()


DELETE = {
    "title": plain("Really delete it?"),
    "text": md("*Gone* is gone."),
    "confirm": plain("Delete it"),
    "deny": plain("Keep it"),
    "style": "danger",
}
FORM: JsonObject = modal(
    input_of("note", {"type": "plain_text_input"}),
    input_of("kind", {"type": "static_select", "options": [option("phone"), option("fax")]}),
    input_of("day", {"type": "datepicker", "initial_date": "2026-11-02"}),
    input_of("when", {"type": "datetimepicker"}, optional=True),
    input_of("way", {"type": "radio_buttons", "options": [option("a"), option("b")]}, optional=True),
    input_of("also", {"type": "checkboxes", "options": [option("x"), option("y")]}, optional=True),
    input_of("who", {"type": "multi_users_select"}, optional=True),
    {"type": "actions", "block_id": "more", "elements": [button("push", "Details…"), button("update", "More fields")]},
    callback_id="form",
)
DETAILS = modal({"type": "section", "text": md("Details of the form")}, callback_id="details")
CARD: list[JsonObject] = [
    {"type": "header", "text": plain("K7Q4: Distal femur")},
    {
        "type": "section",
        "text": md("Surgery <!date^1793977200^{date_short} at {time}|later>, with <@U0SB0000002>"),
        "accessory": {
            "type": "overflow",
            "action_id": "menu",
            "options": [option("history"), option("mute"), option("close")],
        },
    },
    {
        "type": "section",
        "fields": [md("*Phase*\nPlanning"), md("*Late*\n2 tasks"), md("*Next*\nPacket"), md("*By*\nAna")],
    },
    {"type": "divider"},
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            button("claim", "Claim", style="primary", value="12"),
            button("remove", "Delete", style="danger", confirm=DELETE),
            {"type": "static_select", "action_id": "to", "placeholder": plain("Hand to"), "options": [option("ben")]},
            {"type": "datepicker", "action_id": "due", "initial_date": "2026-11-02"},
            {"type": "timepicker", "action_id": "at", "initial_time": "10:00"},
        ],
    },
    {
        "type": "input",
        "block_id": "say",
        "label": plain("Reason"),
        "element": {"type": "plain_text_input", "action_id": "why"},
    },
    {"type": "context", "elements": [md("Updated :white_check_mark: a minute ago"), plain("by the clock")]},
]
SHOW: list[JsonObject] = [
    {"type": "image", "image_url": picture(), "alt_text": "a red square", "title": plain("A picture")},
    {"type": "image", "image_url": "https://pictures.example/x.png", "alt_text": "an X-ray elsewhere"},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Bring ", "style": {"bold": True}},
                    {"type": "emoji", "name": "bone"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "the packet"}]}],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "CPT 27447"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "as agreed"}]},
        ],
    },
    {
        "type": "table",
        "column_settings": [{}, {"align": "right"}],
        "rows": [
            [{"type": "raw_text", "text": "Component"}, {"type": "raw_text", "text": "Price"}],
            [{"type": "raw_text", "text": "Stem"}, {"type": "raw_text", "text": "1,200"}],
        ],
    },
    {
        "type": "section",
        "text": md("*bold* _soft_ ~gone~ `code` <https://x.example|a link>\n> a quote\n```\nfixed\n```"),
    },
]
HOME: JsonObject = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Good morning")},
        {"type": "section", "text": md("You have *3* open tasks."), "accessory": button("all", "Show all")},
        {"type": "context", "elements": [md("Quiet from 18:00")]},
    ],
}


@dataclass
class Scene:
    """Who and what is there, and what the app heard."""

    sandbox: Sandbox
    web: WebClient
    ana: Person
    ben: Person
    case: str
    hall: str
    card: str
    heard: list[JsonObject] = field(default_factory=list)

    def actions(self) -> list[JsonObject]:
        """Everything that was pressed or chosen."""
        return [act for body in self.heard for act in as_objects(body.get("actions"))]

    def last(self, type_: str) -> JsonObject:
        """The last payload of a type."""
        return next((body for body in reversed(self.heard) if type_ in (body.get("type"), body.get("command"))), {})


def furnish(sandbox: Sandbox, web: WebClient) -> Scene:
    """People, a case channel with a card, a thread, files, pins and bookmarks, a hall, and a home tab."""
    sandbox.configure(commands=COMMANDS, shortcuts=SHORTCUTS, trigger_seconds=30)
    ana = sandbox.person("ana", real_name="Ana Diaz", tz="America/New_York")
    ben = sandbox.person("ben", real_name="Ben Okafor", tz="Europe/Berlin")
    case = as_text(web.conversations_create(name="case-k7q4", is_private=True)["channel"]["id"])
    web.conversations_invite(channel=case, users=[ana.id, ben.id])
    web.conversations_setTopic(channel=case, topic="K7Q4 · surgery Nov 6 · *2 late*")
    hall = sandbox.channel("hall", creator="ben", members=["ana"])
    ben.post(hall, "Coffee is ready :coffee:")
    card = as_text(web.chat_postMessage(channel=case, text="Card of K7Q4: 2 tasks late", blocks=CARD)["ts"])
    web.pins_add(channel=case, timestamp=card)
    web.bookmarks_add(channel_id=case, title="Case page", type="link", link="http://127.0.0.1:8000/x")
    files: list[dict[str, object]] = [
        {"content": png(900, 300), "filename": "scan.png", "title": "Scan", "alt_txt": "a distal femur"},
        {"content": "sku,price", "filename": f"prices_{'of_all_stems_' * 6}2026.csv"},
    ]
    web.files_upload_v2(channel=case, file_uploads=files, initial_comment="What came in")
    ana.post(case, "I take the packet.")
    ana.post(case, f"<@{ben.id}> can you call the vendor? See <#{hall}>")
    ben.post(case, "Calling now.")
    web.chat_postMessage(channel=case, text="Vendor called", thread_ts=card)
    ben.post(case, "They deliver on *Friday*.", thread_ts=card)
    web.reactions_add(channel=case, timestamp=card, name="eyes")
    web.chat_postMessage(channel=case, text="What to bring", blocks=SHOW)
    web.chat_postEphemeral(channel=case, user=ana.id, text="Only you see that you are late.")
    web.views_publish(user_id=ana.id, view=HOME)
    return Scene(sandbox, web, ana, ben, case, hall, card)


def listen(app: App, scene: Scene) -> None:
    """An app that notes what it hears, opens the form, pushes, updates and finds errors."""

    @app.command("/form")
    def form(ack: Ack, body: JsonObject, client: WebClient) -> None:
        scene.heard.append(body)
        client.views_open(trigger_id=as_text(body["trigger_id"]), view=FORM)
        ack()

    @app.command("/claim")
    def claim(ack: Ack, body: JsonObject) -> None:
        scene.heard.append(body)
        ack("It is yours.")

    @app.action("push")
    def push(ack: Ack, body: JsonObject, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=as_text(body["trigger_id"]), view=DETAILS)

    @app.action("update")
    def update(ack: Ack, body: JsonObject, client: WebClient) -> None:
        ack()
        more = input_of("extra", {"type": "plain_text_input"}, optional=True)
        view = {**FORM, "blocks": [*as_objects(FORM["blocks"]), more]}
        client.views_update(view_id=as_text(as_object(body["view"])["id"]), view=view)

    @app.view("form")
    def submitted(ack: Ack, body: JsonObject) -> None:
        scene.heard.append(body)
        values = as_object(as_object(as_object(body["view"])["state"])["values"])
        note = as_text(as_object(as_object(values["note"])["note_in"]).get("value"))
        if note == "wrong":
            ack(response_action="errors", errors={"note": "This note is wrong."})
        else:
            ack()

    def noted(ack: Ack, body: JsonObject) -> None:
        scene.heard.append(body)
        ack()

    for action in ("claim", "remove", "to", "due", "at", "menu", "all"):
        app.action(action)(noted)
    app.shortcut("my_tasks")(noted)
    app.shortcut("make_task")(noted)
