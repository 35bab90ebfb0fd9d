"""Faults on request: Slack failing before it did something, and after."""

import fnmatch
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random

from app.sandbox.errors import RefusedError
from app.sandbox.jsontypes import JsonObject

KINDS = {
    "ratelimit": "HTTP 429 with Retry-After (1, or `ratelimit:SECONDS`), not applied",
    "http": "an HTTP status (`http:STATUS`, 400 to 599), not applied",
    "http_403": "HTTP 403, not applied",
    "http_500": "HTTP 500, not applied",
    "http_503": "HTTP 503, not applied",
    "http_500_after": "applied, then HTTP 500",
    "http_503_after": "applied, then HTTP 503",
    "error": "an error code (`error:CODE`), not applied",
    "error_after": "applied, then an error code (`error_after:CODE`, else internal_error)",
    "reset": "the connection is reset, not applied",
    "reset_after": "applied, then the connection is reset without an answer",
    "hang": "never answered, not applied",
    "hang_after": "applied, never answered",
    "slow": "applied and answered after `slow:SECONDS`",
}


@dataclass(slots=True)
class Fault:
    """One rule. It fires with `probability` (1 when None), at most `remaining` times (None: no end).

    With a `seed`, the same sequence of matching calls meets the same faults.
    """

    id: int
    method: str
    kind: str
    detail: str
    probability: float | None
    remaining: int | None
    seed: int | None
    fired: int = 0
    dice: Random = field(default_factory=Random)

    @property
    def name(self) -> str:
        """The kind with its detail, as the ledger names it."""
        return f"{self.kind}:{self.detail}" if self.detail else self.kind

    @property
    def is_before(self) -> bool:
        """Whether the call fails without having been applied."""
        return self.kind in ("ratelimit", "http", "http_403", "http_500", "http_503", "error", "reset", "hang")

    def as_json(self) -> JsonObject:
        """What a listing of faults shows."""
        return {
            "id": self.id,
            "method": self.method,
            "kind": self.name,
            "probability": self.probability,
            "remaining": self.remaining,
            "seed": self.seed,
            "fired": self.fired,
        }


class Faults:
    """The rules in force, tried in the order in which they were added; the first that fires is taken."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._added = 0

    def add(
        self,
        method: str,
        kind: str,
        *,
        probability: float | None = None,
        times: int | None = None,
        seed: int | None = None,
    ) -> Fault:
        """Add a rule for the methods that match a pattern such as `chat.*`.

        Raises:
            RefusedError: there is no such kind, or its detail is missing or no number.
        """
        name, _, detail = kind.partition(":")
        if name not in KINDS:
            raise RefusedError(f"There is no fault {kind!r}. There are: {', '.join(KINDS)}.")
        wrong = (name == "slow" or (name == "ratelimit" and detail)) and not _is_number(detail)
        if wrong or (name == "error" and not detail) or (name == "http" and not _is_status(detail)):
            known = "error:CODE, http:STATUS, slow:SECONDS, ratelimit or ratelimit:SECONDS"
            raise RefusedError(f"Write {known}, not {kind!r}.")
        if probability is not None and not 0 <= probability <= 1:
            raise RefusedError(f"A probability is between 0 and 1, not {probability}.")
        self._added += 1
        rule = Fault(self._added, method, name, detail, probability, times, seed, dice=Random(seed))  # noqa: S311
        self._rules.append(rule)
        return rule

    def clear(self, id_: int | None = None) -> None:
        """Remove one rule, or all."""
        self._rules = [rule for rule in self._rules if id_ is not None and rule.id != id_]

    def listing(self) -> list[JsonObject]:
        """All rules in force."""
        return [rule.as_json() for rule in self._rules]

    def draw(self, method: str) -> Fault | None:
        """The fault that this call meets."""
        for rule in self._rules:
            if not fnmatch.fnmatchcase(method, rule.method) or rule.remaining == 0:
                continue
            if rule.probability is not None and rule.dice.random() >= rule.probability:
                continue
            if rule.remaining is not None:
                rule.remaining -= 1
            rule.fired += 1
            return rule
        return None


def _is_status(text: str) -> bool:
    return text in {str(status.value) for status in HTTPStatus if status >= 400}


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
