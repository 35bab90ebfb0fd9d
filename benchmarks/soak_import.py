"""`./dev soak import`: a whole export comes in, and nothing of a patient comes out.

With CASEBOARD_EXPORT it takes that file, in the form of the clinical file of TCGA's sarcoma cohort; else it invents 261
rows of the same shape. Real processes: the command line, a sandbox, a Redis, a worker and a scheduler, all logging as
loudly as they can. It checks that

1. a dry run, the import and a second import say the same counts, and the second adds nothing;
2. what is not known in the file is absent from each case's sealed record, and what is known is there as written;
3. values that tell a patient, and canaries planted in further rows (good ones and refused ones), are in no byte that
   the sandbox received, that went over Redis, that a process printed or logged, or that stands in a table; nor, for
   identifiers and canaries, in the files of the database itself.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text

from app.cases.intake.mapping import CaseMapping, PatientField
from app.cases.intake.mapping_reader import read_mapping
from app.demo.practice import settle_in
from app.demo.processes import DidNotStart, Processes, own_sandbox, private_redis, redis_server
from app.kernel.clock import SystemClock
from app.migrate import migrate
from app.sandbox import SandboxClient
from app.settings import ROOT
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.sealing import Keyring, Place
from app.store.uow import Store
from benchmarks import overheard
from benchmarks.invented_export import COLUMNS, invented, write

MAPPING = ROOT / "docs" / "mappings" / "tcga_sarc.yaml"
ROWS = 261
SHORTEST = 8
"""Characters of a value that is searched for: shorter ones are words that stand everywhere."""
PATIENCE = 600.0
IDENTIFIERS = ("bcr_patient_barcode", "bcr_patient_uuid")
TOKENS = frozenset({"", *(f"[{words}]" for words in (
    "Not Available", "Not Applicable", "Not Evaluated", "Unknown", "Discrepancy", "Completed", "Pending",
))})  # fmt: skip
"""The file's words for "not known", written down here a second time, apart from the mapping."""
LOUD = (
    "import logging, sys; logging.basicConfig(level=logging.DEBUG);"
    "logging.getLogger('sqlalchemy.engine').setLevel(logging.INFO);"
    "from app.cli.main import main; sys.exit(main(sys.argv[1:]))"
)
OPEN = text("SELECT count(*) FROM notices WHERE state IN ('pending', 'sending', 'unknown', 'held')")
RECORDS = text("SELECT c.code, p.case_id, p.sealed FROM patient_records p JOIN cases c ON c.id = p.case_id")


@dataclass
class Site:
    """Where it happens, and what was heard there so far."""

    engine: Engine
    folder: Path
    processes: Processes
    sandbox: SandboxClient
    keyring: Keyring
    env: Mapping[str, str]
    queue: list[bytes]
    printed: list[bytes] = field(default_factory=list)

    def caseboard(self, *arguments: str) -> bytes:
        """Run a command as loudly as it can be; what it prints is overheard. Returns its answer."""
        done = subprocess.run(
            [sys.executable, "-c", LOUD, *arguments], env=os.environ | dict(self.env), capture_output=True, check=False
        )
        self.printed += [done.stdout, done.stderr]
        if done.returncode not in (0, 1) or not done.stdout.strip():
            raise DidNotStart(f"caseboard {arguments[0]} ended with {done.returncode}")
        return done.stdout


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="./dev soak import", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="for the rows that are invented, canaries included")
    parser.add_argument("--rows", type=int, default=ROWS, help="how many rows to invent without CASEBOARD_EXPORT")
    given = parser.parse_args(argv)
    report = soak(os.environ.get("CASEBOARD_EXPORT") or None, given.rows, given.seed)
    print(json.dumps(report, indent=2))
    return 0 if report["ok"] else 1


