"""The inspector: every call and delivery with its request, answer and timing."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.sandbox.api.registry import METHODS
from app.sandbox.jsontypes import JsonObject, as_float, as_int, as_object, as_text, dumps, loads
from app.sandbox.page import frame, traffic
from app.sandbox.page.routes import POLICY
from app.sandbox.page.traffic import Wanted
from app.sandbox.page.viewer import text
from app.sandbox.world import World

DELIVERIES = ("slash_commands", "interactive", "events_api")


class Inspector:
    """Serves the inspector of one world."""

    def __init__(self, world: World, head_html: str) -> None:
        self._world = world
        self._head_html = head_html

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/inspector", self.page),
            Route("/inspector/lines", self.lines),
            Route("/inspector/lines/{seq:int}", self.line),
        ]

    async def page(self, _: Request) -> Response:
        """The page; its lines come by the script."""
        known = sorted([*METHODS, "response_url", *DELIVERIES])
        methods = "".join(f'<option value="{text(one)}"></option>' for one in known)
        title = f"Inspector - {self._world.workspace.team.name}"
        content = _BODY.format(methods=methods)
        body = frame.document(title, self._head_html, content, name="inspector", styles=["inspector"])
        return HTMLResponse(body, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    async def lines(self, request: Request) -> Response:
        """Entries as HTML, newest first, and where to go on; `after` and `before` are line numbers of the ledger."""
        query = request.query_params
        wanted = Wanted(query.get("text", "").strip(), query.get("method", "").strip(), query.get("refused") == "1")
        newest = len(self._world.ledger)
        found, further = await traffic.search(
            self._world.ledger,
            self._world.workspace,
            wanted,
            before=_number(query.get("before", "")) or newest + 1,
            after=_number(query.get("after", "")),
        )
        answer: JsonObject = {"html": "".join(map(self._row, found)), "further": further, "newest": newest}
        return Response(dumps(answer).encode("utf-8", "backslashreplace"), media_type="application/json")

    def _row(self, entry: JsonObject) -> str:
        trouble = traffic.trouble(entry)
        id_ = traffic.channel(entry)
        channel = self._world.workspace.channels.get(id_)
        place = (f"#{channel.name}" if channel.name else "direct message") if channel is not None else id_
        at = as_text(entry.get("sim")) or as_text(entry.get("at"))
        attempt = as_int(entry.get("attempt"))
        # Socket Mode has no status: a delivery was acknowledged or it was not.
        status = str(entry.get("status") or "") if entry.get("kind") == "call" else as_text(entry.get("via"))
        name = traffic.name(entry)
        direction = "call" if entry.get("kind") == "call" else "delivery"
        parts = [
            f'<time datetime="{text(at)}" title="{text(at)}">{text(at[5:10])} {text(at[11:19])}</time>',
            f'<span class="way {direction}">{"→ Slack" if direction == "call" else "→ app"}</span>',
            f'<span class="what"><strong>{text(traffic.kind(entry))}</strong> {text(name)}</span>',
            f'<span class="place">{text(place)}</span>',
            f'<span class="took">{as_float(entry.get("ms")):.1f} ms</span>'
            if "ms" in entry
            else '<span class="took"></span>',
            f'<span class="status">{text(status)}</span>',
            f'<span class="again">attempt {attempt + 1}</span>' if attempt else "",
            f'<span class="refused">refused: {text(trouble)}</span>' if trouble else '<span class="fine">ok</span>',
        ]
        seq = as_int(entry.get("seq"))
        return f'<li data-seq="{seq}"><details><summary>{" ".join(parts)}</summary></details></li>'

    async def line(self, request: Request) -> Response:
        """One entry's request and answer, as readable JSON."""
        seq = int(request.path_params["seq"])
        found = next(self._world.ledger.lines(seq - 1, 1), None) if seq > 0 else None
        if found is None:
            return Response("There is no such line.", status_code=404, media_type="text/plain")
        entry = as_object(loads(found))
        rest = {key: value for key, value in entry.items() if key not in ("request", "answer")}
        parts = {"Request": traffic.request(entry), "Answer": entry.get("answer"), "Line": rest}
        body = "".join(
            f'<h2>{name}</h2><pre tabindex="0" role="group" aria-label="{name} as JSON">{text(_readable(value))}</pre>'
            for name, value in parts.items()
        )
        return HTMLResponse(body.encode("utf-8", "backslashreplace"))


def _readable(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else 0


_BODY = """<a class="skip" href="#lines">Skip to the entries</a>
<header id="top"><h1>Inspector</h1><a href="/">Workspace</a></header>
<main>
<form id="filters" role="search">
<label>Case, channel or text <input name="text" type="search" autocomplete="off" placeholder="K7Q4"></label>
<label>Method or type <input name="method" list="methods" autocomplete="off" placeholder="chat.postMessage"></label>
<datalist id="methods">{methods}</datalist>
<label class="tick"><input type="checkbox" name="refused" value="1"> Refused only</label>
</form>
<p id="count" role="status"></p>
<ol id="lines" tabindex="-1" aria-label="Calls and deliveries, newest first"></ol>
<p><button type="button" id="further" class="act" hidden>Look further back</button></p>
</main>
"""
