"""`./dev bench report`: the SLA report over many tasks, beside the same numbers from SQL written by hand."""

import statistics
import time
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, text

from app.programs.actor import Actor
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.reports.queries import Asked, midnight, report
from app.store.uow import Store

TASKS = 200_000
PER_CASE = 60
NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
TARGET = 1.2
_DAYS = 400
"""Days over which the tasks were closed."""
_BUILD = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL session_replication_role = 'replica'",  # no look-up for each of the rows that are known to fit
    "INSERT INTO cases (program_id, code, state, last_task_no, last_component_no, opened_at)"
    " SELECT :program, 'R' || n, 'open', 0, 0, :now FROM generate_series(1, :cases) n",
    "INSERT INTO tracks (program_id, case_id, checklist_version_id, template_id, state, started_at)"
    " SELECT c.program_id, c.id, v.id, v.template_id, 'active', :now FROM cases c,"
    " (SELECT id, template_id FROM checklist_versions WHERE program_id = :program ORDER BY id LIMIT 4) v"
    " WHERE c.code LIKE 'R%'",
    "INSERT INTO tasks (program_id, case_id, track_id, no, item_id, title, roles, state, holder_id, version, ready_at,"
    " due_at, waiting_on, waiting_since, evidence_kind, closed_at, closed_by)"
    " SELECT program_id, case_id, id, row_number() OVER (PARTITION BY case_id), 'I' || n, 'A task', ARRAY['va'],"
    " CASE WHEN n % 15 = 0 THEN 'waiting' WHEN n % 15 = 1 THEN 'ready' ELSE 'done' END,"
    " CASE WHEN n % 15 = 1 THEN NULL ELSE :staff END, 1, closed - interval '3 days',"
    " closed + (random() * 40 - 8) * interval '1 hour', CASE WHEN n % 15 = 0 THEN 'payer' END,"
    " CASE WHEN n % 15 = 0 THEN closed END, 'none', CASE WHEN n % 15 > 1 THEN closed END,"
    " CASE WHEN n % 15 > 1 THEN :staff END FROM (SELECT r.*, n, :now - random() * :days * interval '1 day' AS closed"
    " FROM tracks r, generate_series(1, 15) n) t",
    "INSERT INTO clocks (program_id, case_id, task_id, kind, state, deadline_at, generation)"
    " SELECT program_id, case_id, id, 'due', CASE WHEN closed_at IS NULL THEN 'running' ELSE 'stopped' END, due_at, 1"
    " FROM tasks",
    "INSERT INTO clock_events (program_id, clock_id, kind, at, deadline_at)"
    " SELECT k.program_id, k.id, 'breach', k.deadline_at, k.deadline_at FROM clocks k JOIN tasks t ON t.id = k.task_id"
    " WHERE k.deadline_at < coalesce(t.closed_at, :now)",
    "ANALYZE",
)  # fmt: skip
# The same numbers without the product, as one would write them by hand; lateness is elapsed time.
_RAW = (
    "SELECT r.template_id, array_to_string(t.roles, ' or '), t.holder_id, count(*) FILTER (WHERE closed_at < due_at),"
    " count(*) FILTER (WHERE closed_at >= due_at), count(*) FILTER (WHERE due_at IS NULL),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at - due_at) FILTER (WHERE closed_at >= due_at),"
    " percentile_cont(0.9) WITHIN GROUP (ORDER BY closed_at - due_at) FILTER (WHERE closed_at >= due_at)"
    " FROM tasks t JOIN tracks r ON r.id = t.track_id WHERE t.program_id = :program AND t.state IN ('done', 'skipped')"
    " AND closed_at >= :since AND closed_at < :until"
    " GROUP BY GROUPING SETS ((), (r.template_id), (array_to_string(t.roles, ' or ')), (t.holder_id))",
    "SELECT date_trunc('week', closed_at AT TIME ZONE 'America/New_York'), count(*) FILTER (WHERE closed_at < due_at),"
    " count(*) FILTER (WHERE closed_at >= due_at),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at - due_at) FILTER (WHERE closed_at >= due_at),"
    " percentile_cont(0.9) WITHIN GROUP (ORDER BY closed_at - due_at) FILTER (WHERE closed_at >= due_at)"
    " FROM tasks t JOIN tracks r ON r.id = t.track_id WHERE t.program_id = :program AND t.state IN ('done', 'skipped')"
    " AND closed_at >= :weeks AND closed_at < :until GROUP BY 1",
    "SELECT waiting_on, holder_id, count(*), count(*) FILTER (WHERE due_at <= :now), min(coalesce(waiting_since,"
    " ready_at)) FROM tasks t JOIN tracks r ON r.id = t.track_id JOIN cases c ON c.id = t.case_id"
    " WHERE t.program_id = :program AND t.state IN ('ready', 'claimed', 'waiting') AND c.state = 'open'"
    " AND r.state <> 'withdrawn' GROUP BY GROUPING SETS ((), (waiting_on), (holder_id))",
    "SELECT c.code, t.no, t.title, e.at, b.reason FROM clock_events e JOIN clocks k ON k.id = e.clock_id"
    " JOIN tasks t ON t.id = k.task_id JOIN cases c ON c.id = t.case_id"
    " LEFT JOIN breach_reasons b ON b.breach_id = e.id WHERE e.program_id = :program AND e.kind = 'breach'"
    " AND e.at >= :since AND e.at < :until"
    " ORDER BY t.closed_at IS NOT NULL, e.at DESC LIMIT 200",
    "SELECT b.reason, count(*) FROM clock_events e JOIN clocks k ON k.id = e.clock_id JOIN tasks t ON t.id = k.task_id"
    " LEFT JOIN breach_reasons b ON b.breach_id = e.id WHERE e.program_id = :program AND e.kind = 'breach'"
    " AND e.at >= :since AND e.at < :until GROUP BY 1",
    "SELECT c.code, t.no, t.title FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.program_id = :program"
    " AND t.state IN ('ready', 'claimed', 'waiting') AND c.state = 'open' ORDER BY ready_at LIMIT 10",
)  # fmt: skip