def soak(export: str | None, rows: int, seed: int) -> dict[str, object]:
    """Import, deliver, compare and search."""
    began = time.monotonic()
    mapping = read_mapping(MAPPING)
    with site() as at:
        file, extra = Path(export) if export else at.folder / "export.txt", at.folder / "canaries.txt"
        if export is None:
            write(file, invented(rows, seed))
        canaries, bad_rows = plant(extra, seed)
        dry, first, second = take(at, file, "--dry-run"), take(at, file), take(at, file)
        planted = take(at, extra)
        at.caseboard("import", "cases", str(extra), "--map", str(MAPPING), "--dry-run")  # in words, too
        wait_until_sent(at)
        kept = compare(at, mapping, file, first)
        identifiers, values = tellings(mapping, file)
        heard = places(at)
        leaks = overheard.search(heard, values | identifiers | canaries)
        leaks += overheard.search(database_files(at), identifiers | canaries)
        control = overheard.search(
            {"export": file.read_bytes(), "canaries": extra.read_bytes()}, identifiers | canaries
        )
    promises = {
        "dry_run_said_the_same": all(dry[name] == first[name] for name in ("rows", "imported", "refused", "refusals")),
        "every_row_counted": first["rows"] == _int(first["imported"]) + _int(first["refused"]),
        "second_run_added_nothing": second["imported"] == 0 and second["already_there"] == first["imported"],
        "records_are_those_of_the_file": kept["records"] == first["imported"] and not kept["differ"],
        "unknown_stayed_unknown": not kept["unknown_became_a_value"] and kept["unknown"] > 0,
        "bad_canary_rows_were_refused": planted["refused"] == bad_rows and _int(planted["imported"]) > 0,
        "nothing_got_out": not leaks,
        "the_search_finds_what_is_there": len(control) == len(identifiers | canaries),
        "every_place_was_heard": all(heard.values()) and b"deliver" in heard["queue"] and b"case-" in heard["slack"],
    }
    return {
        "file": "CASEBOARD_EXPORT" if export else "invented",
        "rows": first["rows"],
        "imported": first["imported"],
        "refused": first["refused"],
        "refusals": first["refusals"],
        "second_run_imported": second["imported"],
        "second_run_already_there": second["already_there"],
        "fields": kept,
        "canary_rows": {name: planted[name] for name in ("imported", "refused", "refusals")},
        "values_searched_for": len(values | identifiers | canaries),
        "bytes_searched": {name: len(content) for name, content in heard.items()},
        "leaks": [asdict(leak) for leak in leaks],
        "promises": promises,
        "seconds": round(time.monotonic() - began, 1),
        "ok": all(promises.values()),
    }


def take(at: Site, file: Path, *options: str) -> dict[str, object]:
    """Import a file by the command line."""
    answer: dict[str, object] = json.loads(
        at.caseboard("import", "cases", str(file), "--map", str(MAPPING), "--json", *options)
    )
    return answer


def plant(path: Path, seed: int) -> tuple[dict[str, str], int]:
    """Write rows whose every telling cell is a canary, some of them bad; returns the canaries, and how many are bad."""
    dice = random.Random(seed + 1)
    canaries: dict[str, str] = {}

    def canary(name: str) -> str:
        made = f"CNRY{dice.getrandbits(48):012X}"
        canaries[made] = f"canary in {name}"
        return made

    rows = [{name: canary(name) for name in COLUMNS} for _ in range(6)]
    for row in rows:
        row |= {"gender": "MALE", "vital_status": "Alive"}
    rows[1]["gender"] = canary("a value that is not translated")
    rows[2]["margin_status"] = f"{canary('a cell with a control character')}\x07"
    rows[3]["bcr_patient_barcode"] = rows[4]["bcr_patient_barcode"]
    write(path, rows)
    with path.open("a") as file:
        file.write("\t".join([canary("a row that is too long")] * (len(COLUMNS) + 1)) + "\n")
    content = path.read_text()
    return {value: name for value, name in canaries.items() if value in content}, 5


def compare(at: Site, mapping: CaseMapping, file: Path, report: Mapping[str, object]) -> dict[str, int]:
    """Each sealed record, opened, against its row of the file, read in another way than the import does."""
    lines = file.read_text(encoding="utf-8").split("\n")
    header = lines[1].split("\t")
    with at.engine.connect() as connection:
        sealed = {row.code: (row.case_id, bytes(row.sealed)) for row in connection.execute(RECORDS)}
        dates: int = connection.execute(text("SELECT count(*) FROM key_dates")).scalar_one()
    cases = report["cases"]
    assert isinstance(cases, list)
    counted = {"records": 0, "known": 0, "unknown": 0, "unknown_became_a_value": 0, "differ": 0, "key_dates": dates}
    for case in cases:
        case_id, blob = sealed[case["code"]]
        record = json.loads(at.keyring.open(blob, Place("patient_records", "sealed", case_id)))
        cells = dict(zip(header, lines[case["line"] - 1].split("\t"), strict=True))
        counted["records"] += 1
        for wanted in mapping.patient:
            value = expected(wanted, cells[wanted.words.column].strip())
            counted["unknown" if value is None else "known"] += 1
            if value is None:
                counted["unknown_became_a_value"] += wanted.name in record
            else:
                counted["differ"] += record.get(wanted.name) != value
    return counted


