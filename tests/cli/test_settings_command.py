"""`caseboard program set` and `caseboard staff change`: the settings, from the command line."""

from typing import Any, cast

from tests.cli.conftest import Run


def programs(practice: Run) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", practice("program", "list", "--json").answer)


def people(practice: Run) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", practice("staff", "list", "--json").answer)


def test_a_program_s_settings_are_changed_from_the_command_line(practice: Run) -> None:
    ran = practice(
        "program", "set", "north", "--hours", "fri 08:00-12:00", "--hours", "sat 9:00-12:00", "--hours", "mon closed",
        "--day-off", "2026-12-24 Christmas Eve", "--open-on", "Columbus Day", "--escalate", "lead 2 business hours",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "Monday: 8:00-12:00, 13:00-17:00 → nothing",
        "Friday: 8:00-12:00, 13:00-17:00 → 8:00-12:00",
        "Saturday: nothing → 9:00-12:00",
        "Open on: nothing → Columbus Day",
        "Own closed days: nothing → 2026-12-24 Christmas Eve",
        "Lead: as the checklist says → 2 business hours",
    ]
    assert programs(practice)[0]["calendar"]["hours"].keys() == {"tue", "wed", "thu", "fri", "sat"}
    again = practice("program", "set", "north", "--escalate", "lead 2 business hours", "--json")
    assert again.answer == {"program": "north", "changed": []}
    gone = practice("program", "set", "north", "--no-day-off", "2026-12-24", "--escalate", "lead checklist")
    assert gone.out.splitlines() == [
        "Own closed days: 2026-12-24 Christmas Eve → nothing", "Lead: 2 business hours → as the checklist says",
    ]  # fmt: skip
    for given, code, says in (
        (["--hours", "fri 12:00-8:00"], 1, "ends before it begins"),
        (["--hours", "someday 8-9"], 2, "no opening hours"),
        (["--open-on", "Columbus"], 2, "no public holiday there. There are: Christmas Day, Columbus Day"),
        (["--escalate", "lead soon"], 1, "That is no delay"),
        (["--escalate", "ana 2 hours"], 2, "says not whom"),
        (["--country", "UX"], 1, "has no known holidays"),
        (["--zone", "Chicaog"], 1, "no time zone of that name. Nothing changed. Did you mean America/Chicago?"),
        (["--zone", "America/Chicago", "--by", "Ana Diaz"], 1, "Only a manager or an admin"),
    ):
        refused = practice("program", "set", "north", *given)
        assert (refused.code, says in refused.err) == (code, True), refused.err
    assert programs(practice)[0]["zone"] == "America/New_York"


def test_a_person_is_changed_from_the_command_line(practice: Run) -> None:
    ran = practice(
        "staff", "change", "Ana Diaz", "--role", "va", "--role", "coder", "--skill", "imaging", "--quiet", "19:00-07:00"
    )
    assert ran.out.splitlines() == [
        "Roles: va → coder, va", "Skills: nothing → imaging", "Quiet from: nothing → 19:00",
        "Quiet until: nothing → 07:00",
    ]  # fmt: skip
    ana = people(practice)[0]
    assert (ana["roles"], ana["skills"], ana["quiet"]) == (["coder", "va"], ["imaging"], "19:00-07:00")
    assert practice("staff", "change", "Ana Diaz", "--quiet", "none", "--skill", "none").code == 0
    assert practice("staff", "change", "Ana Diaz").code == 2
    assert "Everybody has at least one role" in practice("staff", "change", "Ana Diaz", "--role", "boss").err
    assert people(practice)[0]["roles"] == ["coder", "va"]
