"""Every setting, read once from the environment."""

import os
import tempfile
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.kernel.clock import Clock, SteeredClock, SystemClock

ROOT = Path(__file__).resolve().parent.parent
SLACK = "https://slack.com/api/"


class Settings(BaseSettings):
    """What an installation may choose. Unset means the safe default named beside it.

    Secrets are `SecretStr`, so that neither a repr nor a log shows them.
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    database_url: str | None = Field(None, alias="DATABASE_URL")  # None: the embedded PostgreSQL
    redis_url: str | None = Field(None, alias="REDIS_URL")  # None: dramatiq's in-process broker
    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")  # set: Socket Mode
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")  # set: signed HTTP
    slack_client_id: str | None = Field(None, alias="SLACK_CLIENT_ID")  # both set: installation by OAuth
    slack_client_secret: SecretStr | None = Field(None, alias="SLACK_CLIENT_SECRET")
    slack_api_url: str = Field(SLACK, alias="SLACK_API_URL")
    keys: SecretStr | None = Field(None, alias="CASEBOARD_KEYS")  # "id:base64key,id:base64key", first seals
    base_url: str = Field("", alias="CASEBOARD_BASE_URL")  # unset: nobody else is sent there
    port: int = Field(8000, alias="PORT", ge=0, le=65535)
    data: Path = Field(default_factory=lambda: _default_data(), alias="CASEBOARD_DATA")
    clock_file: Path | None = Field(None, alias="CASEBOARD_CLOCK_FILE")  # a steered clock: sandbox only
    tick_seconds: float = Field(0.25, alias="CASEBOARD_TICK_SECONDS", gt=0, le=60)
    posts_per_second: float = Field(1.0, alias="CASEBOARD_POSTS_PER_SECOND", gt=0)  # per channel

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not (here or (parts.scheme == "https" and parts.hostname)) or parts.username or parts.password:
            raise ValueError("SLACK_API_URL must be https, or http on this machine for the sandbox")
        return value if value.endswith("/") else value + "/"

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("CASEBOARD_BASE_URL is the address of the web process, such as https://board.example.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _no_steered_clock_for_slack_itself(self) -> Self:
        if self.clock_file is not None and self.talks_to_slack_itself:
            raise ValueError(
                "CASEBOARD_CLOCK_FILE is for the sandbox only: unset it, or point SLACK_API_URL to the sandbox"
            )
        return self

    @model_validator(mode="after")
    def _a_client_is_whole(self) -> Self:
        if (self.slack_client_id is None) != (self.slack_client_secret is None):
            raise ValueError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together: set both, or neither")
        if self.slack_client_id is None:
            return self
        if self.keys is None:
            raise ValueError("SLACK_CLIENT_ID needs CASEBOARD_KEYS, which seal the tokens: caseboard keys new")
        if self.talks_to_slack_itself and not self.base_url.startswith("https://"):
            raise ValueError("SLACK_CLIENT_ID needs a CASEBOARD_BASE_URL with https://, where Slack goes back to")
        return self

    @property
    def address(self) -> str:
        """Where the web process answers: `base_url`, or this machine, where only a browser of this machine gets."""
        return self.base_url or f"http://127.0.0.1:{self.port}"

    @cached_property
    def talks_to_slack_itself(self) -> bool:
        """Whether posts leave this machine, so that nothing simulated may be mixed in."""
        return self.slack_api_url.startswith("https://")


def _default_data() -> Path:
    """Where the embedded PostgreSQL keeps its files when `CASEBOARD_DATA` is unset.

    Under root the embedded server runs as its own user and would open every parent folder to it, so it gets
    a path that is open anyway.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        name = sha256(str(ROOT).encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"caseboard-{name}"
    return ROOT / ".dev"


def clock_of(settings: Settings) -> Clock:
    """The clock that everything goes by: the machine's, or the steered one of a demonstration."""
    return SystemClock() if settings.clock_file is None else SteeredClock(settings.clock_file)
