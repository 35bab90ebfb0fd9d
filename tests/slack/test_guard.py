"""What passes the guard and what is turned away, with which answer; and that nothing that arrives is an exception."""

import threading
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.slack.guard import LARGEST, WINDOW, Guard, TurnedAway
from tests.slack.signed import signature

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_531_420_618.0
BODY = b"token=xyzz&text=94070"


def guard(*, remembered: int = 100, now: float = NOW) -> Guard:
    return Guard(SECRET, now=lambda: now, remembered=remembered)


def headers(body: bytes = BODY, stamp: str = "1531420618") -> dict[str, str]:
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signature(SECRET, stamp, body)}


def test_what_slack_signed_passes_once() -> None:
    checked = guard()
    assert checked.check(headers(), BODY) == BODY.decode()
    with pytest.raises(TurnedAway) as away:
        checked.check(headers(), BODY)
    assert away.value.status == 401


def test_slacks_own_example_is_signed_as_here() -> None:
    # From "Verifying requests from Slack".
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    given = {
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    assert guard().check(given, body).startswith("token=")


def test_what_we_failed_to_handle_may_come_again() -> None:
    checked = guard()
    checked.check(headers(), BODY)
    checked.release(headers())
    checked.check(headers(), BODY)


STAMPS = [
    ("", "no timestamp"),
    ("abc", "no number"),
    ("nan", "a number to float()"),
    ("inf", "a number to float()"),
    ("1e9", "a number to float()"),
    ("-1531420618", "a sign"),
    ("1531420618.0", "a fraction"),
    ("01531420618", "another text for the same number"),
    ("１５３１４２０６１８", "digits to int(), not to us"),
    ("9" * 5000, "too long for int()"),
    (" 1531420618", "white space"),
]


@pytest.mark.parametrize(("stamp", "why"), STAMPS, ids=[row[1] for row in STAMPS])
def test_a_timestamp_that_is_none(stamp: str, why: str) -> None:
    assert status(headers(stamp=stamp), BODY) == 401, why


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", "none"),
        ("v0=", "empty"),
        ("v1=" + "a" * 64, "another scheme"),
        ("v0=" + "a" * 63, "short"),
        ("v0=" + "a" * 65, "long"),
        ("v0=" + "A" * 64, "capitals"),
        ("v0=" + "é" * 64, "not ASCII"),
        ("v0=" + "a" * 64 + "\n", "a line end"),
        ("v0=" + "a" * 64, "wrong"),
    ],
)
def test_a_signature_that_is_none(sent: str, why: str) -> None:
    assert status(headers() | {"x-slack-signature": sent}, BODY) == 401, why


@pytest.mark.parametrize(
    ("away", "expected", "why"),
    [
        (0, 200, "now"),
        (-WINDOW, 200, "as old as may be"),
        (WINDOW, 200, "as far ahead as may be"),
        (-WINDOW - 1, 401, "older"),
        (WINDOW + 1, 401, "further ahead"),
    ],
)
def test_the_window(away: int, expected: int, why: str) -> None:
    assert status(headers(stamp=str(int(NOW) + away)), BODY) == expected, why


def test_the_body() -> None:
    large = b"x" * (LARGEST + 1)
    assert status(headers(large), large) == 413
    assert status(headers(b"\xff\xfe"), b"\xff\xfe") == 400, "not UTF-8, and signed"
    assert status(headers(), BODY + b"&more=1") == 401, "changed on its way"
    assert status(headers() | {"content-length": "99999999"}, None) == 413, "before a byte is read"
    assert status(headers() | {"content-length": "ten"}, None) == 413


def test_without_a_secret_nothing_passes() -> None:
    empty = {"x-slack-request-timestamp": "1531420618", "x-slack-signature": signature("", "1531420618", BODY)}
    with pytest.raises(TurnedAway):
        Guard("", now=lambda: NOW).check(empty, BODY)


def test_what_is_remembered_is_bounded() -> None:
    checked = guard(remembered=10)
    for number in range(50):
        body = b"%d" % number
        checked.check(headers(body), body)
    assert len(checked._seen) == 10


def test_a_race_of_one_request_has_one_winner() -> None:
    checked, passed, barrier = guard(), [], threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        try:
            passed.append(checked.check(headers(), BODY))
        except TurnedAway:
            return

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 1


def status(given: Mapping[str, str], body: bytes | None) -> int:
    """What a request is answered; a body of None is refused before it is read, or not."""
    checked = guard()
    try:
        checked.before_body(given)
        if body is not None:
            checked.check(given, body)
    except TurnedAway as away:
        return away.status
    return 200


names = st.sampled_from(["x-slack-request-timestamp", "x-slack-signature", "content-length", "x-other"])
values = st.text(max_size=80) | st.sampled_from(["1531420618", "v0=" + "0" * 64, "v0=", "nan", "9" * 400])


@settings(max_examples=500, deadline=None)
@given(given_=st.dictionaries(names, values), body=st.binary(max_size=50))
def test_nothing_that_is_not_signed_passes_or_raises(given_: dict[str, str], body: bytes) -> None:
    assert status(given_, body) in (401, 413)
