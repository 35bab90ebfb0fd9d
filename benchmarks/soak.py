"""`./dev soak NAME [OPTIONS]`: checks too long for the suite, each `main(argv)` of a `benchmarks/soak_NAME.py`.

Each prints one JSON object and exits 1 when a promise does not hold. A seed repeats its story.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def names() -> list[str]:
    """The soaks there are."""
    return sorted(path.stem.removeprefix("soak_") for path in Path(__file__).parent.glob("soak_*.py"))


def main(argv: Sequence[str]) -> int:
    """Run the soak that is named; 2 when there is none of that name."""
    if not argv or argv[0] not in names():
        print(f"Which one? ./dev soak NAME, one of: {', '.join(names())}", file=sys.stderr)
        return 2
    run: Callable[[Sequence[str]], int] = importlib.import_module(f"benchmarks.soak_{argv[0]}").main
    return run(argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
