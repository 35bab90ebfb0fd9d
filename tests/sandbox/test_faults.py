"""Slack failing on request: what the client sees, and whether the call was applied all the same."""

import http.client

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import RefusedError, Sandbox
from app.sandbox.errors import SlackError
from app.sandbox.faults import KINDS, Faults
from app.sandbox.hooks import ResponseUrls


def outcome(web: WebClient, channel: str) -> str:
    """What a post meets, in short."""
    try:
        web.chat_postMessage(channel=channel, text="hello")
    except SlackApiError as error:
        answer = error.response
        if answer.status_code in (403, 410, 500, 503):
            return f"HTTP {answer.status_code}"
        if answer.status_code == 429:
            return f"429 after {answer.headers['Retry-After']}"
        return str(answer["error"])
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    return "ok"


@pytest.mark.parametrize(
    ("kind", "seen", "applied"),
    [
        ("ratelimit", "429 after 1", False),
        ("ratelimit:7", "429 after 7", False),
        ("http:410", "HTTP 410", False),
        ("http_403", "HTTP 403", False),
        ("http_500", "HTTP 500", False),
        ("http_503", "HTTP 503", False),
        ("http_500_after", "HTTP 500", True),
        ("http_503_after", "HTTP 503", True),
        ("error:fatal_error", "fatal_error", False),
        ("error_after", "internal_error", True),
        ("error_after:fatal_error", "fatal_error", True),
        ("reset", "ConnectionResetError", False),
        ("reset_after", "ConnectionResetError", True),
        ("hang", "TimeoutError", False),
        ("hang_after", "TimeoutError", True),
        ("slow:0.02", "ok", True),
    ],
)
def test_each_fault_once(sandbox: Sandbox, case: str, kind: str, seen: str, applied: bool) -> None:
    impatient = WebClient(token="xoxb-sandbox", base_url=sandbox.api_url, retry_handlers=[], timeout=1)
    impatient.timeout = 0.2  # type: ignore[assignment]
    sandbox.fault("chat.postMessage", kind, times=1)

    assert outcome(impatient, case) == seen
    assert len(sandbox.messages(case)) == int(applied)
    call = sandbox.ledger(kind="call")[-1]
    assert (call["method"], call["applied"], call["fault"]) == ("chat.postMessage", applied, kind)
    assert outcome(impatient, case) == "ok"  # once only
    assert len(sandbox.messages(case)) == int(applied) + 1


def test_all_kinds_are_tried_above() -> None:
    [mark] = [mark for mark in test_each_fault_once.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {str(row[0]).partition(":")[0] for row in mark.args[1]} == set(KINDS)


def test_slack_sdk_s_usual_client_doubles_a_post_whose_answer_was_lost(sandbox: Sandbox, case: str) -> None:
    usual = WebClient(token="xoxb-sandbox", base_url=sandbox.api_url)
    sandbox.fault("chat.postMessage", "reset_after", times=1)

    usual.chat_postMessage(channel=case, text="hello")
    assert [message["text"] for message in sandbox.messages(case)] == ["hello", "hello"]


def test_a_seed_makes_faults_repeat_themselves(case: str, sandbox: Sandbox, web: WebClient) -> None:
    def run() -> list[str]:
        sandbox.clear_faults()
        sandbox.fault("chat.*", "http_503", probability=0.3, seed=11)
        return [outcome(web, case) for _ in range(30)]

    first = run()
    assert first == run()
    assert 3 <= first.count("HTTP 503") <= 15


def test_faults_are_listed_counted_and_cleared(sandbox: Sandbox, web: WebClient, case: str) -> None:
    one = sandbox.fault("users.*", "http_500")
    two = sandbox.fault("chat.postMessage", "error:is_archived", times=2)
    outcome(web, case)

    assert [(rule["id"], rule["fired"], rule["remaining"]) for rule in sandbox.faults()] == [
        (one, 0, None),
        (two, 1, 1),
    ]
    sandbox.clear_faults(two)
    assert [rule["id"] for rule in sandbox.faults()] == [one]
    assert outcome(web, case) == "ok"
    sandbox.clear_faults()
    assert sandbox.faults() == []


@pytest.mark.parametrize(
    "kind", ["explode", "slow", "slow:soon", "error", "ratelimit:soon", "http", "http:200", "http:gone"]
)
def test_faults_that_there_are_not(sandbox: Sandbox, kind: str) -> None:
    with pytest.raises(RefusedError):
        sandbox.fault("*", kind)


def test_probabilities_are_between_0_and_1() -> None:
    with pytest.raises(RefusedError, match="between 0 and 1"):
        Faults().add("*", "http_500", probability=1.5)


def test_a_response_url_can_fail_too(sandbox: Sandbox, web: WebClient) -> None:
    ana = sandbox.person("ana")
    hall = sandbox.channel("hall", creator="ana")
    hook = sandbox.world.response_urls.issue(ana.id, hall)
    sandbox.fault("response_url", "http_503_after", times=1)

    def post() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
        connection.request("POST", f"/hooks/{hook.token}", '{"text": "hello"}', {"Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        return status

    assert post() == 503
    assert [shown["text"] for shown in ana.ephemerals(hall)] == ["hello"]
    assert [post() for _ in range(5)] == [200, 200, 200, 200, 404]  # five uses in all


def test_a_response_url_lasts_half_an_hour() -> None:
    now = [0.0]
    urls = ResponseUrls(lambda: now[0])
    hook = urls.issue("U1", "C1")
    now[0] = 30 * 60
    assert urls.use(hook.token) is hook
    now[0] += 1
    with pytest.raises(SlackError, match="expired_url"):
        urls.use(hook.token)
