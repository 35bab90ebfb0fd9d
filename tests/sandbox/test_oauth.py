"""The app comes into the workspace over OAuth, and goes: the page, tokens that rotate, the two events of an end."""

import http.client
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, RefusedError, Sandbox
from app.sandbox.jsontypes import JsonObject, as_object
from tests.sandbox.conftest import client_of
from tests.sandbox.scene import BACK, CLIENT

ASKED = {"client_id": CLIENT["client_id"], "scope": "chat:write,pins:write", "redirect_uri": BACK, "state": "s1"}


def ask(sandbox: Sandbox, asked: dict[str, object], answer: str = "") -> tuple[int, str, str]:
    """Look at the page, or answer it; the status, where it leads, and what it says."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    body = urlencode({"answer": answer}) if answer else None
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if answer else {}
    connection.request("POST" if answer else "GET", f"/oauth/v2/authorize?{urlencode(asked)}", body, headers)
    found = connection.getresponse()
    text = found.read().decode()
    connection.close()
    return found.status, found.getheader("location") or "", text


def granted(sandbox: Sandbox) -> JsonObject:
    """What an app gets that somebody has allowed in."""
    _, back, _ = ask(sandbox, ASKED, "allow")
    query = parse_qs(urlsplit(back).query)
    assert (back.partition("?")[0], query["state"]) == (BACK, ["s1"])
    answer = WebClient(base_url=sandbox.api_url).oauth_v2_access(
        client_id=str(CLIENT["client_id"]), client_secret=str(CLIENT["client_secret"]), code=query["code"][0],
        redirect_uri=BACK,
    )  # fmt: skip
    assert isinstance(answer.data, dict)
    return answer.data


def code_of(web: WebClient) -> str:
    try:
        web.auth_test()
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_id": "1.1"}, "client_id"),
        ({"scope": ""}, "no scopes"),
        ({"redirect_uri": "https://evil.example/back"}, "redirect_uri"),
    ],
)
def test_what_cannot_be_asked_leads_nowhere(sandbox: Sandbox, change: dict[str, object], why: str) -> None:
    for answer in ("", "allow"):
        status, location, text = ask(sandbox, ASKED | change, answer)
        assert (status, location, why in text) == (400, "", True)


def test_whoever_cancels_is_sent_back_with_that(sandbox: Sandbox, ana: Person) -> None:
    status, location, _ = ask(sandbox, ASKED, "cancel")
    assert (status, parse_qs(urlsplit(location).query)) == (302, {"error": ["access_denied"], "state": ["s1"]})


def test_whoever_allows_it_gives_the_scopes_that_were_asked_for(sandbox: Sandbox, ana: Person) -> None:
    assert "chat:write, pins:write" in ask(sandbox, ASKED)[2]
    given = granted(sandbox)
    assert given["authed_user"] == {"id": ana.id}
    assert given["scope"] == "chat:write,pins:write"
    assert "refresh_token" not in given
    web = client_of(sandbox, str(given["access_token"]))
    assert web.auth_test().headers["x-oauth-scopes"] == "chat:write,pins:write"


def test_a_token_that_rotates_is_good_to_its_end_beside_its_successor(sandbox: Sandbox, ana: Person) -> None:
    sandbox.configure(token_lives=43200)
    first = granted(sandbox)
    assert first["expires_in"] == 43200
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = client_of(sandbox).api_call("oauth.v2.access", data=CLIENT | renew)
    assert [code_of(client_of(sandbox, str(one["access_token"]))) for one in (first, second)] == ["", ""]
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        client_of(sandbox).api_call("oauth.v2.access", data=CLIENT | renew)
    sandbox.expire()
    assert [code_of(client_of(sandbox, str(one["access_token"]))) for one in (first, second)] == ["token_expired"] * 2
    assert code_of(client_of(sandbox)) == "", "the token that it was started with does not rotate"


@pytest.mark.parametrize(
    ("act", "code", "told"),
    [
        ("uninstall", "account_inactive", {"app_uninstalled", "tokens_revoked"}),
        ("revoke", "token_revoked", {"tokens_revoked"}),
    ],
)
def test_an_end_is_told_by_events_and_lasts_until_somebody_allows_it_again(
    sandbox: Sandbox, ana: Person, act: str, code: str, told: set[str]
) -> None:
    sandbox.configure(events=["app_uninstalled", "tokens_revoked"])
    token = str(granted(sandbox)["access_token"])
    getattr(sandbox, act)()

    def sent() -> set[str]:
        # To nobody, as no app is connected: an app's own framework would first ask Slack about the token.
        return {str(as_object(as_object(line["request"])["event"])["type"]) for line in sandbox.ledger(kind="delivery")}

    sandbox.wait(lambda: sent() == told, message="the events were not sent")
    assert (code_of(client_of(sandbox, token)), code_of(client_of(sandbox))) == (code, code)
    assert code_of(client_of(sandbox, str(granted(sandbox)["access_token"]))) == ""


def test_somebody_of_another_workspace_says_so_and_has_no_commands(sandbox: Sandbox) -> None:
    sven = sandbox.person("sven", team="T0THEIRS001")
    user = client_of(sandbox).users_info(user=sven.id)["user"]
    assert (user["team_id"], user["is_stranger"]) == ("T0THEIRS001", True)
    with pytest.raises(RefusedError, match="no commands"):
        sven.command("/cb help", sandbox.channel("hall", members=[sven.id]))


def test_somebody_becomes_a_guest_and_is_one_no_more(sandbox: Sandbox, ana: Person) -> None:
    for guest, known in (("single", (True, True)), ("multi", (True, False)), ("", (False, False))):
        ana.change(guest=guest)
        user = client_of(sandbox).users_info(user=ana.id)["user"]
        assert (user["is_restricted"], user["is_ultra_restricted"]) == known
    with pytest.raises(RefusedError, match="multi"):
        ana.change(guest="yes")
