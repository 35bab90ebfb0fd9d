"""Every verb, typed by people in the sandbox: what it does, what it answers, and that a refusal changes nothing."""

import pytest

from tests.slack.office import Office, buttons

both = pytest.mark.parametrize("transport", ["http", "socket"])


@both
def test_the_course_of_a_task(office: Office) -> None:
    code = office.case.code
    listed = office.say("ana", "/tasks")
    assert f"{code}-1" in listed.text
    task = office.task(1)
    assert ("task_claim", f"t:{task.id}") in buttons(listed)

    claimed = office.say("ana", "/claim 1")
    assert claimed.text.startswith(f"Claimed {code}-1")
    assert ("task_done", f"t:{task.id}") in buttons(claimed)
    assert ("task_handoff", f"t:{task.id}") in buttons(claimed)
    assert office.holder(1) == "ana"

    assert "yours already" in office.say("ana", "/claim 1").text
    assert "Ana already has" in office.say("bo", "/cb claim #1").text

    done = office.say("ana", "/done 1 ref AG-17")
    assert done.text.startswith(f"Done: {code}-1")
    assert office.task(1).evidence == {"kind": "reference", "value": "AG-17"}
    assert "done already, by you" in office.say("ana", f"/done {code}-1 ref AG-17").text
