"""A local Slack: the unchanged app runs against it by `SLACK_API_URL`; people act by code or browser.

`start()` gives a running sandbox, which is also a `SandboxClient` to itself. Imports nothing of the product.
"""

from app.sandbox.acting import Acting
from app.sandbox.client import Person, Reply, SandboxClient
from app.sandbox.errors import NotLoopbackError, NotSeenError, RefusedError, SandboxError
from app.sandbox.server import Sandbox, start
from app.sandbox.world import Secrets

__all__ = [
    "Acting",
    "NotLoopbackError",
    "NotSeenError",
    "Person",
    "RefusedError",
    "Reply",
    "Sandbox",
    "SandboxClient",
    "SandboxError",
    "Secrets",
    "start",
]
