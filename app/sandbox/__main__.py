"""`python -m app.sandbox`: a sandbox as a process of its own."""

import argparse
import logging
import sys
from pathlib import Path

from app.sandbox.clock import ClockFile
from app.sandbox.errors import SandboxError
from app.sandbox.server import build


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.sandbox",
        description="A local Slack. Prints its address; set SLACK_API_URL to it with /api/ behind.",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--ledger", type=Path, help="file to write to, and to go on from")
    parser.add_argument("--port-file", type=Path, help="file to write the port to, once it serves")
    parser.add_argument("--clock-file", type=Path, help="JSON file of a steered clock (sim, real, speed)")
    parser.add_argument("--request-url", default="", help="where the app takes signed HTTP requests")
    parser.add_argument("--scopes", help="scopes of the bot token, with commas; all when not given")
    parser.add_argument("--unlimited", action="store_true", help="no rate limits")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run until interrupted. 0 when stopped, 1 when it could not start."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, format="%(message)s")
    settings: dict[str, object] = {"request_url": arguments.request_url}
    if arguments.scopes is not None:
        settings["scopes"] = arguments.scopes.split(",")
    try:
        sandbox = build(
            port=arguments.port,
            ledger=arguments.ledger,
            clock=ClockFile(arguments.clock_file) if arguments.clock_file else None,
            unlimited=arguments.unlimited,
            settings=settings,
        )
    except (SandboxError, OSError) as error:
        print(f"The sandbox did not start: {error}", file=sys.stderr)
        return 1
    print(sandbox.base_url, flush=True)
    if arguments.port_file:
        partial = arguments.port_file.with_suffix(".partial")
        partial.write_text(str(sandbox.port), encoding="utf-8")
        partial.replace(arguments.port_file)
    try:
        sandbox.serve()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
