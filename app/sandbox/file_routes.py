"""Files as they are fetched: by people, who name themselves in the address, and by the app with its token."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.sandbox import file_shapes
from app.sandbox.acts import files
from app.sandbox.model import File
from app.sandbox.world import World

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
"""Whatever is in a file, it is never a page or script of the sandbox, nor a picture of another site."""


class FileRoutes:
    """Serves the files of one world at `url_private`, `url_private_download` and `permalink`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/files-pri/{team}-{file}/{name}", self.shown),
            Route("/files-pri/{team}-{file}/download/{name}", self.downloaded),
            Route("/files/{user}/{file}/{name}", self.shown),
        ]

    async def shown(self, request: Request) -> Response:
        """A picture to be drawn; anything else to be saved."""
        return self._fetched(request, download=False)

    async def downloaded(self, request: Request) -> Response:
        """A file to be saved."""
        return self._fetched(request, download=True)

    def _fetched(self, request: Request, *, download: bool) -> Response:
        viewer = self._viewer(request)
        if not viewer:
            words = "Add ?as=ID of a person, or send the bot token, which needs the scope files:read."
            return PlainTextResponse(words, 403, SAFE)
        file = files.visible(self._world, request.path_params["file"], viewer)
        if file is None or file.deleted:
            return PlainTextResponse("There is no such file here for this person.", 404, SAFE)
        inline = file.is_picture and not download
        headers = SAFE | {"Content-Disposition": _disposition(file, "inline" if inline else "attachment")}
        return Response(file.content, 200, headers, file.mimetype if inline else "application/octet-stream")

    def _viewer(self, request: Request) -> str:
        """Who asks: the id of a person or of the app; empty when nobody is named, or the token is not good."""
        world, given = self._world, request.headers.get("authorization", "")
        if not given:
            named = world.workspace.users.get(request.query_params.get("as", ""))
            return named.id if named is not None and not named.is_bot else ""
        good = given == f"Bearer {world.secrets.bot_token}" and not world.settings.token_error
        return world.workspace.team.bot_user if good and "files:read" in world.settings.scopes else ""


def _disposition(file: File, what: str) -> str:
    plain, full = file_shapes.path_name(file.name), quote(file.name, safe="", errors="replace")
    return f"{what}; filename=\"{plain}\"; filename*=UTF-8''{full}"
