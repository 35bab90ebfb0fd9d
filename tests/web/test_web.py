"""The web process over real connections: what it answers to whom, and that it begins and ends in order."""

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.kernel.clock import FixedClock
from app.sandbox import Sandbox, start
from app.settings import Settings
from app.slack.app import build_app
from app.slack.guard import LARGEST
from app.slack.manifest import BOT_SCOPES
from app.store.engine import make_engine
from app.store.uow import Store
from app.web.app import build_web
from app.web.serve import NoWayIn, serving
from app.web.server import CannotListen, Server
from tests.slack.office import secret_of, settings_of, until
from tests.slack.signed import command_body, send, signed
from tests.world import TEAM, World

PLANTED = "zbigniew-brzozowski"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(unlimited=True, settings={"scopes": BOT_SCOPES}) as running:
        yield running


@pytest.fixture
def app_settings(sandbox: Sandbox) -> Settings:
    return settings_of(sandbox)


@pytest.fixture
def port(world: World, app_settings: Settings) -> Iterator[int]:
    """The web process for the practice, which is bound to a workspace of its own."""
    inbound = build_app(app_settings, world.store)
    with Server(build_web(app_settings, world.store, inbound)) as server:
        yield server.port
    inbound.close()


def body_of(world: World, text: str, *, trigger: str = "1.1.a", user: str = "ana", team: str = TEAM) -> bytes:
    slack_id = world.staff[user].slack_user_id if user in world.staff else user
    return command_body(user=slack_id, team=team, channel="C1", text=text, trigger=trigger)


def test_a_signed_command_is_answered(world: World, port: int, app_settings: Settings) -> None:
    body = body_of(world, "tasks")
    for path in ("/slack/events", "/slack/commands", "/slack/interactivity"):
        answer = send(port, body + path.encode(), signed(secret_of(app_settings), body + path.encode()), path=path)
        assert answer.status == 200, path
    assert "yours" in json.loads(answer.body)["text"]


def test_slacks_check_of_the_address_is_answered(port: int, app_settings: Settings) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    answer = send(port, body, signed(secret_of(app_settings), body), content_type="application/json")
    assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "3eZbrw1aB"})


def test_the_unsigned_the_old_and_the_repeated_are_turned_away(world: World, port: int, app_settings: Settings) -> None:
    secret, body = secret_of(app_settings), body_of(world, "open now")
    assert send(port, body, {}).status == 401
    assert send(port, body, signed("another secret", body)).status == 401
    assert send(port, body, signed(secret, body, at=time.time() - 400)).status == 401
    headers = signed(secret, body)
    assert send(port, body, headers).status == 200
    assert send(port, body, headers).status == 401, "a replay"
    assert cases(world) == 1


def test_a_delivery_that_slack_sends_again_has_no_second_effect(
    world: World, port: int, app_settings: Settings
) -> None:
    body = body_of(world, "open now", trigger="7.7.b")
    first = send(port, body, signed(secret_of(app_settings), body, at=time.time() - 2))
    again = send(port, body, signed(secret_of(app_settings), body))
    assert json.loads(again.body) == json.loads(first.body)
    assert "Opened case" in json.loads(first.body)["text"]
    assert cases(world) == 1


