"""The control API over HTTP: `POST /control/VERB` with a JSON body, and the ledger to read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.sandbox.control import persons, places, setup
from app.sandbox.control.verbs import VERBS, Ask
from app.sandbox.errors import RefusedError
from app.sandbox.inbound.interactions import Interactions
from app.sandbox.jsontypes import dumps, loads

FAMILIES = (persons, places, setup)
"""The modules whose import registers the verbs."""

CHUNK_LINES = 500


class Control:
    """Answers control requests for one world."""

    def __init__(self, interactions: Interactions) -> None:
        self._interactions = interactions
        self._world = interactions.world
        self._pulse = asyncio.Event()
        self._world.ledger.on_flush = self._pulse.set

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/control/ledger", self.ledger, methods=["GET"]),
            Route("/control/pulse", self.pulse, methods=["GET"]),
            Route("/control/{verb}", self.verb, methods=["POST"]),
        ]

    async def verb(self, request: Request) -> Response:
        """Run one verb. A JSON content type is required, which no other site's form can send."""
        handler = VERBS.get(request.path_params["verb"])
        if handler is None:
            return _refused(f"There is no {request.path_params['verb']!r}. There are: {', '.join(VERBS)}.", 404)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _refused("Send application/json.", 415)
        try:
            body = loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _refused("Send a JSON object.", 400)
        ask = Ask(self._world, self._interactions.deliverer, self._interactions, body)
        try:
            answer = await handler(ask)
        except RefusedError as refused:
            return _refused(str(refused), 409)
        finally:
            self._world.ledger.flush()
        return Response(dumps(answer).encode("utf-8", "backslashreplace"), media_type="application/json")

    async def ledger(self, request: Request) -> Response:
        """Lines of the ledger after `since`, as they are (JSON lines)."""
        since = _number(request.query_params.get("since", "0"))

        async def lines() -> AsyncIterator[bytes]:
            at = since
            while chunk := list(self._world.ledger.lines(at, CHUNK_LINES)):
                yield b"".join(chunk)
                at += len(chunk)
                # Long ledgers are sent in pieces, so that calls are served in between.
                await asyncio.sleep(0)

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    async def pulse(self, request: Request) -> Response:
        """Wait until the ledger is longer than `since`, at most `timeout` seconds. Answers its length."""
        since = _number(request.query_params.get("since", "0"))
        try:
            timeout = min(60.0, float(request.query_params.get("timeout", "1")))
        except ValueError:
            return _refused("The timeout is a number of seconds.", 400)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while len(self._world.ledger) <= since:
                    self._pulse.clear()
                    await self._pulse.wait()
        return JSONResponse({"seq": len(self._world.ledger)})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _refused(words: str, status: int) -> JSONResponse:
    return JSONResponse({"refused": words}, status_code=status)
