"""The page itself, before anything is in it."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page/sandbox.css">
<script type="module" src="/page/sandbox.js"></script>
{head}
</head>
<body>
<a class="skip" href="#main">Skip to messages</a>
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
<div class="writing">
<input name="text" autocomplete="off" role="combobox" aria-expanded="false" aria-autocomplete="list"
 aria-controls="offers" aria-label="Message, or command beginning with a slash" placeholder="Message, or /command">
<div class="bar">
<button type="button" data-shortcuts aria-haspopup="menu" aria-expanded="false" aria-label="Shortcuts" title="Shortcuts"
>{bolt}</button>
<button type="button" data-insert="@" aria-label="Mention somebody" title="Mention somebody">@</button>
<button type="button" data-insert=":" aria-label="Emoji" title="Emoji">☺</button>
<button class="send">Send</button>
</div>
</div>
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
<div class="writing">
<input name="text" autocomplete="off" role="combobox" aria-expanded="false" aria-autocomplete="list"
 aria-controls="offers" aria-label="Reply" placeholder="Reply…">
<div class="bar">
<button type="button" data-insert="@" aria-label="Mention somebody" title="Mention somebody">@</button>
<button type="button" data-insert=":" aria-label="Emoji" title="Emoji">☺</button>
<button class="send">Send</button>
</div>
</div>
</form>
</aside>
</div>
<dialog id="dialog" aria-labelledby="modal-title"></dialog>
<dialog id="confirm" aria-labelledby="confirm-title" aria-describedby="confirm-text"></dialog>
</body>
</html>
"""
