"""The command line, each command on a database of its own: what it answers, and its exit code."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.cli.conftest import OFFICE, Run


def test_help_comes_without_loading_the_product() -> None:
    probe = (
        "import sys; from app.cli.main import main; code = main(['--help']);"
        "print([name for name in ('sqlalchemy', 'slack_sdk', 'typer', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "caseboard demo" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said", "why"),
    [
        (["nonsense"], "No such command", "no such command"),
        (["case", "show"], "Missing argument", "an argument is missing"),
        (["case", "list", "--limit", "0"], "--limit", "a number out of its range"),
        (["staff", "add", "X", "--slack", "U1", "--role", "wizard"], "is no role", "no such role"),
        (["staff", "digest", "Ana Diaz", "--at", "7 o'clock"], "is no time of day", "no time"),
        (["staff", "digest", "Ana Diaz", "--days", "mon,monday"], "are no days", "no weekday"),
        (["staff", "digest", "Ana Diaz", "--off", "--at", "07:00"], "--off stands alone", "off, and at seven"),
        (["case", "open", "--date", "board=someday"], "is no day", "no day"),
        (["case", "open", "--date", "bord=2026-12-03"], "did you mean “board”?\n", "a key date mistyped"),
        (["keys", "new", "--id", "a:b"], "no comma, colon or space", "a key's name that cannot be read back"),
    ],
)
def test_wrong_usage_is_two_and_says_what_would_be_right(
    practice: Run, arguments: list[str], said: str, why: str
) -> None:
    ran = practice(*arguments)
    assert (ran.code, said in ran.err) == (2, True), f"{why}: {ran}"


@pytest.mark.parametrize(
    ("arguments", "said", "why"),
    [
        (["case", "show", "ZZZZ"], "is not a case code", "no code"),
        (["case", "open", "--surgeon", "Nobody"], "not on the staff list", "nobody of that name"),
        (["case", "list", "--program", "south"], "There is: north", "no such program"),
        (["staff", "digest", "Nobody", "--at", "07:00"], "not on the staff list", "nobody of that name"),
        (["outbox", "explain", "x"], "caseboard outbox list", "no such notice"),
        (["staff", "add", "Ana", "--slack", "U0ANA", "--role", "va"], "on the staff already", "twice the same user"),
        (["program", "create", "north", "--name", "N", *OFFICE], "already", "twice the same program"),
    ],
)
def test_what_cannot_be_done_is_one_and_changes_nothing(
    practice: Run, engine: Engine, arguments: list[str], said: str, why: str
) -> None:
    query = text("SELECT (SELECT count(*) FROM staff), (SELECT count(*) FROM programs), (SELECT count(*) FROM cases)")
    with engine.connect() as connection:
        before = connection.execute(query).one()
    ran = practice(*arguments)
    with engine.connect() as connection:
        assert connection.execute(query).one() == before
    assert (ran.code, said in ran.err) == (1, True), f"{why}: {ran}"


def test_a_case_from_opening_to_closing(practice: Run) -> None:
    opened = practice("case", "open", "--date", "board=2026-12-03 07:30", "--lead", "Lea Brandt", "--json").answer
    assert isinstance(opened, dict)
    code = opened["code"]

    listed = practice("case", "list", "--json").answer
    assert isinstance(listed, dict)
    assert [case["code"] for case in listed["cases"]] == [code]
    shown = practice("case", "show", code)
    assert "board: Thu 3 Dec 2026 7:30 AM EST" in shown.out
    assert "Tumor board packet: 0 of 10" in shown.out

    assert practice("case", "evidence", code).out == f"{code}: no task is closed yet.\n"

    refused = practice("case", "close", code, "--by", "Lea Brandt")
    assert (refused.code, "open tasks" in refused.err) == (1, True)
    assert practice("case", "close", code, "--by", "Lea Brandt", "--reason", "treated elsewhere").code == 0
    assert "No open case" in practice("case", "list").out

    ended = practice("case", "evidence", code).out
    assert ended.count("skipped: treated elsewhere") == 10, ended
    ran = practice("case", "reopen", code, "--by", "Ana Diaz")
    assert (ran.code, "Only a lead" in ran.err) == (1, True)
    again = practice("case", "reopen", code, "--by", "Lea Brandt")
    assert (again.code, f"{code} is open again. 10 tasks came back" in again.out) == (0, True)
    assert "Tumor board packet: 0 of 10" in practice("case", "show", code).out
    assert practice("case", "reopen", code, "--by", "Lea Brandt").out == f"{code} is open already.\n"
    assert practice("case", "reopen", code, "--by", "Lea Brandt", "--json").answer == {
        "program": "north",
        "code": code,
        "state": "open",
        "tasks": 0,
        "late": 0,
    }, "it was open already"


def test_a_case_gets_its_surgeon_and_its_lead(practice: Run) -> None:
    opened = practice("case", "open", "--json").answer
    assert isinstance(opened, dict)
    code = opened["code"]
    assert "is the lead of" in practice("case", "lead", code, "Lea Brandt", "--by", "Lea Brandt").out
    assert practice("case", "lead", code, "Lea Brandt").out == f"{code} has Lea Brandt as its lead already.\n"
    refused = practice("case", "surgeon", code, "Lea Brandt")
    assert (refused.code, "Lea Brandt is no surgeon" in refused.err) == (1, True)
    assert practice("case", "lead", code, "clear", "--json").answer == {
        "program": "north", "code": code, "lead": None
    }  # fmt: skip


def test_only_somebody_who_may_closes_a_case(practice: Run) -> None:
    opened = practice("case", "open", "--json").answer
    assert isinstance(opened, dict)
    ran = practice("case", "close", opened["code"], "--by", "Ana Diaz")
    assert (ran.code, "Only a lead" in ran.err) == (1, True)


def test_the_outbox_says_what_waits_and_why(practice: Run) -> None:
    practice("case", "open")
    waiting = practice("outbox", "list", "--json").answer
    assert "There are more" not in practice("outbox", "list").out
    assert "There are more; --limit 10 shows them." in practice("outbox", "list", "--limit", "1").out
    assert isinstance(waiting, list)
    assert sorted(entry["kind"] for entry in waiting) == ["card", "opened", "welcome", "welcome"]
    explained = practice("outbox", "explain", waiting[0]["id"])
    assert (explained.code, explained.out.startswith(waiting[0]["kind"])) == (0, True)
    again = practice("outbox", "replay", waiting[0]["id"])
    assert (again.code, "Only dead ones" in again.err) == (1, True)


def test_what_could_not_reach_somebody_who_is_switched_off_now_needs_nothing(practice: Run, engine: Engine) -> None:
    def outbox() -> str:
        return next(line for line in practice("doctor").out.splitlines() if " outbox" in line)

    added = practice("staff", "add", "Xi Ode", "--slack", "U0NOBODY1", "--role", "va", "--zone", "America/New_York")
    assert added.code == 0, added
    with engine.begin() as connection:
        notice = connection.exec_driver_sql(
            "UPDATE notices SET state = 'dead', error = 'users.info: user_not_found' WHERE kind = 'welcome'"
            " AND channel_id = (SELECT h.id FROM channels h JOIN staff s ON s.id = h.staff_id WHERE s.name = 'Xi Ode')"
            " RETURNING id"
        ).scalar_one()
    assert "1 given up" in outbox()
    assert "Mend the cause" in practice("outbox", "explain", str(notice)).out

    assert practice("staff", "deactivate", "Xi Ode").code == 0

    assert "given up" not in outbox()
    assert "Xi Ode is switched off, so nothing needs to be done." in practice("outbox", "explain", str(notice)).out
    assert practice("staff", "activate", "Xi Ode").code == 0
    assert "1 given up" in outbox()


def test_a_dead_notice_is_sent_again_and_that_is_recorded(practice: Run, engine: Engine) -> None:
    practice("case", "open")
    with engine.begin() as connection:
        connection.execute(text("UPDATE notices SET state = 'dead', error = 'refused' WHERE kind = 'opened'"))
        notice = connection.execute(text("SELECT id::text FROM notices WHERE kind = 'opened'")).scalar_one()
    assert "opened" in practice("outbox", "list", "--state", "dead").out
    assert practice("outbox", "replay", notice).code == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT state FROM notices WHERE kind = 'opened'")).scalar_one() == "pending"
        recorded = text("SELECT count(*) FROM audit_entries WHERE action = 'notice.replay'")
        assert connection.execute(recorded).scalar_one() == 1


def test_everything_that_was_given_up_is_sent_again_at_once(practice: Run, engine: Engine) -> None:
    nothing = practice("outbox", "replay", "--all")
    assert (nothing.code, nothing.out) == (0, "Nothing to send again: no post was given up.\n")
    for _ in range(3):
        practice("case", "open")
    with engine.begin() as connection:
        refused = "UPDATE notices SET state = 'dead', error = :why WHERE kind = 'opened' AND channel_id = :channel"
        channels = (
            connection.execute(text("SELECT id FROM channels WHERE case_id IS NOT NULL ORDER BY id")).scalars().all()
        )
        for channel, code in zip(channels, ("no_text", "no_text", "restricted_action"), strict=True):
            connection.execute(text(refused), {"why": f"Slack refused it ({code})", "channel": channel})
    dead = text("SELECT count(*) FROM notices WHERE state = 'dead'")
    ran = practice("outbox", "replay", "--all", "--error", "restricted")
    assert ran.out == "Nothing to send again: no post was given up with the error restricted.\n"
    assert practice("outbox", "replay", "--all", "--error", "no_text").out.startswith("2 notices will be sent again.")
    with engine.connect() as connection:
        assert connection.execute(dead).scalar_one() == 1
    assert practice("outbox", "replay", "--all", "--json").answer == {"again": 1, "passed_over": 0}
    with engine.connect() as connection:
        assert connection.execute(dead).scalar_one() == 0
        recorded = text("SELECT count(*) FROM audit_entries WHERE action = 'notice.replay'")
        assert connection.execute(recorded).scalar_one() == 3


@pytest.mark.parametrize("given", [[], ["x", "--all"], ["x", "--error", "no_text"], ["--error", "no_text"]])
def test_one_notice_or_all_but_not_both_or_neither(practice: Run, given: list[str]) -> None:
    ran = practice("outbox", "replay", *given)
    assert (ran.code, "Nothing changed" in ran.err) == (2, True)


def test_audit_verify_finds_what_was_touched(practice: Run, engine: Engine) -> None:
    practice("case", "open")
    assert practice("audit", "verify").code == 0
    with engine.begin() as connection:  # as somebody with the database's own rights could
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE audit_entries SET action = 'nothing' WHERE seq = 2"))
    ran = practice("audit", "verify", "--json")
    assert ran.code == 1
    assert isinstance(ran.answer, dict)
    assert ran.answer["programs"][0]["breaks"] == [{"seq": 2, "what": "its content was changed"}]


def test_audit_verify_holds_the_record_against_a_mark(practice: Run, engine: Engine) -> None:
    practice("case", "open")
    noted = practice("audit", "verify").out.split("mark ")[1].split()[0]
    assert practice("audit", "verify", "--noted", noted).code == 0
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM audit_entries"))
    assert practice("audit", "verify").code == 0
    cut = practice("audit", "verify", "--noted", noted)
    assert (cut.code, "the record ends at 0" in cut.out) == (1, True)
    wrong = practice("audit", "verify", "--noted", "yesterday")
    assert (wrong.code, "prints one, such as" in wrong.err) == (2, True)


def test_release_can_be_repeated(practice: Run) -> None:
    first, second = practice("release", "--json"), practice("release")
    assert (first.code, second.code) == (0, 0)
    assert isinstance(first.answer, dict)
    assert first.answer["loaded"] == {"north": []}
    assert "has the newest checklists" in second.out


def test_the_doctor_says_each_fix(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    ran = practice("doctor", "--json")
    assert ran.code == 1
    assert isinstance(ran.answer, list)
    ill = {line["what"]: line["fix"] for line in ran.answer if not line["well"]}
    assert set(ill) == {"Redis", "Slack"}
    assert all(ill.values())


def test_a_setting_that_is_wrong_is_named_without_its_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "s3cret")
    for command in (("case", "list"), ("doctor",)):
        ran = run(*command)
        assert ran.code in (1, 2)
        assert "PORT" in ran.out + ran.err
        assert "s3cret" not in ran.out + ran.err


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:x@evil.example/api/",
        "http://evil.example/api/",
        "https://user:pass@slack.com/api/",
        "ftp://x/",
    ],
)
def test_the_token_goes_to_slack_or_to_this_machine_only(
    run: Run, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SLACK_API_URL", address)
    ran = run("case", "list")
    assert (ran.code, "SLACK_API_URL" in ran.err) == (2, True)


def test_an_empty_setting_is_none(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "SLACK_APP_TOKEN", "PORT"):
        monkeypatch.setenv(name, "")
    assert practice("case", "list").code == 0


def test_bad_keys_are_never_shown(practice: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = base64.b64encode(b"too short").decode()
    monkeypatch.setenv("CASEBOARD_KEYS", f"k1:{secret}")
    export, mapping = tmp_path / "export.csv", tmp_path / "map.yaml"
    export.write_text("id\n1\n")
    mapping.write_text("source: clinic\nkey: id\n")
    for command in (("import", "cases", str(export), "--map", str(mapping)), ("doctor",)):
        ran = practice(*command)
        assert ran.code == 1
        assert secret not in ran.out + ran.err


def test_a_practice_is_bound_to_its_workspace_later_and_to_no_other(practice: Run) -> None:
    assert practice("program", "bind", "north").code == 2
    assert practice("program", "bind", "north", "--team", "T0NORTH").code == 0
    assert practice("program", "bind", "north", "--team", "T0NORTH").code == 0
    refused = practice("program", "bind", "north", "--team", "T0OTHER")
    assert (refused.code, "another workspace already" in refused.err) == (1, True)
    assert "T0NORTH" in practice("program", "list").out


def test_a_slack_user_id_is_one(practice: Run) -> None:
    ran = practice("staff", "add", "Zed", "--slack", "nonsense", "--role", "va")
    assert (ran.code, "Copy member ID" in ran.err) == (1, True)


def test_surgeons_get_a_digest_at_seven_unless_it_is_chosen_otherwise(practice: Run, engine: Engine) -> None:
    def chosen() -> object:
        found = practice("staff", "digest", "Sam Ortega", "--json").answer
        assert isinstance(found, dict)
        return found["digest"]

    assert practice("staff", "add", "Sam Ortega", "--slack", "U0SAM", "--role", "surgeon").code == 0
    seven = {"at": "07:00", "zone": "America/New_York", "days": "on business days", "silent": False}
    assert chosen() == seven
    ran = practice("staff", "digest", "Sam Ortega", "--at", "06:30", "--days", "thu, mon", "--silent")
    assert ran.out == "Sam Ortega gets a digest at 06:30 (America/New_York), mon, thu; none when nothing waits.\n"
    assert practice("staff", "digest", "Sam Ortega", "--days", "business", "--always").code == 0
    assert chosen() == seven | {"at": "06:30"}
    assert "gets no digest" in practice("staff", "digest", "Sam Ortega", "--off").out
    assert chosen() is None
    assert practice("staff", "digest", "Ana Diaz", "--days", "sun").out.startswith("Ana Diaz gets a digest at 07:00")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, digest_due_at AT TIME ZONE zone FROM staff ORDER BY name")
        due = {row[0]: row[1] for row in rows}
    assert due["Sam Ortega"] is None
    assert due["Lea Brandt"] is None
    assert (due["Ana Diaz"].weekday(), due["Ana Diaz"].hour) == (6, 7)


def test_people_leave_and_come_back(practice: Run) -> None:
    assert practice("staff", "deactivate", "Ana Diaz").code == 0
    assert "left" in practice("staff", "list").out
    assert practice("staff", "activate", "Ana Diaz").code == 0
    assert "left" not in practice("staff", "list").out


def test_whoever_is_switched_off_here_is_told_of_as_in_slack(practice: Run, engine: Engine) -> None:
    assert practice("case", "open", "--date", "board=2026-12-03", "--lead", "Lea Brandt").code == 0
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tasks SET state = 'claimed', holder_id = (SELECT id FROM staff WHERE name = 'Ana Diaz')"
            " WHERE id = (SELECT min(id) FROM tasks WHERE state = 'ready')"
        )

    (case,) = practice("case", "list", "--json").answer["cases"]  # type: ignore[index]
    assert ", Ana Diaz" in practice("case", "show", case["code"]).out

    assert practice("staff", "deactivate", "Ana Diaz").code == 0

    with engine.connect() as connection:
        (told,) = connection.exec_driver_sql("SELECT payload FROM notices WHERE kind = 'trouble'").all()
    assert "Ana Diaz is switched off and still holds" in told.payload["problems"][0]


def test_templates_are_checked_previewed_compared_and_described(practice: Run, tmp_path: Path) -> None:
    packet = "checklists/tumor_board_packet.yaml"
    assert practice("checklist", "lint").code == 0
    shown = practice("checklist", "preview", packet, "--date", "board=2026-12-03", "--program", "north")
    assert "Mon 30 Nov 2026 " in shown.out  # three business days before; Thanksgiving lies further back
    # Each rule says where it comes from, and that nobody of the practice has signed it yet.
    rule = next(line for line in shown.out.splitlines() if line.startswith("TB7"))
    assert rule.split("no citable norm")[1].strip() == "nobody"
    changed = tmp_path / "changed.yaml"
    signed = Path(packet).read_text().replace('no citable norm"', 'no citable norm"\n    verified_by: L. Brandt', 1)
    changed.write_text(signed.replace("version: 2", "version: 3", 1))
    assert practice("checklist", "preview", str(changed)).out.count("L. Brandt") == 1
    assert practice("checklist", "diff", packet, str(changed)).code == 0
    assert isinstance(practice("checklist", "schema").answer, dict)
    parts = ("checklist", "preview", "checklists/implant_authorization.yaml", "--fact")
    assert practice(*parts, "component.kind=plate").code == 0
    wrong = practice(*parts, "component.kind=banana")
    assert (wrong.code, "component.kind is never “banana”" in wrong.err) == (2, True)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "bad.yaml").write_text("id: x\nversion: one\n")
    ran = practice("checklist", "lint", str(tmp_path / "broken"))
    assert (ran.code, "bad.yaml:2" in ran.out) == (1, True)


def test_whoever_is_added_is_told_what_to_do_first(practice: Run, engine: Engine) -> None:
    query = text("SELECT payload->>'name', payload->>'role' FROM notices WHERE kind = 'welcome' ORDER BY seq")
    with engine.connect() as connection:
        told = [tuple(row) for row in connection.execute(query)]
    assert told == [("Ana Diaz", "va"), ("Lea Brandt", "lead")]
