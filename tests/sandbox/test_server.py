"""The server itself: quick to start and stop, on this machine only, whatever hangs on it."""

import http.client
import socket
import threading
import time

import pytest
from slack_sdk import WebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.sandbox import NotLoopbackError, Person, RefusedError, Sandbox, SandboxClient, start
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.conftest import client_of


def get(sandbox: Sandbox, path: str, *, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = response.read().decode()
    connection.close()
    return response.status, answer


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.168.1.5", "example.com"])
def test_it_listens_on_this_machine_only(host: str) -> None:
    with pytest.raises(NotLoopbackError, match="this machine only"):
        start(host=host)


def test_requests_that_name_another_host_are_refused(sandbox: Sandbox) -> None:
    for path in ("/api/api.test", "/control/status", "/"):
        assert get(sandbox, path, Host="evil.example")[0] == 403
    assert get(sandbox, "/api/api.test", Host=f"localhost:{sandbox.port}")[0] == 200


def test_another_site_s_form_cannot_act_as_a_person(sandbox: Sandbox) -> None:
    status, _ = get(sandbox, "/control/person.add", method="POST", body='{"name": "eve"}', Content_Type="text/plain")
    assert status == 415
    assert sandbox.people() == []


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        start(port=taken.getsockname()[1])


def test_it_starts_and_stops_in_a_moment() -> None:
    started = time.perf_counter()
    with start() as sandbox:
        assert sandbox.status()["connections"] == 0
    assert time.perf_counter() - started < 1


def test_it_stops_while_calls_hang_and_sockets_are_open() -> None:
    sandbox = start(unlimited=True, settings={"events": []})
    try:
        web = client_of(sandbox)
        channel = web.conversations_create(name="x")["channel"]["id"]
        sandbox.fault("chat.postMessage", "hang")
        failed: list[Exception] = []

        def post() -> None:
            try:
                web.chat_postMessage(channel=channel, text="x")
            except OSError as error:
                failed.append(error)

        hanging = threading.Thread(target=post)
        hanging.start()
        sandbox.wait(lambda: sandbox.ledger(kind="call")[-1]["fault"] == "hang")
        app, _ = bolt(sandbox)
        with over_socket(sandbox, app):
            started = time.perf_counter()
            sandbox.stop()
            assert time.perf_counter() - started < 2
            hanging.join(5)
        assert len(failed) == 1
    finally:
        sandbox.stop()


def test_unknown_ways_are_said(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match="There is no 'dance'"):
        sandbox.ask("dance")
    with pytest.raises(RefusedError, match="no setting colour"):
        sandbox.configure(colour="red")
    with pytest.raises(RefusedError, match="no person 'zoe'"):
        sandbox.ask("home.open", user="zoe")
    with pytest.raises(RefusedError, match="no channel 'nowhere'"):
        sandbox.messages("nowhere")
    assert get(sandbox, "/control/status", method="POST", body="[]", Content_Type="application/json")[0] == 400
    assert get(sandbox, "/nothing/here")[0] == 404


def test_a_demo_can_mount_routes_of_its_own() -> None:
    def clock(request: Request) -> PlainTextResponse:
        return PlainTextResponse("noon")

    with start(routes=[Route("/clock", clock)]) as sandbox:
        assert get(sandbox, "/clock") == (200, "noon")


def test_waiting_ends_with_what_was_waited_for(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError, match=r"no news \(waited 0\.05 s\)"):
        sandbox.wait(lambda: False, timeout=0.05, message="no news")


def test_many_people_act_at_once(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    other = SandboxClient(sandbox.base_url)
    people = [other.person(f"p{number}") for number in range(8)]
    for person in people:
        person.join(case)

    def talk(person: Person) -> None:
        for number in range(20):
            person.post(case, f"{person.name} {number}")

    threads = [threading.Thread(target=talk, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    shown = sandbox.messages(case)
    assert len({message["ts"] for message in shown}) == 160
    for person in people:
        own = [str(message["text"]) for message in shown if message["user"] == person.id]
        assert own == [f"{person.name} {number}" for number in range(20)]
    other.close()
