"""The page: what each person sees of it, that nothing written by others becomes markup, and that it is live."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from slack_sdk import WebClient

from app.sandbox import Person, Sandbox
from app.sandbox.jsontypes import JsonObject, as_objects
from app.sandbox.page import files, mrkdwn
from app.sandbox.page.viewer import Viewer
from tests.sandbox.pictures import png
from tests.sandbox.test_files import put
from tests.sandbox.test_views import FORM, plain

EVIL = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)>"
NOON = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)


def get(sandbox: Sandbox, path: str) -> tuple[http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 200, path
    body = response.read().decode()
    connection.close()
    return response.headers, body


def parts(sandbox: Sandbox, person: Person, channel: str = "", **more: str) -> dict[str, str]:
    query = "&".join(f"{key}={value}" for key, value in {"as": person.id, "channel": channel, **more}.items())
    return cast("dict[str, str]", json.loads(get(sandbox, f"/page/parts?{query}")[1]))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*bold* _soft_ ~gone~ `code`", "<strong>bold</strong> <em>soft</em> <s>gone</s> <code>code</code>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),  # no markup within words
        ("a &lt; b &amp; c", "a &lt; b &amp; c"),  # escaped once by the app, shown once
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("one\ntwo", "one<br>two"),
        ("&gt; quoted", "<q-line>quoted</q-line>"),
        ("```\n*not bold*\n```", "<pre>*not bold*</pre>"),
        (":warning: :no_such:", "⚠️ :no_such:"),
        ("<@U0SB0000002>", '<span class="mention me">@Ana Diaz</span>'),
        ("<@U0GONE>", '<span class="mention">@U0GONE</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        ("<!date^1793977200^{date_short} at {time}|later>", "Nov 6, 2026 at 10:00 AM"),
        (
            "<https://x.example/?a=1&amp;b=2|the page>",
            '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">the page</a>',
        ),
        (
            "see http://127.0.0.1:8600/x?a=1&amp;b=2.",  # Slack links what looks like an address by itself
            'see <a href="http://127.0.0.1:8600/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
            "http://127.0.0.1:8600/x?a=1&amp;b=2</a>.",
        ),
        ("<javascript:alert(1)|press>", "&lt;javascript:alert(1)|press&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"quotes\" 'too'", "&quot;quotes&quot; &#x27;too&#x27;"),
        ("\x000\x00 `x`", "0 <code>x</code>"),
    ],
)
def test_mrkdwn(sandbox: Sandbox, ana: Person, source: str, html: str) -> None:
    viewer = Viewer(sandbox.world.workspace, sandbox.world.workspace.users[ana.id], NOON)

    assert mrkdwn.html(source, viewer) == html


@pytest.mark.parametrize(
    ("now", "said"),
    [  # it is of 10:00 on the 6th in New York
        ("2026-11-04T23:59-05:00", "Nov 6, 2026"),
        ("2026-11-05T00:00-05:00", "tomorrow"),
        ("2026-11-06T04:59+00:00", "tomorrow"),  # the viewer's day counts, not that of the clock
        ("2026-11-06T00:00-05:00", "today"),
        ("2026-11-07T04:59+00:00", "today"),
        ("2026-11-07T23:59-05:00", "yesterday"),
        ("2026-11-08T00:00-05:00", "Nov 6, 2026"),
    ],
)
def test_a_pretty_date_says_that_it_is_near(sandbox: Sandbox, ana: Person, now: str, said: str) -> None:
    workspace = sandbox.world.workspace
    viewer = Viewer(workspace, workspace.users[ana.id], datetime.fromisoformat(now))
    shown = mrkdwn.html("<!date^1793977200^{date_short_pretty} {time}|later>", viewer)

    assert shown == f"{said} 10:00 AM"
    assert mrkdwn.html("<!date^1793977200^{date_short}|later>", viewer) == "Nov 6, 2026"


@pytest.mark.parametrize(
    ("form", "else_"),
    [
        ("{date_pretty}", "November 6, 2026"),
        ("{date_long_pretty}", "Friday, November 6, 2026"),
        ("{day_divider_pretty}", "Friday, November 6, 2026"),
    ],
)
def test_every_pretty_form_does(sandbox: Sandbox, ana: Person, form: str, else_: str) -> None:
    workspace = sandbox.world.workspace
    at = datetime.fromtimestamp(1793977200, UTC)
    days = [Viewer(workspace, workspace.users[ana.id], at - timedelta(days=days)) for days in (-2, -1, 0, 1, 2)]

    shown = [mrkdwn.html(f"<!date^1793977200^{form}|later>", viewer) for viewer in days]
    assert shown == [else_, "yesterday", "today", "tomorrow", else_]


def test_what_others_wrote_is_never_markup(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    eve = sandbox.person("eve", real_name=EVIL)
    eve.join(case)
    root = eve.post(case, EVIL)
    web.conversations_setTopic(channel=case, topic=EVIL)
    element = {"type": "button", "action_id": EVIL, "value": EVIL, "text": plain(EVIL[:70])}
    select = {"type": "static_select", "action_id": "s", "options": [{"text": plain(EVIL[:70]), "value": EVIL}]}
    image: JsonObject = {"type": "image", "image_url": "http://x.example/i.png", "alt_text": EVIL}
    rich: JsonObject = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": EVIL}]}],
    }
    blocks: list[JsonObject] = [
        {"type": "header", "text": plain(EVIL)},
        {"type": "section", "text": {"type": "mrkdwn", "text": EVIL}, "accessory": element},
        {"type": "section", "fields": [plain(EVIL)]},
        {"type": "context", "elements": [plain(EVIL), image]},
        {"type": "actions", "block_id": EVIL, "elements": [select]},
        {"type": "markdown", "text": EVIL},
        {"type": "table", "rows": [[{"type": "raw_text", "text": EVIL}], [rich]]},
        image,
        rich,
    ]
    web.chat_postMessage(channel=case, text=EVIL, blocks=blocks)
    put(web, case, EVIL, b"hello", title=EVIL, initial_comment=EVIL)
    web.chat_postEphemeral(channel=case, user=ana.id, text=EVIL)
    in_views = [block for block in blocks if block["type"] not in ("markdown", "table")]  # those are for messages
    view = {**FORM, "title": plain(EVIL[:24]), "blocks": [*in_views, *as_objects(FORM["blocks"])]}
    web.views_open(trigger_id=sandbox.world.triggers.issue(ana.id).id, view=view)
    web.views_publish(user_id=ana.id, view={"type": "home", "blocks": in_views})

    page = get(sandbox, f"/?as={ana.id}")[1]
    shown = [page, *map(str, parts(sandbox, ana, case, thread=root).values()), parts(sandbox, ana, "home")["main"]]
    assert any("alert(1)" in part for part in shown)
    for part in shown:
        assert "<script>alert" not in part
        assert "<img" not in part
        assert 'value=""\'' not in part


def test_the_page_allows_its_own_script_only(sandbox: Sandbox, ana: Person) -> None:
    headers, page = get(sandbox, "/")

    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert 'lang="en"' in page
    assert "Ana Diaz" in page
    assert get(sandbox, "/page/sandbox.js")[0]["Content-Type"].startswith("text/javascript")
    assert "prefers-color-scheme: dark" in get(sandbox, "/page/sandbox.css")[1]


def test_each_person_has_a_view_of_their_own(
    sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    web.chat_postMessage(channel=case, text="only for members")
    web.chat_postEphemeral(channel=case, user=ana.id, text="only for Ana")
    hall = sandbox.channel("hall", creator="ben", members=["ana"])
    ana.post(hall, "for all")

    mine, theirs = parts(sandbox, ana, case), parts(sandbox, ben, case)
    assert "only for members" in mine["main"]
    assert "Only visible to you" in mine["main"]
    assert "case-k7q4" not in theirs["sidebar"]
    assert "only for" not in theirs["main"]  # another channel is shown instead
    assert "for all" in theirs["main"]
    web.conversations_invite(channel=case, users=[ben.id])
    assert "only for members" in parts(sandbox, ben, case)["main"]
    assert "only for Ana" not in parts(sandbox, ben, case)["main"]


def test_a_picture_s_words_are_never_markup(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    put(web, case, f"{EVIL}.png", png(), title=EVIL, alt_txt=EVIL)

    shown = parts(sandbox, ana, case)["main"]
    assert shown.count("<img") == 1
    assert "<script>" not in shown
    assert 'alt="&lt;script&gt;' in shown


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (999_949, "999.9 KB"), (999_950, "1.0 MB")],
)
def test_sizes_as_people_read_them(count: int, words: str) -> None:
    assert files.size(count) == words


def test_times_are_in_the_zone_of_who_reads(sandbox: Sandbox, web: WebClient, ana: Person, ben: Person) -> None:
    hall = sandbox.channel("hall", creator="ana", members=["ben"])
    ana.post(hall, "hello")
    assert "-05:00" in parts(sandbox, ana, hall)["main"] or "-04:00" in parts(sandbox, ana, hall)["main"]
    assert "+01:00" in parts(sandbox, ben, hall)["main"] or "+02:00" in parts(sandbox, ben, hall)["main"]


def test_threads_pins_bookmarks_and_the_home_tab_are_there(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str
) -> None:
    root = web.chat_postMessage(channel=case, text="the card")["ts"]
    web.chat_postMessage(channel=case, text="an answer", thread_ts=root)
    web.pins_add(channel=case, timestamp=root)
    web.bookmarks_add(channel_id=case, title="Case page", type="link", link="http://127.0.0.1:8000/x")
    web.views_publish(user_id=ana.id, view={"type": "home", "blocks": [{"type": "header", "text": plain("Morning")}]})

    shown = parts(sandbox, ana, case, thread=root)
    assert "1 reply" in shown["main"]
    assert "an answer" not in shown["main"]
    assert "an answer" in shown["thread"]
    assert "1 pinned" in shown["head"]
    assert "Case page" in shown["head"]
    assert "Morning" in parts(sandbox, ana, "home")["main"]


def test_a_modal_shows_its_errors(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    view = web.views_open(trigger_id=sandbox.world.triggers.issue(ana.id).id, view=FORM)["view"]
    ana.submit(view["id"], {"kind": "fax"})

    shown = parts(sandbox, ana)["modal"]
    assert "Please complete this required field." in shown
    for kind in ('type="text"', "<select", 'type="date"', 'type="time"', 'type="radio"', 'type="checkbox"'):
        assert kind in shown
    assert 'value="2026-11-02"' in shown


def test_older_messages_are_a_link_away(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    stamps = [web.chat_postMessage(channel=case, text=f"number {number}.")["ts"] for number in range(70)]

    newest = parts(sandbox, ana, case)["main"]
    assert "number 69." in newest
    assert "number 9." not in newest
    assert "Older messages" in newest
    older = parts(sandbox, ana, case, before=stamps[10].replace(".", ""))["main"]
    assert "number 9." in older
    assert "number 10." not in older


def test_browsers_hear_of_changes(sandbox: Sandbox, ana: Person, case: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request("GET", "/page/events")
    response = connection.getresponse()
    assert response.readline() == b": hello\n"
    ana.post(case, "hello")
    lines = [response.readline() for _ in range(2)]
    connection.close()
    assert lines[1] == f'data: ["{case}"]\n'.encode()


def test_an_empty_workspace_says_so(sandbox: Sandbox) -> None:
    assert "nobody here yet" in json.loads(get(sandbox, "/page/parts")[1])["main"]
