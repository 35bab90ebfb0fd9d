"""How every group of commands is made."""

import typer


def group(what: str | None = None) -> typer.Typer:
    """A group of commands. No colours and no frames: they cost 100 ms and read badly in a log."""
    return typer.Typer(
        help=what,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
