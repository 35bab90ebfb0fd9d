"""What kind of file something is: by its first bytes where it is a picture, else by its name."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from struct import error as StructError
from struct import unpack_from

from app.sandbox.jsontypes import as_list, as_object, as_text, loads

_DATA = Path(__file__).parent / "data" / "files.json"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type as Slack names it. `width` and `height` are those of a picture in pixels, 0 for everything else."""

    filetype: str
    pretty_type: str
    mimetype: str
    width: int = 0
    height: int = 0


BINARY = FileType("binary", "Binary", "application/octet-stream")


@cache
def _types() -> dict[str, FileType]:
    """The types of `data/files.json`, by name and by the other endings that files of it have."""
    found: dict[str, FileType] = {}
    for name, facts in as_object(as_object(loads(_DATA.read_bytes()))["types"]).items():
        pretty, mimetype, *endings = map(as_text, as_list(facts))
        for ending in (name, *endings):
            found[ending] = FileType(name, pretty, mimetype)
    return found


@cache
def snippet_types() -> frozenset[str]:
    """What a `snippet_type` may be."""
    return frozenset(name for name, known in _types().items() if known.mimetype.startswith("text/"))


def of(name: str, content: bytes) -> FileType:
    """The type of a file. One that is called a picture and is none, or is cut short, is binary."""
    for picture, read in _PICTURES.items():
        try:
            size = read(content)
        except (StructError, IndexError):
            size = None
        if size is not None and min(size) > 0:
            known = _types()[picture]
            return FileType(known.filetype, known.pretty_type, known.mimetype, *size)
    known = _types().get(name.rpartition(".")[2].lower() if "." in name else "", BINARY)
    return BINARY if known.filetype in _PICTURES else known


def of_snippet(snippet_type: str) -> FileType:
    """The type of a snippet, of one of `snippet_types()`."""
    return _types()[snippet_type]


_Size = tuple[int, int]


def _png(content: bytes) -> _Size | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
        return None
    width, height = unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> _Size | None:
    if not content.startswith((b"GIF87a", b"GIF89a")):
        return None
    width, height = unpack_from("<HH", content, 6)
    return width, height


def _jpg(content: bytes) -> _Size | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the frame's header
            height, width = unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def _webp(content: bytes) -> _Size | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    match content[12:16]:
        case b"VP8 ":
            width, height = unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            sizes = content[24:30]
            if len(sizes) == 6:
                return int.from_bytes(sizes[:3], "little") + 1, int.from_bytes(sizes[3:], "little") + 1
    return None


_PICTURES = {"png": _png, "gif": _gif, "jpg": _jpg, "webp": _webp}
"""The pictures that browsers draw, each with what reads its size; None when it is no such picture. Formats: the PNG,
GIF89a, JPEG (T.81) and WebP specifications."""
