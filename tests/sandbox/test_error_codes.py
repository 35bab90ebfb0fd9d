"""Every error code that Slack's reference lists, for every method: provoked over a real connection, or named as one
that cannot occur here. See `provoked.py` and `never.py`."""

import http.client

import pytest
from slack_sdk.errors import SlackApiError

from app.sandbox import Sandbox, contract
from app.sandbox.api.dispatch import WITHOUT_TOKEN
from app.sandbox.errors import RateLimitedError
from app.sandbox.world import TOKEN_ERRORS
from tests.sandbox.conftest import client_of
from tests.sandbox.never import never
from tests.sandbox.provoked import SLACKS_OWN, WAYS
from tests.sandbox.scene import CALLS, Scene, set_scene

METHODS = sorted(contract.methods())
WITH_TOKEN = [method for method in METHODS if method not in WITHOUT_TOKEN]
WITH_SCOPES = [method for method in METHODS if contract.methods()[method].scopes]
FAILURES = ("fatal_error", "request_timeout", "service_unavailable")
"""Failures of Slack's own that every method may answer."""

BAD_BODIES = {
    "invalid_array_arg": ("application/x-www-form-urlencoded", b"channel[]=C1"),
    "invalid_arg_name": ("application/x-www-form-urlencoded", b"chan%20nel=C1"),
    "invalid_charset": ("application/x-www-form-urlencoded; charset=koi8-r", b"channel=C1"),
    "invalid_form_data": ("application/x-www-form-urlencoded", b'{"channel":"C1"}'),
    "invalid_post_type": ("text/xml", b"<channel>C1</channel>"),
    "missing_post_type": ("", b"channel=C1"),
}
"""By code: the content type of a request, and its body."""

PROVOKED = (
    set(WAYS)
    | SLACKS_OWN
    | {(method, code) for method in METHODS for code in ("ratelimited", *FAILURES, *BAD_BODIES)}
    | {(method, code) for method in WITH_TOKEN for code in ("not_authed", "not_allowed_token_type", *TOKEN_ERRORS)}
    | {(method, "missing_scope") for method in WITH_SCOPES}
)


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return set_scene(sandbox)


def test_every_listed_code_is_provoked_or_cannot_occur() -> None:
    listed = {
        (method, code) for method in METHODS for code in contract.methods()[method].errors | contract.common_errors()
    }
    cannot = set(never())

    assert sorted(PROVOKED & cannot) == []
    assert sorted(listed - PROVOKED - cannot) == []
    assert sorted((PROVOKED | cannot) - listed) == []
    assert all(reason.strip() for reason in never().values())


@pytest.mark.parametrize(("method", "code"), sorted(WAYS), ids=lambda value: value)
def test_a_code_of_a_method_s_own(scene: Scene, method: str, code: str) -> None:
    differing = {**CALLS[method](scene), **WAYS[method, code](scene)}
    before = len(scene.sandbox.ledger(kind="change"))

    refusal = scene.code(method, {name: value for name, value in differing.items() if value is not None})
    assert refusal == code
    assert len(scene.sandbox.ledger(kind="change")) == before


@pytest.mark.parametrize(("method", "code"), sorted(SLACKS_OWN), ids=lambda value: value)
def test_a_failure_of_slack_s_own(scene: Scene, method: str, code: str) -> None:
    good = CALLS[method](scene)
    scene.sandbox.fault(method, f"error:{code}", times=1)

    assert scene.code(method, good) == code
    assert scene.code(method, good) == ""


@pytest.mark.parametrize("method", METHODS)
def test_codes_that_every_method_answers(scene: Scene, method: str) -> None:
    sandbox, good = scene.sandbox, CALLS[method](scene)
    for code in FAILURES:
        sandbox.fault(method, f"error:{code}", times=1)
        assert scene.code(method, good) == code
    for code, (content_type, body) in BAD_BODIES.items():
        assert code_of_body(sandbox, method, content_type, body) == code
    if method in WITH_TOKEN:
        other = "xoxb-sandbox" if method == "apps.connections.open" else "xapp-sandbox"
        for token, code in (("", "not_authed"), (other, "not_allowed_token_type"), ("xoxb-no", "invalid_auth")):
            with pytest.raises(SlackApiError) as error:
                client_of(sandbox, token).api_call(method)
            assert error.value.response["error"] == code
        for code in TOKEN_ERRORS:
            sandbox.configure(token_error=code)
            assert scene.code(method, good) == code
        sandbox.configure(token_error="")
    if method in WITH_SCOPES:
        sandbox.configure(scopes=[])
        with pytest.raises(SlackApiError) as error:
            scene.call(method, good)
        answer = error.value.response
        assert (answer["error"], answer["provided"]) == ("missing_scope", "")
        assert answer["needed"].split(",") == list(contract.methods()[method].scopes)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_held_to_its_rate(scene: Scene, method: str) -> None:
    good = CALLS[method](scene)
    scene.sandbox.configure(rate={})
    taken = used_up(scene.sandbox, method, str(good.get("channel", "")))

    with pytest.raises(SlackApiError) as error:
        scene.call(method, good)
    answer = error.value.response
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert int(answer.headers["Retry-After"]) >= 1
    assert taken == (5 if method == "chat.postMessage" else contract.methods()[method].per_minute)


def used_up(sandbox: Sandbox, method: str, channel: str) -> int:
    """Counts calls, without sending them, until the next would be too many; how many there were."""
    for taken in range(1000):
        try:
            sandbox.world.rates.check(method, channel)
        except RateLimitedError:
            return taken
    return 1000


def code_of_body(sandbox: Sandbox, method: str, content_type: str, body: bytes) -> str:
    """The error code of a request with this body; slack_sdk sends no such ones."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    token = "xapp-sandbox" if method == "apps.connections.open" else "xoxb-sandbox"
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": content_type} if content_type else {})
    connection.request("POST", f"/api/{method}", body, headers)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer.split('"error":"')[1].split('"')[0]
