"""What Slack's reference allows, and never more."""

import pytest

from app.slack.pacing import timing


def test_at_slack_s_pace_no_limit_of_its_reference_is_passed() -> None:
    """Reference: a message a second a channel; tier 3 (50 a minute) for chat.update, tier 2 (20) for creating."""
    found = timing()
    assert found.channel is not None
    assert found.channel.per_second <= 1
    assert found.lanes["post"].per_second * 60 <= 300
    assert found.lanes["edit"].per_second * 60 <= 50
    assert found.lanes["create"].per_second * 60 <= 20


@pytest.mark.parametrize("factor", [2.0, 50.0])
def test_a_faster_channel_makes_everything_faster_in_proportion(factor: float) -> None:
    slow, fast = timing(), timing(factor)
    assert fast.card_gap == pytest.approx(slow.card_gap / factor)
    for lane, rate in slow.lanes.items():
        assert fast.lanes[lane].per_second == pytest.approx(rate.per_second * factor)


def test_a_slower_channel_does_not_make_cards_come_more_often() -> None:
    assert timing(0.5).card_gap == timing().card_gap


def test_a_lease_outlasts_a_call_and_the_late_look_outlasts_both() -> None:
    from app.slack.gateway import TIMEOUT

    found = timing()
    assert found.act_within + TIMEOUT < found.lease
    assert found.act_within + TIMEOUT < found.home_lease < found.lease
    assert found.settle > TIMEOUT
