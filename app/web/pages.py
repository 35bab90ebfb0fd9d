"""Pages: plain, readable on a phone, without scripts, and never framed."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem;
 overflow-wrap: anywhere }}
button {{ font: inherit; padding: .7rem 1.4rem }}
@media (prefers-color-scheme: dark) {{ body {{ background: #16181c; color: #e8e8e8 }} a {{ color: #9cc4ff }} }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, body: str, *, status: int = 200, forms_to: str = "'none'") -> HTMLResponse:
    """A page. `body` is HTML; `forms_to` says where its forms may lead, as a content security policy does."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
    headers = {
        "Content-Security-Policy": f"{policy}form-action {forms_to}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status, headers)