def expected(wanted: PatientField, cell: str) -> str | None:
    """What a cell should have become; None for "not known"."""
    if wanted.split:
        parts = ["" if part in TOKENS else part for part in cell.split(wanted.split)]
        return wanted.split.join(parts) if any(parts) else None
    if cell in TOKENS:
        return None
    return cell.lower() if wanted.words.translation else cell


def tellings(mapping: CaseMapping, file: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Identifiers, and other values of patients that are long enough to be told from common words, by their fields."""
    lines = file.read_text(encoding="utf-8").split("\n")
    header = lines[1].split("\t")
    identifiers: dict[str, str] = {}
    values: dict[str, str] = {}
    for line in lines[3:]:
        cells = dict(zip(header, line.split("\t"), strict=False))
        for wanted in mapping.patient:
            cell = cells.get(wanted.words.column, "").strip()
            if cell in TOKENS or wanted.split:
                continue
            if wanted.words.column in IDENTIFIERS:
                identifiers[cell] = wanted.name
            elif len(cell) >= SHORTEST and any(sign.isalpha() for sign in cell):
                values[cell] = wanted.name
    return identifiers, values


def places(at: Site) -> dict[str, bytes]:
    """Everything that was said, by where it was said. The processes have ended afterwards."""
    slack = overheard.received(at.sandbox)
    at.processes.stop()
    return {
        "slack": slack,
        "queue": b"".join(at.queue),
        "output": b"\n".join(at.printed),
        "logs": overheard.files(at.processes.folder, "*.log"),
        "ledger": overheard.files(at.folder, "ledger.jsonl"),
        "tables": overheard.tables(at.engine),
    }


def database_files(at: Site) -> dict[str, bytes]:
    """The files of the database, its write-ahead log and its own log."""
    with at.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
    cluster = at.folder / "database" / "postgres"
    return {f"database {name}": overheard.files(cluster / name, "*") for name in ("base", "pg_wal")} | {
        "database log": overheard.files(cluster, "log", "*.log")
    }


def wait_until_sent(at: Site) -> None:
    """Until Slack has everything; gives up after a while."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with at.engine.connect() as connection:
            waiting: int = connection.execute(OPEN).scalar_one()
        if not waiting:
            return
        at.processes.check()
        if time.monotonic() > deadline:
            raise DidNotStart(f"after {PATIENCE:g} s there are still {waiting} notices to send")
        time.sleep(0.2)


@contextmanager
def site() -> Iterator[Site]:
    """Database, sandbox, Redis, a worker and a scheduler; nothing is left running."""
    server = redis_server()
    if server is None:
        raise DidNotStart("This check needs Redis: install redis-server.")
    with tempfile.TemporaryDirectory(prefix="cb-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded(folder / "database", throwaway=True) as url, Processes(folder / "logs") as processes:
            engine = make_engine(url)
            migrate(engine)
            sandbox = own_sandbox(processes, folder, env={"PYTHONPATH": str(ROOT)})
            with private_redis(processes, server) as redis, overheard.queue(redis.url) as heard:
                key = Keyring.new_key("soak")
                env = sandbox.env() | {
                    "DATABASE_URL": url,
                    "REDIS_URL": redis.url,
                    "CASEBOARD_KEYS": key,
                    "CASEBOARD_POSTS_PER_SECOND": "1000",
                    "PYTHONPATH": str(ROOT),
                }
                settle_in(Store(engine, SystemClock()), sandbox)
                for what in ("worker", "scheduler"):
                    processes.start(what, [sys.executable, "-c", LOUD, what], env)
                yield Site(engine, folder, processes, sandbox, Keyring.parse(key), env, heard)
                processes.stop()
            engine.dispose()


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
