"""The benchmark of the sandbox, in short: it measures what it says, and leaves nothing running."""

from benchmarks.sandbox import bench_sandbox


def test_the_benchmark_in_short() -> None:
    found = bench_sandbox(messages=300, calls=100, starts=2)

    assert set(found) == {"start", "post", "ratio", "memory", "note"}
    memory = found["memory"]
    assert isinstance(memory, dict)
    assert memory["messages"] == 300
    assert memory["after_mb"] >= memory["before_mb"] > 0
    assert memory["ledger_mb"] > 0.1
