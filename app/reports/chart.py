"""The picture of the report. matplotlib is loaded only to draw, in a process of its own where memory has to stay flat.

`python -m app.reports.chart` reads a report as JSON from standard input and writes a PNG to standard output.
"""

import io
import subprocess
import sys
from functools import lru_cache
from textwrap import wrap
from typing import Any, Final

from app.kernel.clock import span_words
from app.reports.report import Line, Report

MOST_BARS: Final = 8
SECONDS: Final = 15
"""Less than a hand has a channel for (`app.notices.timing`), so that a picture that hangs costs only the picture."""
# Dark ink on an opaque light ground reads in light and dark mode; what is late differs by hatching, not only by shade.
GROUND, INK, MET, OPEN, LATE = "#fbfaf7", "#1b1f23", "#2f6f7e", "#c3d3d6", "#f2c57c"
HATCH: Final = "///"
NONE_FINISHED: Final = "No task with a deadline was finished."
LABEL: Final = 26
"""Characters of a checklist's name in a line, of which it has two at most."""


class ChartFailed(RuntimeError):
    """The picture could not be drawn."""


def png(report: Report) -> bytes:
    """The picture, drawn in a process of its own: matplotlib takes some 70 MB that a worker does not get back.

    Raises `ChartFailed`.
    """
    drawn = _drawn(report.model_dump_json().encode())
    if drawn is None:
        raise _failed(f"not within {SECONDS} s")
    return drawn


@lru_cache(maxsize=2)
def _drawn(given: bytes) -> bytes | None:
    """The picture; None when drawing hangs. Raises `ChartFailed`.

    A post that has to wait for its turn is drawn up again. What hung once is not hung up on again, so None is kept like
    a picture; any other failure takes no time and may pass, memory that was short for one, so it is tried again.
    """
    command = [sys.executable, "-m", "app.reports.chart"]
    try:
        ran = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise _failed(type(error).__name__) from None
    if ran.returncode or not ran.stdout.startswith(b"\x89PNG"):
        raise _failed(f"exit {ran.returncode}")
    return ran.stdout


def _failed(why: str) -> ChartFailed:
    return ChartFailed(f"the picture could not be drawn ({why})")


