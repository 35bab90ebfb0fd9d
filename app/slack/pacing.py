"""How fast Slack lets an app go.

Slack's reference of rate limits: about one message a second in a channel, with short bursts; several hundred a minute
in a workspace; chat.update is tier 3 (50 a minute), conversations.create tier 2 (20 a minute), views.publish tier 4
(100 a minute).
"""

from typing import Final

from app.notices.timing import Rate, Timing

CHANNEL_BURST: Final = 3
WORKSPACE_POSTS: Final = 5.0  # a second: 300 a minute
WORKSPACE_BURST: Final = 200
EDITS: Final = 50 / 60
EDITS_BURST: Final = 20
CREATIONS: Final = 20 / 60
CREATIONS_BURST: Final = 10
HOMES: Final = 100 / 60
HOMES_BURST: Final = 40
CARD_GAP: Final = 3.0


def timing(posts_per_second: float = 1.0) -> Timing:
    """Delivery at `posts_per_second` in a channel (Slack: about 1), everything else in proportion."""
    return Timing(
        card_gap=CARD_GAP / max(posts_per_second, 1.0),
        channel=Rate(posts_per_second, CHANNEL_BURST),
        lanes={
            "post": Rate(WORKSPACE_POSTS * posts_per_second, WORKSPACE_BURST),
            "edit": Rate(EDITS * posts_per_second, EDITS_BURST),
            "create": Rate(CREATIONS * posts_per_second, CREATIONS_BURST),
            "home": Rate(HOMES * posts_per_second, HOMES_BURST),
        },
    )
