"""The page's own signs, drawn rather than taken from an emoji font, which not every machine has."""

_PATHS = {
    "lock": "M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z",
    "people": "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-6 6a6 6 0 0 1 12 0z",
    "pin": "M5 1h6v1l-1 1v4l2 2v1H9v5l-1 1-1-1v-5H4V9l2-2V3L5 2z",
    "bookmark": "M4 1h8v14l-4-3-4 3z",
    "reply": "M2 2h12v9H7l-4 3v-3H2z",
    "eye": "M8 3c4 0 7 5 7 5s-3 5-7 5-7-5-7-5 3-5 7-5zm0 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    "plus": "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
    "picture": "M1 3h14v10H1zm1 8 3-4 3 3 2-2 4 3V4H2z",
    "file": "M3 1h6l4 4v10H3zm5 1v4h4zM5 8v1h6V8zm0 2v1h6v-1zm0 2v1h4v-1z",
    "download": "M7 1h2v7h3l-4 4-4-4h3zM2 13h12v2H2z",
    "bolt": "M9 1 3 9h4l-1 6 6-8H8z",
}


def icon(name: str, label: str = "") -> str:
    """A sign in the colour of the text around it; without a label it says nothing to screen readers."""
    spoken = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return f'<svg class="icon" viewBox="0 0 16 16" {spoken}><path fill-rule="evenodd" d="{_PATHS[name]}"/></svg>'
