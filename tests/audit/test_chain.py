"""The record of changes: whoever touches it is found."""

import pytest
from sqlalchemy import Engine, text

from app.audit.service import Mark, verify
from app.cases.service import open_case
from tests.world import World

TOUCHED = {
    "a word": "UPDATE audit_entries SET action = 'case.close' WHERE seq = 3",
    "who it was": "UPDATE audit_entries SET actor_id = NULL WHERE seq = (SELECT max(seq) FROM audit_entries)",
    "when": "UPDATE audit_entries SET at = at - interval '1 day' WHERE seq = 3",
    "an entry taken out": "DELETE FROM audit_entries WHERE seq = 3",
    "an entry put twice": (
        "INSERT INTO audit_entries (program_id, seq, at, origin, action, object_type, object_id, fields, result,"
        " prev_hash, hash) SELECT program_id, (SELECT max(seq) + 1 FROM audit_entries), at, origin, action,"
        " object_type, object_id, fields, result, prev_hash, hash FROM audit_entries WHERE seq = 3"
    ),
}


@pytest.mark.parametrize("statement", TOUCHED.values(), ids=list(TOUCHED))
def test_what_was_touched_is_found(world: World, engine: Engine, statement: str) -> None:
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with world.store.read() as uow:
        assert verify(uow.session, world.program.id).breaks == []

    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        connection.execute(text(statement))

    with world.store.read() as uow:
        assert verify(uow.session, world.program.id).breaks != []


def test_a_mark_that_was_noted_finds_a_record_cut_short_or_written_anew(world: World, engine: Engine) -> None:
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with world.store.read() as uow:
        mark = verify(uow.session, world.program.id).mark
    assert mark is not None
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with world.store.read() as uow:
        assert verify(uow.session, world.program.id, mark).breaks == [], "the record has grown since"

    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM audit_entries WHERE seq >= :seq"), {"seq": mark.seq})
    with world.store.read() as uow:
        assert verify(uow.session, world.program.id).breaks == [], "the chain alone does not see it"
        assert [one.what for one in verify(uow.session, world.program.id, mark).breaks] == [
            f"it was noted, and the record ends at {mark.seq - 1}"
        ]

    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with world.store.read() as uow:
        assert "it is not the entry that was noted" in [
            one.what for one in verify(uow.session, world.program.id, mark).breaks
        ]


def test_a_mark_says_where_the_entry_that_it_noted_was_taken_out(world: World, engine: Engine) -> None:
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with world.store.read() as uow:
        mark = verify(uow.session, world.program.id).mark
    assert mark is not None
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM audit_entries WHERE seq = :seq"), {"seq": mark.seq})
    with world.store.read() as uow:
        assert "it was noted, and is missing" in [
            one.what for one in verify(uow.session, world.program.id, mark).breaks
        ]


@pytest.mark.parametrize("said", ["", "12", "12:xyz", "0:" + "9f3a" * 8, "twelve:" + "9f3a" * 8, "12:" + "9f3a" * 16])
def test_a_mark_that_is_none_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(ValueError, match="prints one, such as 12:9f3a"):
        Mark.parse(said)


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_the_database_refuses_to_touch_it(world: World, engine: Engine, statement: str) -> None:
    with pytest.raises(Exception, match=r"audit_entries|append"), engine.begin() as connection:
        connection.execute(text(statement))
