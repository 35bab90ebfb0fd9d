"""The sweep finds every channel in which something can be done, and only these, by its index."""

import pytest
from sqlalchemy import text

from app.notices import sweep
from tests.notices.conftest import Practice

READY = [
    ("a post waits", "", True),
    (
        "it is held for later",
        "UPDATE notices SET state = 'held', not_before = clock_timestamp() + interval '1 h'",
        False,
    ),
    ("it was held, and the time is over", "UPDATE notices SET state = 'held', not_before = clock_timestamp()", True),
    ("nobody knows of it, and the pause is over", "UPDATE notices SET state = 'unknown', not_before = now()", True),
    ("its worker died", "UPDATE notices SET state = 'sending'", True),
    (
        "somebody works on it",
        "UPDATE channels SET lease = gen_random_uuid(), lease_until = now() + interval '1 h'",
        False,
    ),
    ("somebody worked on it and died", "UPDATE channels SET lease = gen_random_uuid(), lease_until = now()", True),
    ("the whole channel waits", "UPDATE channels SET not_before = clock_timestamp() + interval '1 h'", False),
    ("it was given up", "UPDATE notices SET state = 'dead', error = 'no'", False),
    ("it is there", "UPDATE notices SET state = 'delivered', delivered_at = now()", False),
]


@pytest.mark.parametrize(("why", "change", "found"), READY, ids=[why for why, _, _ in READY])
def test_a_channel_is_found_when_something_can_be_done(practice: Practice, why: str, change: str, found: bool) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.tell(case, "hello")
    if change:
        where = f" WHERE channel_id = {practice.channel(case).id} AND state = 'pending'" if "notices" in change else ""
        practice.do(change + where)
    with practice.engine.connect() as connection:
        assert (practice.channel(case).id in sweep.deliverable(connection)) is found
        assert sweep.is_deliverable(connection, practice.channel(case).id) is found


def test_a_line_whose_head_waits_is_not_found_for_what_stands_behind_it(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    head = practice.tell(case, "head")
    practice.tell(case, "behind")
    practice.do(
        "UPDATE notices SET state = 'unknown', not_before = now() + interval '1 h' WHERE id = CAST(:id AS uuid)",
        id=head,
    )
    with practice.engine.connect() as connection:
        assert sweep.deliverable(connection) == []


def test_the_sweep_and_the_head_of_a_line_read_only_what_is_open(practice: Practice) -> None:
    """Among 20,000 delivered notices, the plan is the partial index of the open ones."""
    case = practice.open()
    channel = practice.channel(case)
    practice.do(
        "INSERT INTO notices (id, program_id, channel_id, kind, dedupe_key, payload, state, attempts, created_at,"
        " delivered_at) SELECT gen_random_uuid(), :program, :channel, 'reminder', 'old:' || n, '{}', 'delivered', 1,"
        " now(), now() FROM generate_series(1, 20000) n",
        program=channel.program_id,
        channel=channel.id,
    )
    practice.do("ANALYZE notices")
    from app.notices.line import _HEADS

    for statement, values in ((sweep._ALL, {"limit": 100}), (_HEADS, {"channel": channel.id})):
        with practice.engine.connect() as connection:
            plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {statement.text}"), values))
        assert "notices_open" in plan
        assert "Seq Scan on notices" not in plan
