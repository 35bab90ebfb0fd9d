"""Whether this process can do its work, for supervisors and load balancers."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.store.uow import Store

# Literal states, so that the partial index of open notices is used.
_OUTBOX = text(
    "SELECT count(*) AS waiting, min(created_at) AS oldest FROM notices"
    " WHERE state IN ('pending', 'sending', 'unknown', 'held')"
)


def health_route(store: Store) -> Route:
    """`GET /healthz`: 200 while the database answers, else 503; and what the outbox still holds.

    `oldest_seconds` is how long the oldest post waits, by the installation's clock; null when none does.
    """

    async def healthz(_: Request) -> JSONResponse:
        status, found = await run_in_threadpool(_look, store)
        return JSONResponse(found, status_code=status, headers={"Cache-Control": "no-store"})

    return Route("/healthz", healthz, methods=["GET"])


def _look(store: Store) -> tuple[int, dict[str, object]]:
    try:
        with store.read() as uow:
            row = uow.session.execute(_OUTBOX).one()
            return 200, {
                "database": "up",
                "outbox": {"waiting": row.waiting, "oldest_seconds": _age(uow.now, row.oldest)},
            }
    except SQLAlchemyError:
        return 503, {"database": "down"}


def _age(now: datetime, oldest: datetime | None) -> float | None:
    return None if oldest is None else round(max((now - oldest).total_seconds(), 0.0), 1)
