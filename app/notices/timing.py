"""How long delivery waits for what, and how fast it goes. All in seconds of real time."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """`per_second` calls in the long run, `burst` of them at once."""

    per_second: float
    burst: int


def _no_rates() -> Mapping[str, Rate]:
    return {}


@dataclass(frozen=True)
class Timing:
    """Constants of delivery.

    A lease outlasts a call by far, so that a channel changes hands only when its worker is dead or stuck.
    `settle` outlasts the client's timeout: what cannot be found that long after a broken call will not come.

    Args:
        lease: how long a worker has a channel without a sign of life.
        home_lease: how long a hand has a home tab. Nothing renews it, and a person waits for it when the hand has died,
            so it is little more than `act_within` and a call together.
        act_within: a call begins this soon after its lease was renewed, or not at all.
        settle: the pause before a message that was not found counts as not applied.
        card_gap: the shortest time between two edits of one card.
        retry_first, retry_most: bounds of the growing wait after a connection failed.
        refused_again: the wait when the app itself is not welcome.
        channel: the pace of posts in one channel. None: unlimited.
        lanes: the workspace's pace for `post`, `edit`, `create` and `home`; a lane that is missing is unlimited.
    """

    lease: float = 30.0
    home_lease: float = 25.0
    act_within: float = 10.0
    settle: float = 15.0
    card_gap: float = 3.0
    retry_first: float = 0.5
    retry_most: float = 30.0
    refused_again: float = 60.0
    channel: Rate | None = None
    lanes: Mapping[str, Rate] = field(default_factory=_no_rates)
