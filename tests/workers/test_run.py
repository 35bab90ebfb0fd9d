"""A signal to stop ends a process, whenever it comes."""

import subprocess
import sys

import pytest

EVERY_LINE = """
import os, signal, sys, time
from workers.run import told_to_stop, until

def child(lines):
    over = told_to_stop()
    signal.signal(signal.SIGALRM, lambda *_: os._exit(3))  # the lines are over: it waits, as it should
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    left = [lines]
    def trace(frame, event, arg):
        left[0] -= 1
        if left[0] == 0:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, 5)  # ends the process by that signal, if ours does not
            signal.raise_signal(signal.SIGTERM)
        return trace
    sys.settrace(trace)
    until(over)
    os._exit(0)

ended = []
while not ended or ended[-1] == 0:
    pid = os.fork()
    if pid == 0:
        child(len(ended) + 1)
    ended.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(len(ended) - 1, ended[-1])
"""


def test_a_signal_in_the_midst_of_waiting_is_not_lost() -> None:
    """At each line that is run on the way to waiting, a process of its own is told to stop."""
    command = [sys.executable, "-c", EVERY_LINE]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    told, last = map(int, said.split())
    assert last == 3, f"told at line {told + 1}, it went on waiting"
    assert told >= 2


ANOTHER_THREAD = """
import os, signal, threading
from workers.run import told_to_stop, until

over = told_to_stop()
signal.setitimer(signal.ITIMER_REAL, 5)  # ends the process by its signal, if ours does not
main = threading.main_thread().native_id

def tell():
    # The main thread sleeps in the kernel, and the signal is taken by this one: nothing interrupts the sleep.
    while open(f"/proc/self/task/{main}/stat").read().rpartition(")")[2].split()[0] != "S":
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()

threading.Thread(target=tell, daemon=True).start()
until(over)
print("over", flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="whether a thread sleeps is read from /proc")
def test_a_signal_that_another_thread_takes_is_not_lost() -> None:
    command = [sys.executable, "-c", ANOTHER_THREAD]
    said = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout) == (0, "over\n"), said.stderr
