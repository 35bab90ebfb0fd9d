"""Settings, from an environment."""

import os

import pytest

from app.settings import Settings


@pytest.mark.parametrize(
    ("environment", "address", "why"),
    [
        ({}, "http://127.0.0.1:8000", "nothing is set"),
        ({"PORT": "8752"}, "http://127.0.0.1:8752", "links lead to where the web process listens"),
        ({"PORT": "8752", "CASEBOARD_BASE_URL": ""}, "http://127.0.0.1:8752", "an empty setting is none"),
        ({"PORT": "8752", "CASEBOARD_BASE_URL": "https://board.example.org/"}, "https://board.example.org", "a proxy"),
    ],
)
def test_the_address_of_links(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], address: str, why: str
) -> None:
    for name in {str(field.alias) for field in Settings.model_fields.values()} & os.environ.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.address == address, why
    assert settings.base_url in ("", address), "nobody is sent to a machine of ours that has no address"
