"""The page, its parts and what changed in them, its scripts and style sheet, and the stream that says when to look."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from app.sandbox.acts import channels
from app.sandbox.jsontypes import JsonObject, as_text, dumps
from app.sandbox.model import Channel, Message
from app.sandbox.page import frame, heads, sidebar, views, words
from app.sandbox.page.changes import Changes
from app.sandbox.page.timeline import Timeline
from app.sandbox.page.viewer import Viewer, text
from app.sandbox.world import World

STATIC = Path(__file__).parent / "static"
SHOWN = 60
"""How many messages a channel shows at once; older ones come when they are asked for."""
GATHER_SECONDS = 0.1
"""What happens within this time is told to browsers at once."""
BEAT_SECONDS = 20.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Page:
    """Serves the page of one world. `head_html` goes into its head; scripts in it must be files of this server."""

    def __init__(self, world: World, head_html: str) -> None:
        self._world = world
        self._head_html = head_html
        self._changes = Changes(world)
        self._listeners: set[asyncio.Queue[str]] = set()
        world.watchers.append(self._changed)

    def routes(self) -> list[Route]:
        """What to mount."""
        files = [Route(f"/page/{file.name}", self.static) for file in STATIC.iterdir()]
        return [
            Route("/", self.page),
            Route("/page/parts", self.parts),
            Route("/page/older", self.older),
            Route("/page/thread", self.thread),
            Route("/page/changes", self.changes),
            Route("/page/words", self.words),
            Route("/page/events", self.events),
            *files,
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
        return Viewer(workspace, wanted, self._world.now()) if wanted is not None else None

    def _channel(self, request: Request, viewer: Viewer) -> Channel | None:
        """The channel that the address names, if this person can see it; else the first that they are in."""
        wanted = request.query_params.get("channel", "")
        seen = channels.visible(self._world, wanted, viewer.user.id)
        if seen is not None or wanted == sidebar.HOME:
            return seen
        mine = [self._world.workspace.channels[id_] for id_ in viewer.workspace.memberships.get(viewer.user.id, {})]
        named = sorted((one for one in mine if not one.is_dm and not one.archived), key=lambda one: one.name)
        return named[0] if named else None

    async def page(self, request: Request) -> Response:
        """The whole page; its parts come right after, by the script."""
        people = self._people(self._viewer(request))
        title = self._world.workspace.team.name
        body = frame.document(title, self._head_html, frame.workspace(people), name="sandbox")
        return HTMLResponse(body, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    def _people(self, viewer: Viewer | None) -> str:
        return "".join(
            f'<option value="{text(user.id)}"{" selected" if viewer and user.id == viewer.user.id else ""}>'
            f"{text(user.real_name or user.name)}{' (deactivated)' if user.deleted else ''}</option>"
            for user in self._world.workspace.users.values()
            if not user.is_bot
        )

    async def parts(self, request: Request) -> Response:
        """All parts for a person, a channel and perhaps a thread, as HTML in JSON.

        A page that names the `rev` it is at for this person has the sidebar already, and gets what changed in it.
        """
        viewer = self._viewer(request)
        if viewer is None:
            empty = '<p class="empty">There is nobody here yet. Add a person above.</p>'
            names = ("as", "channel", "sidebar", "head", "thread", "modal", "people")
            nothing: JsonObject = dict.fromkeys(names, "")
            return _json(nothing | {"main": empty, "rev": self._changes.now, "zone": "UTC"})
        home = request.query_params.get("channel") == sidebar.HOME
        channel = self._channel(request, viewer)
        view = views.top(viewer)
        answer: JsonObject = {
            "as": viewer.user.id,
            "channel": channel.id if channel is not None else sidebar.HOME if home else "",
            "rev": self._changes.now,
            "people": self._people(viewer),
            "zone": str(viewer.zone),
            "head": heads.of_app(viewer, at_home=True)
            if home
            else heads.of_channel(viewer, channel)
            if channel
            else "",
            "thread": self._thread(request, viewer, channel),
            "modal": views.modal(view, viewer) if view is not None else "",
            "modal_seal": views.seal(view),
            "home_seal": views.seal(views.home_view(viewer)) if home else "",
            "archived": channel is not None and channel.archived,
        }
        answer |= self._sidebar(viewer, self._changes.since(request.query_params.get("rev", ""), ""))
        if home:
            answer["main"] = views.home(viewer)
        elif channel is None:
            answer["main"] = '<p class="empty">You are in no channel yet.</p>'
        else:
            answer |= self._window(request, viewer, channel)
        return _json(answer)

    def _window(self, request: Request, viewer: Viewer, channel: Channel) -> JsonObject:
        """The newest messages, or those before a key; where there are older ones, the way to them."""
        unseen = self._world.reads.unseen(viewer.user.id, channel)
        fresh = unseen[-1] if unseen else 0
        timeline = Timeline(viewer, channel, first=fresh)
        before = _number(request.query_params.get("before", ""))
        keys, more = timeline.window(SHOWN, before)
        older = ""
        if more:
            button = f'<button type="button" class="link" data-before="{keys[0]}">Older messages</button>'
            older = f'<p class="older">{button}</p>'
        main = older + "".join(markup for _, markup in timeline.rows(keys))
        return {"main": main, "first": keys[0] if keys and more else 0, "fresh": fresh}

    @staticmethod
    def _root(request: Request, viewer: Viewer, channel: Channel | None) -> Message | None:
        return viewer.workspace.message(channel, request.query_params.get("thread", "")) if channel else None

    def _thread(self, request: Request, viewer: Viewer, channel: Channel | None) -> str:
        root = self._root(request, viewer, channel)
        if channel is None or root is None:
            return ""
        timeline = Timeline(viewer, channel, root=root)
        return "".join(markup for _, markup in timeline.rows(timeline.all()))

    async def older(self, request: Request) -> Response:
        """The messages before a key."""
        viewer = self._viewer(request)
        channel = self._channel(request, viewer) if viewer is not None else None
        if viewer is None or channel is None:
            return _json({"main": "", "first": 0})
        return _json(self._window(request, viewer, channel))

    async def thread(self, request: Request) -> Response:
        """A thread alone."""
        viewer = self._viewer(request)
        channel = self._channel(request, viewer) if viewer is not None else None
        return _json({"thread": self._thread(request, viewer, channel) if viewer is not None else ""})

    async def changes(self, request: Request) -> Response:
        """What changed since `rev` in what a page shows; `{"full": true}` when it is to be drawn anew."""
        query = request.query_params
        viewer, wanted = self._viewer(request), query.get("channel", "")
        since = self._changes.since(query.get("rev", ""), wanted)
        channel = channels.visible(self._world, wanted, viewer.user.id) if viewer is not None else None
        if viewer is None or since is None or (channel is None and wanted != sidebar.HOME):
            return _json({"full": True})
        answer: JsonObject = {"rev": self._changes.now} | self._sidebar(viewer, since)
        view = views.top(viewer)
        if views.seal(view) != query.get("modal", ""):
            answer |= {"modal": views.modal(view, viewer) if view is not None else "", "modal_seal": views.seal(view)}
        home = views.home_view(viewer)
        if channel is None and views.seal(home) != query.get("home", ""):
            answer |= {"main": views.home(viewer), "home_seal": views.seal(home)}
        if channel is not None:
            answer |= self._changed_rows(request, viewer, channel, since)
        return _json(answer)

    def _sidebar(self, viewer: Viewer, since: int | None) -> JsonObject:
        """The entries of the sidebar that changed, or the whole of it."""
        if since is None or self._changes.sidebar(viewer.user.id, since):
            return {"sidebar": sidebar.html(viewer, self._world.reads)}
        seen = (channels.visible(self._world, id_, viewer.user.id) for id_ in self._changes.entries(since))
        return {"entries": {one.id: sidebar.entry(one, viewer, self._world.reads) for one in seen if one is not None}}

    def _changed_rows(self, request: Request, viewer: Viewer, channel: Channel, since: int) -> JsonObject:
        query = request.query_params
        keys = self._changes.rows(channel.id, since)
        timeline = Timeline(viewer, channel, first=_number(query.get("fresh", "")))
        oldest = _number(query.get("first", ""))
        answer: JsonObject = {
            "rows": timeline.rows(key for key in keys if key >= oldest),
            "archived": channel.archived,
        }
        if self._changes.head(channel.id, since):
            answer["head"] = heads.of_channel(viewer, channel)
        if query.get("thread"):
            root = self._root(request, viewer, channel)
            if root is None:
                return {"full": True}
            answer["replies"] = Timeline(viewer, channel, root=root).rows(keys)
        return answer

    async def words(self, request: Request) -> Response:
        """What the composer completes."""
        viewer = self._viewer(request)
        return _json(words.of(viewer, self._world.settings) if viewer is not None else {})

    async def static(self, request: Request) -> Response:
        """A script or the style sheet."""
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


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


def _json(answer: JsonObject) -> Response:
    return Response(dumps(answer).encode("utf-8", "backslashreplace"), media_type="application/json")