def bench_report(engine: Engine, store: Store, actor: Actor) -> dict[str, object]:
    """A month of the report and a year of it, each beside the statements by hand; medians of five."""
    build = {
        "program": actor.program_id,
        "staff": actor.staff_id,
        "now": NOW,
        "cases": TASKS // PER_CASE,
        "days": _DAYS,
    }
    with engine.begin() as connection:
        for statement in _BUILD:
            connection.execute(text(statement), build)
    figures: dict[str, object] = {"tasks": TASKS}
    for name, days in (("month", 30), ("year", 365)):
        asked = Asked(NOW.date() - timedelta(days=days - 1), NOW.date())
        ours, raw = [], []
        for _ in range(5):
            with store.read() as uow:
                began = time.perf_counter()
                found = report(uow.session, uow.session.get_one(Program, actor.program_id), asked, NOW)
                ours.append(time.perf_counter() - began)
            with store.read() as uow:
                zone = calendar_of(uow.session.get_one(Program, actor.program_id)).zone
                values = {
                    "program": actor.program_id,
                    "since": midnight(asked.first, zone),
                    "until": midnight(asked.last + timedelta(days=1), zone),
                    "weeks": midnight(min(asked.first, _weeks(asked.last)), zone),
                    "now": NOW,
                }
                began = time.perf_counter()
                for statement in _RAW:
                    uow.session.execute(text(statement), values).all()
                raw.append(time.perf_counter() - began)
        judged = found.total.count("met") + found.total.count("late")
        ratio = statistics.median(ours) / statistics.median(raw)
        figures[name] = {
            "judged": judged, "report_ms": round(statistics.median(ours) * 1000, 1),
            "raw_ms": round(statistics.median(raw) * 1000, 1), "ratio": round(ratio, 2), "target": TARGET,
        }  # fmt: skip
    figures["note"] = "by hand: the same statements, lateness as elapsed time; the report counts business hours"
    return figures


def _weeks(last: date) -> date:
    return last - timedelta(days=last.weekday() + 49)
