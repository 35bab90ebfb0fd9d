"""The keys that seal patient records: from CASEBOARD_KEYS, or from a file beside the embedded PostgreSQL."""

import os
import stat
import tempfile
from pathlib import Path

from sqlalchemy import Engine, text

from app.cli.out import CannotDo, remark
from app.settings import Settings
from app.store.sealing import BadKeys, Keyring
from app.store.uow import Keys

FIRST_KEY = "k1"
_SEALED = text("SELECT EXISTS (SELECT FROM patient_records)")


def key_file(settings: Settings) -> Path:
    """Where the keys lie when CASEBOARD_KEYS is unset and the embedded PostgreSQL is used."""
    return settings.data / "keys"


def keyring_of(settings: Settings, engine: Engine, *, make: bool = True) -> Keyring:
    """The keys of this installation; the embedded PostgreSQL gets a key file when it has none.

    With `make` false nothing is written: a key of the moment stands in for the one that is not there yet.

    A database of one's own needs CASEBOARD_KEYS: several machines may use it, and a file of one of them would
    seal what the others cannot open. Raises BadKeys, or CannotDo with what to do.
    """
    if settings.keys is not None:
        return Keyring.parse(settings.keys.get_secret_value())
    if settings.database_url is not None:
        raise CannotDo(
            "CASEBOARD_KEYS is not set, so patient records cannot be sealed. Nothing changed. Make a key with "
            "`caseboard keys new`, set it for every process, and keep a copy where the backups are not."
        )
    path = key_file(settings)
    if not path.exists():
        with engine.connect() as connection:
            if connection.execute(_SEALED).scalar_one():
                raise CannotDo(
                    f"The key file {path} is gone, and there are sealed patient records. Nothing changed. Put its "
                    "copy back; a new key could not open them."
                )
        if not make:
            return Keyring.parse(Keyring.new_key(FIRST_KEY))
        make_key_file(path)
    return Keyring.parse(path.read_text(encoding="utf-8").strip())


def keys_at_hand(settings: Settings, engine: Engine) -> Keys:
    """The keys whenever a sealed value has to be opened, and None where they cannot be had: the doctor says why."""

    def keys() -> Keyring | None:
        try:
            return keyring_of(settings, engine, make=False)
        except (BadKeys, CannotDo, OSError):
            return None

    return keys


def make_key_file(path: Path) -> None:
    """Write a fresh key, readable by its owner only. Of several processes one writes, the others take its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(Keyring.new_key(FIRST_KEY) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)  # fails where the file is there already, unlike a rename
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
    remark(
        f"Made a key for patient records: {path}\n"
        "Keep a copy of this file in a safe place apart from the database. Without it no patient record can be read."
    )


def readable_by_others(path: Path) -> bool:
    """Whether anybody but its owner may read a file."""
    return bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))
