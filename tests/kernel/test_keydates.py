"""Key dates, and how people write them."""

import pytest

from app.kernel.keydates import KEY_DATES, UNPLANNED, UnknownKeyDate, parse_key_date


@pytest.mark.parametrize("name", KEY_DATES)
def test_every_key_date_is_known_by_its_name_and_its_words(name: str) -> None:
    assert parse_key_date(name) == name
    assert parse_key_date(KEY_DATES[name]) == name
    assert parse_key_date(f"  {KEY_DATES[name].upper()} ") == name
    assert parse_key_date(name.replace("_", " ")) == name
    assert parse_key_date(name.replace("_", "-")) == name


def test_no_two_key_dates_share_a_spelling() -> None:
    assert len(set(KEY_DATES.values())) == len(KEY_DATES)
    for name, words in KEY_DATES.items():
        named = words.replace(" ", "_")
        assert named == name or named not in KEY_DATES
    assert set(KEY_DATES) >= UNPLANNED


@pytest.mark.parametrize(
    ("text", "suggestion", "reason"),
    [
        ("surgry", "surgery", "misspelt"),
        ("recomendation signed", "recommendation signed", "misspelt"),
        ("xyzzy", None, "nothing near"),
        ("", None, "nothing"),
    ],
)
def test_what_is_no_key_date(text: str, suggestion: str | None, reason: str) -> None:
    with pytest.raises(UnknownKeyDate) as refused:
        parse_key_date(text)
    assert refused.value.suggestion == suggestion, reason
    assert (suggestion or "known: referral") in str(refused.value)
