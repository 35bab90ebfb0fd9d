"""Files under their message: pictures drawn, others as a card to be saved; nothing in them becomes markup."""

from app.sandbox import file_shapes
from app.sandbox.blocks.words import FILE_GONE
from app.sandbox.model import File
from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import Viewer, text

MOST_WIDTH, MOST_HEIGHT = 360, 300
"""The largest that a picture is drawn, in pixels."""


def html(files: list[File], viewer: Viewer) -> str:
    """All files of a message."""
    drawn = "".join(_file(one, viewer) for one in files)
    return f'<div class="files">{drawn}</div>' if drawn else ""


def spoken(files: list[File]) -> str:
    """The files in the name that a message has for screen readers; empty when there are none."""
    names = ", ".join("deleted file" if one.deleted else one.title for one in files)
    return f"{'File' if len(files) == 1 else 'Files'}: {names}" if names else ""


def _file(file: File, viewer: Viewer) -> str:
    if file.deleted:
        return f'<p class="gone">{FILE_GONE}</p>'
    return _picture(file, viewer) if file.is_picture else _card(file, viewer)


def _address(file: File, viewer: Viewer, *, download: bool = False) -> str:
    return text(f"{file_shapes.path(viewer.workspace.team, file, download=download)}?as={viewer.user.id}")


def _picture(file: File, viewer: Viewer) -> str:
    # With its size it takes its place before it is loaded, so that what stands below does not jump.
    scale = min(1.0, MOST_WIDTH / file.width, MOST_HEIGHT / file.height)
    width, height = max(1, round(file.width * scale)), max(1, round(file.height * scale))
    image = (
        f'<img src="{_address(file, viewer)}" alt="{text(file.alt_txt or file.title)}" width="{width}"'
        f' height="{height}" loading="lazy">'
    )
    save = (
        f'<a href="{_address(file, viewer, download=True)}" download title="Download" aria-label="Download'
        f' {text(file.title)}">{icon("download")}</a>'
    )
    opened = f'<a href="{_address(file, viewer)}" target="_blank" rel="noopener noreferrer">{image}</a>'
    return f"<figure><figcaption>{_named(file, 'span')} {save}</figcaption>{opened}</figure>"


def _card(file: File, viewer: Viewer) -> str:
    return (
        f'<a class="card" href="{_address(file, viewer, download=True)}" download>{icon("file")}'
        f'<span class="grow"><span class="sr">Download </span>{_named(file, "strong")}'
        f"<small>{text(file.pretty_type)} · {size(file.size)}</small></span>{icon('download')}</a>"
    )


def _named(file: File, tag: str) -> str:
    """The title, and the name where that is another."""
    name = f" <small>{text(file.name)}</small>" if file.name != file.title else ""
    return f"<{tag}>{text(file.title)}</{tag}>{name}"


def size(count: int) -> str:
    """A number of bytes as people read it: 812 bytes, 1.4 KB, 3.2 MB."""
    if count < 1000:
        return f"{count} {'byte' if count == 1 else 'bytes'}"
    unit, shown = ("KB", count / 1000) if count < 999_950 else ("MB", count / 1_000_000)
    return f"{shown:.1f} {unit}"
