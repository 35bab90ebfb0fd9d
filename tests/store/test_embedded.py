"""The embedded PostgreSQL among processes that share it, some of which are killed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from app.store.embedded import EmbeddedFailed, embedded, end_left_over
from app.store.postmaster import end_server

DEADLINE = 90.0
USE = """
import sys
from pathlib import Path
from app.store.embedded import embedded
with embedded(Path(sys.argv[1]), throwaway=True) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


class User:
    """A process that uses the server until it is told to leave, or killed."""

    def __init__(self, data: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", USE, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout is not None
        self.url = self._child.stdout.readline().strip().replace("+psycopg", "")
        assert self.url

    def leave(self) -> None:
        self._child.communicate(timeout=DEADLINE)
        assert self._child.returncode == 0

    def kill(self) -> None:
        self._child.kill()
        self._child.communicate(timeout=DEADLINE)

    def is_served(self) -> bool:
        with psycopg.connect(self.url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.fixture
def data() -> Iterator[Path]:
    """Open to the user that the server runs as."""
    with tempfile.TemporaryDirectory(prefix="cb-") as name:
        os.chmod(name, 0o755)
        yield Path(name)
        end_server((Path(name) / "postgres").resolve())


@pytest.fixture
def use(data: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def begin() -> User:
        users.append(User(data))
        return users[-1]

    yield begin
    for user in users:
        user.kill()


def server(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split("\n")[0]))


def runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def test_the_server_of_a_killed_process_ends_with_the_next_one_that_leaves(data: Path, use: Callable[[], User]) -> None:
    killed = use()
    left = server(data)
    killed.kill()
    assert runs(left)
    following = use()
    now = server(data)
    assert following.is_served()
    following.leave()
    assert not runs(left)
    assert not runs(now)


def test_a_server_is_not_ended_while_somebody_uses_it(data: Path, use: Callable[[], User]) -> None:
    staying, killed = use(), use()
    first = server(data)
    killed.kill()
    assert staying.is_served()
    use().leave()
    assert staying.is_served()
    with pytest.raises(EmbeddedFailed, match=r"in use\. Nothing was thrown away"):
        end_left_over(data)
    assert staying.is_served()
    assert server(data) == first
    staying.leave()
    assert not runs(first)


def test_a_folder_can_be_thrown_away_and_made_anew_after_a_kill(data: Path, use: Callable[[], User]) -> None:
    killed = use()
    left = server(data)
    with psycopg.connect(killed.url):  # as of a process that outlived it: the server waits for it if asked kindly
        killed.kill()
        end_left_over(data)
        assert not runs(left)
    shutil.rmtree(data / "postgres")

    killed = use()
    left = server(data)
    with psycopg.connect(killed.url):
        killed.kill()
        shutil.rmtree(data / "postgres")  # by hand, beneath the server
        following = use()
        assert not runs(left)
        assert following.is_served()
        following.leave()


def test_a_pid_file_that_names_another_process_is_in_nobodys_way(data: Path, use: Callable[[], User]) -> None:
    use().leave()
    other = f"{os.getpid()}\n{data}/postgres\n1700000000\n5432\n{data}/postgres\n\n  1 1\nready   \n"
    (data / "postgres" / "postmaster.pid").write_text(other)
    following = use()
    assert following.is_served()
    following.leave()


def test_two_uses_in_one_process_end_the_server_once(data: Path) -> None:
    with embedded(data, throwaway=True) as url:
        used = server(data)
        with embedded(data, throwaway=True) as again:
            assert again == url
        assert runs(used)
    assert not runs(used)


def test_what_did_not_start_says_where_to_look(data: Path) -> None:
    (data / "postgres").mkdir()
    (data / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(EmbeddedFailed, match=r"did not start \(\w+: .+\)\. .*Set CASEBOARD_DATA"), embedded(data):
        pass