@pytest.mark.parametrize(
    ("stamp", "signature", "why"),
    [
        ("abc", "v0=" + "0" * 64, "letters"),
        ("nan", "v0=" + "0" * 64, "a float"),
        ("9" * 5000, "v0=" + "0" * 64, "five thousand digits"),
        ("1531420618", "v0=\xe9\xe9", "not ASCII"),
        ("", "", "nothing"),
    ],
)
def test_malformed_headers_are_401_without_a_trace(
    port: int, stamp: str, signature: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    answer = send(port, PLANTED.encode(), headers)
    assert answer.status == 401, why
    assert "Traceback" not in answer.body + caplog.text
    assert PLANTED not in answer.body + caplog.text


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"{", "application/json", "broken JSON"),
        (b"[1, 2]", "application/json", "JSON, but no object"),
        (b'"text"', "application/json", "JSON, but no object"),
        (b"null", "application/json", "JSON, but nothing"),
        (b"payload=%7B", "application/x-www-form-urlencoded", "a form with broken JSON"),
        (b"payload=null", "application/x-www-form-urlencoded", "a form with nothing"),
        (b"payload=%5B%5D", "application/x-www-form-urlencoded", "a form with a list"),
        (b"", "application/x-www-form-urlencoded", "nothing"),
        (b"a=%FF", "application/x-www-form-urlencoded", "a form that is not UTF-8 behind its escapes"),
        (b'{"type": "event_callback", "event": 5}', "application/json", "an event that is a number"),
        (b'{"type": "event_callback", "event": {"type": ["x"]}}', "application/json", "a type that is a list"),
        (b'{"type": "event_callback", "event": {"type": "x", "channel": false}}', "application/json", "no channel"),
        (b"\xff\xfe", "application/json", "bytes"),
    ],
)
def test_a_signed_body_that_is_not_ours_is_answered_in_order(
    port: int, app_settings: Settings, body: bytes, content_type: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = send(port, body, signed(secret_of(app_settings), body), content_type=content_type)
    assert answer.status in (200, 400, 404), why
    assert "Traceback" not in answer.body


def test_a_body_that_is_too_large_is_cut_off_while_it_is_read(port: int, app_settings: Settings) -> None:
    body = b"x" * (LARGEST + 1)
    assert send(port, body, signed(secret_of(app_settings), body)).status == 413
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        headers = "".join(f"{name}: {value}\r\n" for name, value in signed(secret_of(app_settings), b"").items())
        raw.sendall(f"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode())
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        answer = b""
        try:
            for _ in range(17):
                raw.sendall(piece)
            answer = raw.recv(1000)
        except OSError:
            answer = answer or b"HTTP/1.1 413 "  # it was cut off before all was sent
        assert answer.startswith(b"HTTP/1.1 413 ")


def test_health_tells_of_the_database_and_the_outbox(world: World, port: int, clock: FixedClock) -> None:
    healthy = send(port, b"", {}, path="/healthz", method="GET")
    assert healthy.status == 200
    assert json.loads(healthy.body) == {"database": "up", "outbox": {"waiting": 0, "oldest_seconds": None}}


def test_health_says_how_long_the_oldest_post_waits(
    world: World, port: int, clock: FixedClock, app_settings: Settings
) -> None:
    body = body_of(world, "open now")
    send(port, body, signed(secret_of(app_settings), body))
    clock.advance(timedelta(minutes=3))
    outbox = json.loads(send(port, b"", {}, path="/healthz", method="GET").body)["outbox"]
    assert outbox["waiting"] >= 1
    assert outbox["oldest_seconds"] == 180.0


def test_health_is_503_without_a_database(sandbox: Sandbox, clock: FixedClock) -> None:
    gone = Store(make_engine("postgresql://nobody@127.0.0.1:9/nothing"), clock)
    inbound = build_app(settings_of(sandbox), gone)
    with Server(build_web(settings_of(sandbox), gone, inbound)) as server:
        answer = send(server.port, b"", {}, path="/healthz", method="GET")
    inbound.close()
    assert (answer.status, json.loads(answer.body)) == (503, {"database": "down"})


def test_the_page_says_where_to_go_and_nothing_else(port: int) -> None:
    page = send(port, b"", {}, path="/", method="GET")
    assert page.status == 200
    assert "/cb help" in page.body
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "server" not in page.headers
    assert send(port, b"", {}, path="/slack/events", method="GET").status == 405
    assert send(port, b"", {}, path="/other", method="GET").status == 404


def test_without_a_signing_secret_slacks_paths_are_not_there(world: World, sandbox: Sandbox) -> None:
    bare = Settings.model_validate({"SLACK_API_URL": sandbox.api_url})
    inbound = build_app(bare, world.store)
    with Server(build_web(bare, world.store, inbound)) as server:
        body = body_of(world, "open now")
        assert send(server.port, body, signed("", body)).status == 404
    inbound.close()


def test_many_at_once_are_all_answered(world: World, port: int, app_settings: Settings) -> None:
    def ask(number: int) -> int:
        body = body_of(world, "open now", trigger=f"9.{number}.c")
        return send(port, body, signed(secret_of(app_settings), body)).status

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(48))) == {200}
    assert cases(world) == 48


def test_a_stop_finishes_what_is_under_way(world: World, app_settings: Settings, engine: Engine) -> None:
    inbound = build_app(app_settings, world.store)
    server = Server(build_web(app_settings, world.store, inbound)).start()
    body, answers = body_of(world, "open now"), []
    blocker = engine.connect()
    blocker.exec_driver_sql("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE")
    asking = threading.Thread(
        target=lambda: answers.append(send(server.port, body, signed(secret_of(app_settings), body)).status)
    )
    asking.start()
    until(lambda: waiting_for_locks(engine) > 0)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    until(lambda: server._server.should_exit)
    blocker.rollback()
    blocker.close()
    asking.join(8)
    stopping.join(8)
    inbound.close()
    assert answers == [200]
    assert not stopping.is_alive()
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_port_that_is_taken_is_said(app_settings: Settings, world: World) -> None:
    inbound = build_app(app_settings, world.store)
    web = build_web(app_settings, world.store, inbound)
    with Server(web) as server, pytest.raises(CannotListen, match="set PORT to another"):
        Server(web, port=server.port)
    inbound.close()


def test_it_listens_on_this_machine_only(world: World, port: int) -> None:
    if sys.platform != "linux":
        with pytest.raises(OSError, match=r"."):
            socket.create_connection((socket.gethostbyname(socket.gethostname()), port), timeout=1)
        return
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [address for _, address, _, state, *_ in sockets if state == "0A" and address.endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]


def test_serving_with_neither_token_nor_secret_says_what_to_set(world: World, sandbox: Sandbox) -> None:
    bare = Settings.model_validate({"SLACK_API_URL": sandbox.api_url})
    with pytest.raises(NoWayIn, match="SLACK_APP_TOKEN"), serving(bare, world.store):
        raise AssertionError("it has no way in")


def test_serving_over_socket_mode_works_although_its_port_is_taken(
    world: World, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        both = settings_of(sandbox, PORT=taken.getsockname()[1])
        with serving(both, world.store) as port:
            assert port is None
            until(lambda: sandbox.connections() == 1)
    assert "set PORT to another" in caplog.text
    until(lambda: sandbox.connections() == 0)


def test_our_own_log_lines_are_not_silenced_with_bolts(world: World, app_settings: Settings) -> None:
    build_app(app_settings, world.store).close()
    assert logging.getLogger("caseboard.web").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("caseboard.slack.bolt").isEnabledFor(logging.WARNING)


def test_nothing_that_was_typed_is_logged(
    world: World, port: int, app_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for number, line in enumerate((f"claim {PLANTED}", f"{PLANTED} 12", f"open {PLANTED}", f"date board {PLANTED}")):
        body = body_of(world, line, trigger=f"5.{number}.d")
        send(port, body, signed(secret_of(app_settings), body))
    assert PLANTED not in caplog.text


def cases(world: World) -> int:
    with world.store.read() as uow:
        return int(uow.session.execute(text("SELECT count(*) FROM cases")).scalar_one())


def waiting_for_locks(engine: Engine) -> int:
    with engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return int(connection.exec_driver_sql(query).scalar_one())
