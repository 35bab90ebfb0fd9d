"""`caseboard`: the command line. Commands import what they need when they run, so that help is quick."""

import gc
import os
import sys
from collections.abc import Sequence

from app.cli.overview import OVERVIEW

HELP = ("--help", "-h", "help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 when it is done, 1 when it failed, 2 when it was called wrongly."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or (len(arguments) == 1 and arguments[0] in HELP):
        print(OVERVIEW, end="")
        return 0 if arguments else 2
    # Starting makes many objects and drops few: the collector, at its usual pace, takes a seventh of the start.
    gc.set_threshold(50_000)
    from app.cli.tree import tree

    try:
        tree()(args=arguments, prog_name="caseboard")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; without this Python complains once more on leaving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the edge: told in a line, never with a stack trace
        from app.cli.edge import explain

        return explain(error, as_json="--json" in arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
