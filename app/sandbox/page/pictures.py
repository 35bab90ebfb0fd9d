"""Pictures: those of this machine are drawn, others are named, as the page needs no network."""

import re
from urllib.parse import urlsplit

from app.sandbox.inbound.http_out import LOOPBACK
from app.sandbox.jsontypes import JsonObject, as_text
from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import text

_DATA = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")


def html(given: JsonObject) -> str:
    """An image block or image element."""
    url, words = as_text(given.get("image_url")), text(as_text(given.get("alt_text")))
    if _DATA.fullmatch(url) or _is_local(url):
        return f'<img src="{text(url)}" alt="{words}" loading="lazy">'
    return f'<span class="picture" role="img" aria-label="{words}">{icon("picture")} {words}</span>'


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname in LOOPBACK
    except ValueError:
        return False
