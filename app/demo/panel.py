"""The bar above the local Slack's page: the simulated time and what moves it, the fault switches, what waits."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.demo.conductor import CannotMove, Conductor
from app.demo.faults import Faults, NoSuchSwitch
from app.demo.processes import DidNotStart
from app.kernel.business import CalendarError

HERE = Path(__file__).parent
HEADER = "x-caseboard-demo"
"""Only a script of the same page can send it, so no other site's page can steer the demonstration."""
HEAD = '<link rel="stylesheet" href="/demo/panel.css">\n<script src="/demo/panel.js" defer></script>'
"""What the sandbox's page loads to show the bar."""


class Panel:
    """Serves the bar. It is mounted before the rest is there; until `show`, it says so."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._shown: tuple[Conductor, Faults] | None = None

    def show(self, conductor: Conductor, faults: Faults) -> None:
        """From now on steer these."""
        self._shown = conductor, faults

    def routes(self) -> Sequence[BaseRoute]:
        """What to mount beside the sandbox's own. The functions are plain ones, so Starlette runs them in threads."""
        return [
            Route("/demo/state", self.state),
            Route("/demo/clock/{to}", self.clock, methods=["POST"]),
            Route("/demo/fault/{name}/{to}", self.fault, methods=["POST"]),
            Route("/demo/panel.js", _file),
            Route("/demo/panel.css", _file),
        ]

    def state(self, _: Request) -> Response:
        """Everything that the bar shows. Times in milliseconds since 1970, as JavaScript has them."""
        if self._shown is None:
            return _refused("The practice is being set up.", 503)
        conductor, faults = self._shown
        clock = conductor.state()
        try:
            waiting = conductor.stage.unsent()
        except SQLAlchemyError:
            return _refused("The database does not answer: the demonstration is ending.", 503)
        return JSONResponse(
            {
                "now": clock.now.timestamp() * 1000,
                "zone": self._zone,
                "speed": clock.speed,
                "pace": clock.pace,
                "moving": clock.moving,
                "said": clock.said,
                "waiting": waiting,
                "faults": [
                    {"name": switch.name, "label": switch.label, "says": switch.says, "on": on}
                    for switch, on in faults.listing()
                ],
            }
        )

    def clock(self, request: Request) -> Response:
        """Pause, go on, change the pace, move on."""
        to = request.path_params["to"]

        def steer(conductor: Conductor, _: Faults) -> None:
            ways: dict[str, Callable[[], None]] = {
                "pause": conductor.pause,
                "go-on": conductor.go_on,
                "next": conductor.to_next_due,
                "hour": conductor.hour_on,
                "day": conductor.day_on,
            }
            ways.get(to, lambda: conductor.go_on(to))()

        return self._steered(request, steer)

    def fault(self, request: Request) -> Response:
        """Switch a fault on or off."""
        name, to = request.path_params["name"], request.path_params["to"]
        if to not in ("on", "off"):
            return _refused("A fault is switched on or off.", 404)
        return self._steered(request, lambda _, faults: faults.switch(name, on=to == "on"))

    def _steered(self, request: Request, steer: Callable[[Conductor, Faults], None]) -> Response:
        if request.headers.get(HEADER) != "1":
            return _refused("Only the page's own buttons steer the demonstration.", 403)
        if self._shown is None:
            return _refused("The practice is being set up.", 503)
        try:
            steer(*self._shown)
        except NoSuchSwitch as error:
            return _refused(str(error), 404)
        except (CannotMove, CalendarError, DidNotStart) as error:
            return _refused(str(error), 409)
        return self.state(request)


def _refused(why: str, status: int) -> Response:
    return JSONResponse({"refused": why}, status)


def _file(request: Request) -> Response:
    return FileResponse(HERE / request.url.path.rpartition("/")[2], headers={"Cache-Control": "no-cache"})
