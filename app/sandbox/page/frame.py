"""The pages themselves, before anything is in them."""

from collections.abc import Iterable

from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import text


def document(title: str, head: str, body: str, *, name: str, styles: Iterable[str] = ()) -> str:
    """A whole page with the script of its name and its style sheets. `head` goes into its head as it is."""
    sheets = "".join(f'<link rel="stylesheet" href="/page/{style}.css">' for style in ("sandbox", *styles))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{text(title)}</title>
<link rel="icon" href="data:,">
{sheets}
<script type="module" src="/page/{name}.js"></script>
{head}
</head>
<body class="{name}">
{body}</body>
</html>
"""


def writing(label: str, placeholder: str, *, more: str = "") -> str:
    """The field to write in, with its buttons; `more` are further buttons."""
    return f"""<div class="writing">
<input name="text" autocomplete="off" role="combobox" aria-expanded="false" aria-autocomplete="list"
 aria-controls="offers" aria-label="{text(label)}" placeholder="{text(placeholder)}">
<div class="bar">{more}
<button type="button" data-insert="@" aria-label="Mention somebody" title="Mention somebody">@</button>
<button type="button" data-insert=":" aria-label="Emoji" title="Emoji">☺</button>
<button class="send">Send</button>
</div>
</div>"""


def workspace(people: str) -> str:
    """The body of the workspace; `people` are the options of "Act as"."""
    shortcuts = (
        '<button type="button" data-shortcuts aria-haspopup="menu" aria-expanded="false" aria-label="Shortcuts"'
        f' title="Shortcuts">{icon("bolt")}</button>'
    )
    message = writing("Message, or command beginning with a slash", "Message, or /command", more=shortcuts)
    reply = writing("Reply", "Reply…")
    return f"""<a class="skip" href="#main">Skip to messages</a>
<div id="workspace">
<header id="top">
<button type="button" id="menu" aria-expanded="false" aria-controls="sidebar">☰
<span class="sr">Channels</span></button>
<label>Act as <select id="as">{people}</select></label>
<form id="newcomer">
<input name="name" placeholder="new person" aria-label="Name of a new person" size="10" required autocomplete="off">
<button>Add</button>
</form>
<a href="/inspector">Inspector</a>
</header>
<nav id="sidebar" aria-label="Channels"></nav>
<main>
<div id="head"></div>
<div id="main" tabindex="0" role="region" aria-label="Messages"></div>
<button type="button" id="newer" hidden>↓ New messages</button>
<form id="composer" hidden>
{message}
</form>
<p id="trouble" role="alert" hidden></p>
<div id="said" class="sr" role="status"></div>
<div id="offers" role="listbox" aria-label="Suggestions" popover="manual"></div>
<div id="choices" class="menu" role="menu" popover aria-label="Actions"></div>
</main>
<aside id="thread" aria-label="Thread" hidden>
<header><h2>Thread</h2>
<button type="button" class="plain" data-close-thread aria-label="Close thread">✕</button>
</header>
<div id="replies" tabindex="0" role="region" aria-label="Replies"></div>
<form id="reply">
{reply}
</form>
</aside>
</div>
<dialog id="dialog" aria-labelledby="modal-title"></dialog>
<dialog id="confirm" aria-labelledby="confirm-title" aria-describedby="confirm-text"></dialog>
"""
