"""The clock bar of the demonstration: the simulated time, pause, speed, and moving on."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.kernel.clock import SteeredClock

SPEEDS = {"pause": 0.0, "slow": 1.0, "play": 240.0, "fast": 1200.0}
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
SCRIPT = (Path(__file__).parent / "panel.js").read_text(encoding="utf-8")


def panel_routes(clock_file: Path, zone: str) -> Sequence[BaseRoute]:
    """Routes to read and steer the clock; only the page's own script may (a custom header is asked for)."""
    clock, local = SteeredClock(clock_file), ZoneInfo(zone)

    async def read(_: Request) -> Response:
        now = clock.now().astimezone(local)
        return JSONResponse({"time": f"{now:%a %d %b %Y %H:%M}", "speed": clock.speed})

    async def steer(request: Request) -> Response:
        if request.headers.get("x-caseboard-demo") != "1":
            return JSONResponse({"error": "only the page's own buttons steer the clock"}, 403)
        wanted = request.path_params["to"]
        if wanted in SPEEDS:
            SteeredClock.steer(clock_file, speed=SPEEDS[wanted])
        elif wanted in STEPS:
            SteeredClock.steer(clock_file, sim=clock.now() + STEPS[wanted])
        else:
            return JSONResponse({"error": "pause, slow, play, fast, hour or day"}, 404)
        return await read(request)

    async def script(_: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript")

    return [
        Route("/demo/clock", read),
        Route("/demo/clock/{to}", steer, methods=["POST"]),
        Route("/demo/panel.js", script),
    ]


def panel_script() -> str:
    """What the sandbox's page loads to show the bar."""
    return '<script src="/demo/panel.js" defer></script>'