def draw(report: Report) -> bytes:
    """The picture, drawn in this process."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    tracks = [line for line in report.tracks if line.count("met") + line.count("late")][:MOST_BARS]
    waits = report.waits
    heights = [max(len(tracks), 1) * 0.62 + 1.1, 2.9, max(len(waits), 1) * 0.5 + 1.0]
    with mpl.rc_context(
        {
            "font.size": 15,
            "font.family": "DejaVu Sans",
            "text.color": INK,
            "text.parse_math": False,  # two dollar signs in a name are no formula
            "hatch.linewidth": 1.4,
        }
    ):
        layout = ConstrainedLayoutEngine(h_pad=0.12)  # in inches
        figure = Figure(figsize=(8.4, sum(heights) + 1.5), dpi=110, facecolor=GROUND, layout=layout)
        figure.suptitle(_title(report), fontsize=17, fontweight="bold", x=0.02, ha="left", color=INK)
        by, weeks, now = figure.subplots(3, 1, height_ratios=heights)
        _by_track(by, tracks)
        _by_week(weeks, report.weeks[-12:])
        _waits(now, waits)
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=GROUND, metadata={"Software": "Caseboard"})
    return out.getvalue()


def _title(report: Report) -> str:
    met, late = report.total.count("met"), report.total.count("late")
    of = f" · {report.whose}" if report.whose else ""
    judged = f"{met} of {met + late} met" if met + late else "nothing finished with a deadline"
    return f"SLA{of}: {judged}\n{span_words(report.first, report.last)}"


def _plain(axes: Any, title: str) -> None:
    axes.set_facecolor(GROUND)
    axes.set_title(title, loc="left", fontsize=15, fontweight="bold", color=INK)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, colors=INK)


def _by_track(axes: Any, lines: list[Line]) -> None:
    _plain(axes, "Tasks finished, by checklist")
    axes.set_xticks([])
    if not lines:
        _nothing(axes, NONE_FINISHED)
        return
    places = range(len(lines))
    met, late = [line.count("met") for line in lines], [line.count("late") for line in lines]
    axes.barh(places, met, color=MET, edgecolor=INK, height=0.6)
    axes.barh(places, late, left=met, color=LATE, edgecolor=INK, hatch=HATCH, height=0.6)
    axes.set_yticks(places, [_label(line.label) for line in lines])
    axes.invert_yaxis()
    most = max(a + b for a, b in zip(met, late, strict=True))
    for place, a, b in zip(places, met, late, strict=True):
        axes.text(a + b + most * 0.02, place, f"{a} met" + (f", {b} late" if b else ""), va="center")
    axes.set_xlim(0, most * 1.5)


def _by_week(axes: Any, lines: list[Line]) -> None:
    from matplotlib.ticker import MaxNLocator

    _plain(axes, "Tasks finished, by week (from Monday)")
    places = range(len(lines))
    met, late = [line.count("met") for line in lines], [line.count("late") for line in lines]
    if not any(met + late):
        axes.set_xticks([])
        _nothing(axes, NONE_FINISHED)
        return
    axes.bar(places, met, color=MET, edgecolor=INK, width=0.66, label="finished, met")
    axes.bar(
        places, late, bottom=met, color=LATE, edgecolor=INK, hatch=HATCH, width=0.66, label="finished, late (hatched)"
    )
    axes.set_xticks(places, [line.label.replace(" ", "\n") for line in lines], fontsize=13)
    most = max(a + b for a, b in zip(met, late, strict=True))
    for place, line, a, b in zip(places, lines, met, late, strict=True):
        share = line.figures["share"]
        if share is not None:
            axes.text(place, a + b + most * 0.03, f"{share} %", ha="center", fontsize=13)
    axes.set_ylim(0, most * 1.25)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    _explain(axes, below=0.26)


def _waits(axes: Any, lines: list[Line]) -> None:
    _plain(axes, "Open now: who is waited for")
    axes.set_xticks([])
    if not lines:
        _nothing(axes, "Nothing is open.")
        return
    places = range(len(lines))
    late = [line.count("late_now") for line in lines]
    others = [line.count("open") - line.count("late_now") for line in lines]
    axes.barh(places, others, color=OPEN, edgecolor=INK, height=0.6, label="open, not late")
    axes.barh(
        places, late, left=others, color=LATE, edgecolor=INK, hatch=HATCH, height=0.6, label="open, late now (hatched)"
    )
    axes.set_yticks(places, [line.label for line in lines])
    axes.invert_yaxis()
    most = max(line.count("open") for line in lines)
    for place, line in zip(places, lines, strict=True):
        said = f"{line.count('open')}" + (f", {line.count('late_now')} late" if line.count("late_now") else "")
        axes.text(line.count("open") + most * 0.02, place, said, va="center")
    axes.set_xlim(0, most * 1.4)
    _explain(axes, below=0.0)


def _explain(axes: Any, below: float) -> None:
    """What the bars of this panel are, beneath it; `below` is what its ticks take, in parts of its height."""
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, -below), frameon=False, ncols=2, labelcolor=INK, fontsize=13,
        borderaxespad=0.2, borderpad=0,
    )  # fmt: skip


def _nothing(axes: Any, said: str) -> None:
    axes.set_yticks([])
    axes.text(0.0, 0.5, said, transform=axes.transAxes, va="center")


def _label(name: str) -> str:
    """A checklist's name as it stands beside its bar; what does not fit is cut."""
    return "\n".join(wrap(name, LABEL, max_lines=2, placeholder="…"))


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(Report.model_validate_json(sys.stdin.buffer.read())))
