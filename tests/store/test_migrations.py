"""The migrations make exactly the tables that the code describes, and can be taken back."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import app.tables  # noqa: F401
from app.cases.service import open_case
from app.kernel.clock import SystemClock
from app.migrate import config, is_current, migrate
from app.store.uow import Store
from tests.world import make_world


def test_autogenerate_finds_nothing_to_change(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_check_and_partial_index_of_the_models_is_in_the_database(engine: Engine) -> None:
    """Autogenerate does not see changed predicates, so what PostgreSQL has is compared with a fresh build."""
    probe = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0 AND contype <> 'n'"
        " UNION SELECT tablename, indexname, regexp_replace(indexdef, ' ON [^ ]+\\.', ' ON ')"
        " FROM pg_indexes WHERE schemaname = current_schema()"
    )
    with engine.connect() as connection:
        migrated = {tuple(row) for row in connection.execute(text(probe))}
        connection.execute(text("CREATE SCHEMA fresh"))
        connection.execute(text("SET LOCAL search_path = fresh"))
        SQLModel.metadata.create_all(connection)
        built = {tuple(row) for row in connection.execute(text(probe))}
    assert {row for row in migrated if "alembic_version" not in row[0]} == built
    assert any(isinstance(item, CheckConstraint) for item in SQLModel.metadata.tables["tasks"].constraints)


def test_every_migration_can_be_taken_back_and_applied_again(engine: Engine) -> None:
    with engine.connect() as connection:
        settings = config(connection)
        for _ in ScriptDirectory.from_config(settings).walk_revisions():
            command.downgrade(settings, "-1")
        connection.commit()
        left = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        ).all()
        assert left == []
        functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        assert connection.execute(text(functions)).all() == []
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)


def test_history_cannot_be_rewritten(database_url: str) -> None:
    engine = create_engine(database_url)
    for table in ("audit_entries", "clock_events"):
        # CASCADE, since a table that refers to it would stand in the way before the trigger does.
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"UPDATE {table} SET at = now()"):
            with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(statement))
    engine.dispose()


def test_who_left_a_channel_before_invitations_were_kept_is_not_called_back(engine: Engine) -> None:
    world = make_world(Store(engine, SystemClock()))
    with world.store.change() as uow:
        open_case(uow, world.actor("ana"))
    with engine.connect() as connection:
        settings = config(connection)
        command.downgrade(settings, "0006")
        absent = '["Bo (left the channel)", "Cy (not in the workspace)"]'
        connection.execute(text("UPDATE channels SET absent = CAST(:absent AS jsonb)"), {"absent": absent})
        command.upgrade(settings, "0007")
        invited = connection.execute(text("SELECT invited FROM channels")).scalar_one()
    assert invited == [world.staff["bo"].slack_user_id]
