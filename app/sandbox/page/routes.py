"""The page, its parts, its script and style sheet, and the stream that says when to look again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.sandbox.acts import channels
from app.sandbox.jsontypes import JsonObject, as_text, dumps
from app.sandbox.model import Channel
from app.sandbox.page import parts
from app.sandbox.page.viewer import Viewer, text
from app.sandbox.world import World

STATIC = Path(__file__).parent / "static"
GATHER_SECONDS = 0.2
"""What happens within this time is told to browsers at once."""
BEAT_SECONDS = 20.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Page:
    """Serves the page of one world. `head_html` goes into its head; scripts in it must be files of this server."""

    def __init__(self, world: World, head_html: str) -> None:
        self._world = world
        self._head_html = head_html
        self._listeners: set[asyncio.Queue[str]] = set()
        world.watchers.append(self._changed)

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/", self.page),
            Route("/page/parts", self.part),
            Route("/page/events", self.events),
            Route("/page/sandbox.js", self.static),
            Route("/page/sandbox.css", self.static),
        ]

    def _changed(self, _type: str, data: JsonObject) -> None:
        where = as_text(data.get("channel")) or "*"
        for listener in self._listeners:
            if not listener.full():
                listener.put_nowait(where)

    def _viewer(self, request: Request) -> Viewer | None:
        """The person that the address names; the first one there is when it names none."""
        workspace = self._world.workspace
        wanted = workspace.users.get(request.query_params.get("as", ""))
        if wanted is None:
            wanted = next((user for user in workspace.users.values() if not user.is_bot and not user.deleted), None)
        return Viewer(workspace, wanted) if wanted is not None else None

    def _channel(self, request: Request, viewer: Viewer) -> Channel | None:
        """The channel that the address names, if this person can see it; else the first that they are in."""
        wanted = request.query_params.get("channel", "")
        seen = channels.visible(self._world, wanted, viewer.user.id)
        if seen is not None or wanted == parts.HOME:
            return seen
        mine = [self._world.workspace.channels[id_] for id_ in viewer.workspace.memberships.get(viewer.user.id, {})]
        named = sorted((one for one in mine if not one.is_dm and not one.archived), key=lambda one: one.name)
        return named[0] if named else None

    async def page(self, request: Request) -> Response:
        """The whole page; its parts come right after, by the script."""
        viewer = self._viewer(request)
        team = self._world.workspace.team
        people = [user for user in self._world.workspace.users.values() if not user.is_bot]
        options = "".join(
            f'<option value="{text(user.id)}"{" selected" if viewer and user.id == viewer.user.id else ""}>'
            f"{text(user.real_name or user.name)}{' (deactivated)' if user.deleted else ''}</option>"
            for user in people
        )
        body = _PAGE.format(head=self._head_html, title=text(team.name), people=options)
        return HTMLResponse(body, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    async def part(self, request: Request) -> Response:
        """All parts for a person, a channel and perhaps a thread, as HTML in JSON."""
        viewer = self._viewer(request)
        if viewer is None:
            empty = '<p class="note">There is nobody here yet. Add a person above.</p>'
            return JSONResponse({"as": "", "channel": "", "sidebar": "", "head": "", "main": empty, "modal": ""})
        home = request.query_params.get("channel") == parts.HOME
        channel = self._channel(request, viewer)
        answer: JsonObject = {
            "as": viewer.user.id,
            "channel": channel.id if channel is not None else parts.HOME if home else "",
            "sidebar": parts.sidebar(viewer, channel.id if channel is not None else parts.HOME if home else ""),
            "head": "<h1>Home</h1>" if home else parts.head(viewer, channel) if channel is not None else "",
            "main": parts.home(viewer) if home else self._main(request, viewer, channel),
            "thread": self._thread(request, viewer, channel),
            "modal": parts.modal(viewer),
            "archived": channel is not None and channel.archived,
        }
        return Response(dumps(answer).encode("utf-8", "backslashreplace"), media_type="application/json")

    @staticmethod
    def _main(request: Request, viewer: Viewer, channel: Channel | None) -> str:
        if channel is None:
            return '<p class="note">You are in no channel yet.</p>'
        before = request.query_params.get("before", "")
        return parts.timeline(viewer, channel, int(before) if before.isdecimal() else 0)

    @staticmethod
    def _thread(request: Request, viewer: Viewer, channel: Channel | None) -> str:
        root = viewer.workspace.message(channel, request.query_params.get("thread", "")) if channel else None
        return parts.thread(viewer, channel, root) if channel is not None and root is not None else ""

    async def static(self, request: Request) -> Response:
        """The script or the style sheet."""
        return FileResponse(STATIC / request.url.path.rpartition("/")[2], headers={"Cache-Control": "no-cache"})

    async def events(self, _: Request) -> Response:
        """Server-sent events: which channels changed (`*` for everything else)."""
        listener: asyncio.Queue[str] = asyncio.Queue(maxsize=1000)

        async def stream() -> AsyncIterator[bytes]:
            self._listeners.add(listener)
            try:
                yield b": hello\n\n"
                while True:
                    changed: set[str] = set()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(BEAT_SECONDS):
                            changed.add(await listener.get())
                    if changed:
                        await asyncio.sleep(GATHER_SECONDS)
                        while not listener.empty():
                            changed.add(listener.get_nowait())
                    yield f"data: {dumps(sorted(changed))}\n\n".encode() if changed else b": still here\n\n"
            finally:
                self._listeners.discard(listener)

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page/sandbox.css">
<script src="/page/sandbox.js" defer></script>
{head}
</head>
<body>
<div id="workspace">
<header id="top">
<button type="button" id="menu" aria-expanded="false" aria-controls="sidebar">☰
<span class="sr">Channels</span></button>
<label>Act as <select id="as">{people}</select></label>
<form id="newcomer">
<input name="name" placeholder="new person" aria-label="Name of a new person" size="10" required>
<button class="act">Add</button>
</form>
</header>
<nav id="sidebar" aria-label="Channels"></nav>
<main>
<div id="head"></div>
<div id="main" tabindex="0" role="log" aria-label="Messages"></div>
<form id="composer">
<input name="text" autocomplete="off" placeholder="Message, or /command"
 aria-label="Message, or command beginning with a slash">
<button class="act primary">Send</button>
</form>
<p id="trouble" role="alert" hidden></p>
</main>
<aside id="thread" hidden><div id="replies"></div>
<form id="reply">
<input name="text" autocomplete="off" aria-label="Reply" placeholder="Reply">
<button class="act primary">Send</button>
</form>
</aside>
</div>
<dialog id="dialog" aria-labelledby="modal-title"></dialog>
</body>
</html>
"""
