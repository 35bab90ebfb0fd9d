"""What a file is, and in which encoding: found out from its bytes, and stated."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.cases.intake.table import FileBroken

_CHUNK = 1 << 20
_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NOT_TABLES: Final = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file; unpack it first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<!DOC": "a web page",
    b"<html": "a web page",
    b"{\\rtf": "a text document",
    b"<?xml": "XML",
}
_JSON = re.compile(rb"\s*(?:\[\s*[\[{]|\{\s*[\"}])")
ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Encoding:
    """The codec to read a file with, and what people should know about the choice."""

    codec: str
    note: str | None = None


def known_encoding(name: str) -> str | None:
    """The codec that goes by a name, or None. Codecs that are no text encodings are not known here."""
    try:
        info = codecs.lookup(name)
        "".encode(info.name)
    except (LookupError, UnicodeError):
        return None
    return "utf-8-sig" if info.name == "utf-8" else info.name


def first_bytes(path: Path) -> bytes:
    """The beginning of a file; raises FileBroken when it cannot be read or holds nothing."""
    try:
        with path.open("rb") as file:
            found = file.read(4096)
    except FileNotFoundError:
        raise FileBroken(f"There is no file {path}. Check the name.") from None
    except IsADirectoryError:
        raise FileBroken(f"{path} is a folder. Name a file.") from None
    except OSError as error:
        raise FileBroken(f"{path} cannot be read ({error.strerror}). Check its permissions.") from None
    if not found:
        raise FileBroken(f"{path.name} is empty. Export it again.")
    return found


def find_encoding(path: Path, wanted: str | None) -> Encoding:
    """The encoding of a text file, after reading all of it once; raises FileBroken for what is no text.

    A byte order mark decides, then what the mapping says. Else UTF-8 is tried, and Windows-1252 (cp1252) after
    it, which is what old exports of Windows programs use.
    """
    head = first_bytes(path)
    what = _other(head.removeprefix(codecs.BOM_UTF8))
    if what is not None:
        raise FileBroken(f"{path.name} is {what}, not a table. Export it as CSV, TSV or XLSX: those are read.")
    for bom, codec in _BOMS.items():
        if head.startswith(bom):
            _checked(path, codec)
            return Encoding(codec)
    if b"\0" in head and wanted is None:
        raise FileBroken(
            f"{path.name} is not text: it holds NUL bytes from the start. Export it as CSV, TSV or XLSX, or name "
            "its encoding in the mapping (file: encoding)."
        )
    if wanted is not None:
        _checked(path, wanted)
        return Encoding(wanted)
    line = _first_bad_line(path, "utf-8")
    if line is None:
        return Encoding("utf-8")
    _checked(path, "cp1252", tried=f"neither UTF-8 (line {line}) nor ")
    return Encoding("cp1252", f"read as Windows-1252 (cp1252), because line {line} is not UTF-8")


def _other(head: bytes) -> str | None:
    """What a file is that begins so and is no table; None when it may be one."""
    if _JSON.match(head):
        return "JSON"
    return next((what for magic, what in _NOT_TABLES.items() if head.startswith(magic)), None)


def _checked(path: Path, codec: str, *, tried: str = "not ") -> None:
    line = _first_bad_line(path, codec)
    if line is not None:
        raise FileBroken(
            f"{path.name} is {tried}{codec} text (line {line}). Export it as UTF-8, or name its encoding in the "
            "mapping (file: encoding)."
        )


def _first_bad_line(path: Path, codec: str) -> int | None:
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            except UnicodeError:  # what some codecs say of the whole: UTF-16 without its mark, for one
                return line
            if not chunk:
                return None
