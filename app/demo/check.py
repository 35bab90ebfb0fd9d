"""`caseboard demo --check`: working days played on a moving clock, and the outcome counted from two sources."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.audit.service import verify
from app.demo.counts import Counts, compare, differences, of_database, of_ledger
from app.demo.course import courses
from app.demo.practice import EMPLOYEES, OFFICE, ZONE
from app.demo.staff import Team
from app.demo.stage import Stage, staged
from app.kernel.business import BusinessCalendar

BEGIN = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)  # a Monday, 08:00 in New York, four weeks before clocks change
STEP = timedelta(minutes=30)
ALL_DAY = (8, 18)  # simulated staff works between these local hours
CASES = 14
POSTS_A_DAY = 8
WHOLE = 30  # working days; a shorter run need not have seen everything
LEAST = {"cases": 12, "tasks": 400}
_TEMPLATES = text("SELECT count(DISTINCT template_id) FROM tracks")
_ITEM_SETS = text(
    "SELECT max(sets) FROM (SELECT count(DISTINCT items) AS sets FROM (SELECT r.case_id, r.template_id,"
    " string_agg(t.item_id, ',' ORDER BY t.item_id) AS items FROM tracks r JOIN tasks t ON t.track_id = r.id"
    " WHERE r.component_id IS NOT NULL GROUP BY r.id) AS of_track GROUP BY case_id, template_id) AS of_case"
)


def play(*, days: int, seed: int, workers: int, schedulers: int, folder: Path | None = None) -> dict[str, Any]:
    """Play `days` working days and report. `ok` says whether every promise held, `broken` which did not."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caseboard-check-") as temporary:
        place = folder or Path(temporary) / "check"
        Path(temporary).chmod(0o755)
        with staged(place, begin=BEGIN, workers=workers, schedulers=schedulers) as stage:
            ready = time.monotonic() - began
            team = _play_days(stage, days, seed)
            report = _report(stage, days)
        report["commands"] = team.seen.commands
        report["commands_failed"] = team.seen.failed
    report |= {
        "seed": seed,
        "workers": workers,
        "schedulers": schedulers,
        "seconds_to_ready": round(ready, 1),
        "seconds": round(time.monotonic() - began, 1),
    }
    if team.seen.failed:
        report["broken"].append(f"{team.seen.failed} commands were not acknowledged")
    report["ok"] = not report["broken"]
    return report


def _play_days(stage: Stage, days: int, seed: int) -> Team:
    calendar = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, ZONE)
    team = Team(stage.practice, calendar, courses(seed, CASES, days), BEGIN, seed, stage.folder)
    with ThreadPoolExecutor(4) as pool:
        for now in _moments(stage, calendar, days):
            stage.steer(to=now)
            stage.wait_for(stage.due, "timers or digests due")
            local = now.astimezone(calendar.zone)
            if calendar.is_business_day(local.date()) and ALL_DAY[0] <= local.hour < ALL_DAY[1]:
                list(pool.map(lambda who: team.act(who, now), EMPLOYEES))  # noqa: B023 - consumed at once
            if local.hour >= ALL_DAY[1]:
                stage.wait_for(stage.unsent, "notices unsent", 60)
    stage.wait_for(stage.due, "timers or digests due")
    stage.wait_for(stage.unsent, "notices unsent", 60)
    return team


def _moments(stage: Stage, calendar: BusinessCalendar, days: int) -> Iterator[datetime]:
    """The moments to stop at: through every working day in steps, and at night only where something falls due."""
    now, played = BEGIN, 0
    while played < days:
        local = now.astimezone(calendar.zone)
        working = calendar.is_business_day(local.date())
        yield now
        if working and local.hour < ALL_DAY[1]:
            now += STEP
            continue
        played += working
        morning = (local + timedelta(days=1)).replace(hour=ALL_DAY[0], minute=0, second=0).astimezone(UTC)
        while (at := stage.next_due(now)) is not None and at < morning:
            now = max(now, at) + timedelta(seconds=1)
            yield now
        now = morning


def _report(stage: Stage, days: int) -> dict[str, Any]:
    database = of_database(stage.engine)
    ledger = of_ledger(stage.sandbox.ledger(), ZONE)
    truth = compare(stage.engine, ledger)
    unlike = differences(database, ledger.counts)
    with stage.store.read() as uow:
        record = verify(uow.session, stage.practice.program_id)
    broken = [f"{name}: the database says {ours}, the ledger {theirs}" for name, (ours, theirs) in unlike.items()]
    broken += [f"{name}: {value}" for name, value in asdict(truth).items() if value]
    broken += [f"the audit chain breaks at {found.seq}: {found.what}" for found in record.breaks]
    if days >= WHOLE:
        broken += _not_seen(stage, database)
    most = ledger.per_case_and_day()
    if most > POSTS_A_DAY:
        broken.append(f"posts per case and day: {most} at the 95th percentile, {POSTS_A_DAY} allowed")
    return {
        "working_days": days,
        "database": asdict(database),
        "ledger": asdict(ledger.counts),
        **asdict(truth),
        "posts_per_case_and_day_p95": most,
        "audit_entries": record.entries,
        "broken": broken,
    }


def _not_seen(stage: Stage, database: Counts) -> list[str]:
    """What a whole run has to show and did not: then its agreeing figures would prove less than they say."""
    figures = asdict(database)
    missing = [f"{name}: {figures[name]}, at least {least} wanted" for name, least in LEAST.items()
               if figures[name] < least]  # fmt: skip
    # Nothing stood still in this run, so nothing has to be caught up with; and who is reminded at night is chance.
    missing += [f"{name}: none, so nothing was shown of it" for name in figures if not figures[name]
                and name not in ("caught_up", "held_back")]  # fmt: skip
    with stage.engine.connect() as connection:
        templates = connection.execute(_TEMPLATES).scalar_one()
        sets = connection.execute(_ITEM_SETS).scalar_one() or 0
    if templates < 3:
        missing.append(f"templates at work: {templates}, at least 3 wanted")
    if sets < 2:
        missing.append("no case has two components with different item sets")
    return missing
