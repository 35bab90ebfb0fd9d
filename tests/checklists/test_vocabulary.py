"""The words of the closed lists, as sentences have them."""

import pytest

from app.checklists.vocabulary import Role, whoever


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ([Role.CODER], "a coder"),
        ([Role.ADMIN, Role.LEAD], "an admin or a lead"),
        ([Role.CODER, Role.VA], "a coder or a VA"),
        ([], "nobody"),
    ],
)
def test_roles_are_said_with_their_articles(roles: list[Role], said: str) -> None:
    assert whoever(roles) == said
