"""Tasks of the same title are told apart by their component, and others are left as they are."""

import pytest

from app.tasks.naming import titles_apart

C1, C2, LONG = "C1 endoprosthesis stem", "C2 plate", "Authorization determined by the payer of the patient's plan"


@pytest.mark.parametrize(
    ("tasks", "titles", "why"),
    [
        ([("K7Q4", "Order", C1), ("K7Q4", "Order", C2)], [f"Order ({C1})", f"Order ({C2})"], "two of a case"),
        ([("K7Q4", "Order", C1), ("K8QM", "Order", C2)], ["Order", "Order"], "their codes tell them apart"),
        ([("K7Q4", "Order", None), ("K7Q4", "Order", C2)], ["Order", f"Order ({C2})"], "one is of the case as a whole"),
        ([("K7Q4", LONG, C1), ("K7Q4", LONG, C2)],
         [f"Authorization… ({C1})", f"Authorization determined by… ({C2})"], "the component is kept"),
        ([], [], "nothing"),
    ],
)  # fmt: skip
def test_titles(tasks: list[tuple[str, str, str | None]], titles: list[str], why: str) -> None:
    assert titles_apart(tasks, 40) == titles, why
    assert all(len(title) <= 40 for title in titles)
