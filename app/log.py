"""Logging what failed without what it held: an error's own words may be a row, or what somebody typed."""

import logging
import traceback

log = logging.getLogger("caseboard")


def log_failure(what: str, error: BaseException) -> None:
    """Log where something failed and with which kind of error, down to its first cause."""
    kinds: list[str] = []
    at: BaseException | None = error
    while at is not None:
        kinds.append(type(at).__name__)
        at = at.__cause__
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, " from ".join(kinds), frames)
