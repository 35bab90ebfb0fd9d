"""Sealing of what must not be read without a key: AES-256-GCM, key id in the blob, bound to its place."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE = 12


class BadKeys(ValueError):
    """`CASEBOARD_KEYS` cannot be used."""


class CannotOpen(ValueError):
    """A sealed value was changed, moved to another row, or its key is not among `CASEBOARD_KEYS`."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands. A blob that was copied to another table, column or row does not open."""

    table: str
    column: str
    row: int

    def bound(self) -> bytes:
        return f"{self.table}.{self.column}.{self.row}".encode()


class Keyring:
    """Keys by id. The first seals; all open, so that a key can be replaced while old rows still read.

    Layout of a blob: version (1 byte), length of the key id (1), key id, nonce (12), ciphertext with tag.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise BadKeys("CASEBOARD_KEYS is empty; `caseboard keys new` prints one to set")
        for key_id, key in keys.items():
            if len(key) != 32 or not 1 <= len(key_id.encode()) <= 255:
                raise BadKeys(f"key {key_id!r} of CASEBOARD_KEYS is not 32 bytes; `caseboard keys new` makes one")
        self._keys = dict(keys)
        self._sealing = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `id:base64,id:base64`. Raises `BadKeys`, which never shows a key."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            key_id, colon, encoded = part.partition(":")
            if not colon or not key_id:
                raise BadKeys("CASEBOARD_KEYS must read id:base64key, with a comma between keys")
            if key_id in keys:
                raise BadKeys(f"CASEBOARD_KEYS names {key_id!r} twice")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                raise BadKeys(f"key {key_id!r} of CASEBOARD_KEYS is not base64") from None
        return cls(keys)

    @staticmethod
    def new_key(key_id: str) -> str:
        """A fresh key in the form that `parse` reads."""
        return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"

    def seal(self, plain: bytes, place: Place) -> bytes:
        """Encrypt for one place."""
        key_id = self._sealing.encode()
        nonce = os.urandom(NONCE)
        head = VERSION + bytes([len(key_id)]) + key_id
        return head + nonce + AESGCM(self._keys[self._sealing]).encrypt(nonce, plain, head + place.bound())

    def open(self, blob: bytes, place: Place) -> bytes:
        """Decrypt what was sealed for this place; raises `CannotOpen`."""
        if len(blob) < 2 or blob[:1] != VERSION or len(blob) < 2 + blob[1] + NONCE + 16:
            raise CannotOpen(f"{place.table}.{place.column} of row {place.row} is not a sealed value")
        cut = 2 + blob[1]
        key_id = blob[2:cut].decode(errors="replace")
        key = self._keys.get(key_id)
        if key is None:
            raise CannotOpen(
                f"{place.table}.{place.column} of row {place.row} needs key {key_id!r}: add it to CASEBOARD_KEYS"
            )
        try:
            return AESGCM(key).decrypt(blob[cut : cut + NONCE], blob[cut + NONCE :], blob[:cut] + place.bound())
        except InvalidTag:
            raise CannotOpen(
                f"{place.table}.{place.column} of row {place.row} does not open: either key {key_id!r} is not the key "
                "of that name that sealed it (put its copy back), or the value was changed or moved"
            ) from None

    def digest(self, purpose: str, value: str) -> bytes:
        """A keyed digest (HMAC-SHA-256) with the oldest key, to recognise a value without keeping it."""
        return self._digest(self.recognising, purpose, value)

    @property
    def recognising(self) -> str:
        """The id of the key that makes digests: the last, and so the oldest."""
        return list(self._keys)[-1]

    def made_by(self, digest: bytes, purpose: str, value: str) -> str | None:
        """The id of the key with which this digest of a value was made; None where it is none of ours."""
        return next((one for one in self._keys if hmac.compare_digest(self._digest(one, purpose, value), digest)), None)

    def _digest(self, key_id: str, purpose: str, value: str) -> bytes:
        return hmac.new(self._keys[key_id], f"{purpose}\0{value}".encode(), hashlib.sha256).digest()
