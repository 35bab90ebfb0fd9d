"""The picture that a process of its own draws: what is kept of it, and what is tried again."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from app.reports import chart
from app.reports.report import Report, line
from tests.conftest import MONDAY

NONE = line("", "", {})
EMPTY = Report(
    program="bone", name="Bone Clinic", zone="America/New_York", first=date(2026, 11, 2), last=date(2026, 11, 8),
    at=MONDAY, whose="", total=NONE, tracks=[], roles=[], people=[], weeks=[], open=NONE, waits=[], load=[],
    reasons=[], breaches=[], breaches_total=0, oldest=[],
)  # fmt: skip
JUDGED: dict[str, int | float | None] = {"met": 3, "late": 1, "share": 75}
DRAWN = r"printf '\211PNG'"
Draw = Callable[[str], Callable[[], int]]


@pytest.fixture
def draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Draw]:
    """Has a shell script draw in place of the usual process; what it gives back counts how often it ran."""
    chart._drawn.cache_clear()

    def by(script: str) -> Callable[[], int]:
        drawer, runs = tmp_path / "drawer", tmp_path / "runs"
        drawer.write_text(f"#!/bin/sh\ncat > /dev/null\necho run >> '{runs}'\n{script}\n")
        drawer.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(drawer))
        return lambda: len(runs.read_text().splitlines())

    yield by
    chart._drawn.cache_clear()


def test_a_picture_is_drawn_once(draw: Draw) -> None:
    runs = draw(DRAWN)
    assert [chart.png(EMPTY), chart.png(EMPTY)] == [b"\x89PNG", b"\x89PNG"]
    assert runs() == 1


@pytest.mark.parametrize(
    ("script", "why"), [("exit 3", "exit 3"), ("kill -9 $$", "exit -9"), ("echo no picture", "exit 0")]
)
def test_a_picture_that_failed_is_tried_again(draw: Draw, script: str, why: str) -> None:
    draw(script)
    with pytest.raises(chart.ChartFailed, match=why):
        chart.png(EMPTY)
    runs = draw(DRAWN)
    assert chart.png(EMPTY) == b"\x89PNG"
    assert runs() == 2


def test_a_process_that_does_not_start_is_tried_again(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(chart.ChartFailed, match="FileNotFoundError"):
        chart.png(EMPTY)
    draw(DRAWN)
    assert chart.png(EMPTY) == b"\x89PNG"


@pytest.fixture
def figure_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Figure]:
    """Draws a report with these parts, and gives back the figure that is saved."""
    figures: list[Figure] = []
    save = Figure.savefig

    def kept(figure: Figure, *given: Any, **named: Any) -> None:
        figures.append(figure)
        save(figure, *given, **named)

    def drawn(**parts: object) -> Figure:
        chart.draw(EMPTY.model_copy(update=parts))
        return figures[-1]

    monkeypatch.setattr(Figure, "savefig", kept)
    return drawn


def test_every_panel_says_what_its_bars_are(figure_of: Callable[..., Figure]) -> None:
    """What is open is not called met; what is late is hatched as well, where bars are and where they are explained."""
    figure = figure_of(
        tracks=[line("packet", "Packet", JUDGED)],
        weeks=[line("2026-11-02", "2 Nov", JUDGED)],
        waits=[line("payer", "payer", {"open": 5, "late_now": 2})],
    )
    assert figure.legends == []
    by, weeks, now = figure.axes
    for axes, words in (
        (weeks, ["finished, met", "finished, late (hatched)"]),
        (now, ["open, not late", "open, late now (hatched)"]),
    ):
        legend = axes.get_legend()
        assert legend is not None
        assert [each.get_text() for each in legend.get_texts()] == words
        shown = [(patch.get_facecolor(), patch.get_hatch()) for patch in legend.get_patches()]
        assert shown == [(bars[0].get_facecolor(), bars[0].get_hatch()) for bars in axes.containers]
        assert [hatch for _, hatch in shown] == [None, chart.HATCH]
    assert [each.get_text() for each in by.texts] == ["3 met, 1 late"]
    assert [bars[0].get_facecolor() for bars in by.containers] == [bars[0].get_facecolor() for bars in weeks.containers]
    assert [int(tick) for tick in weeks.get_yticks()] == list(weeks.get_yticks()), "tasks are counted whole"
    assert max(weeks.get_yticks()) >= 4


def test_a_panel_with_nothing_in_it_says_so(figure_of: Callable[..., Figure]) -> None:
    none: dict[str, int | float | None] = {"met": 0, "late": 0, "share": None}
    figure = figure_of(tracks=[line("packet", "Packet", none)], weeks=[line("2026-11-02", "2 Nov", none)])
    said = [[each.get_text() for each in axes.texts] for axes in figure.axes]
    assert said == [[chart.NONE_FINISHED], [chart.NONE_FINISHED], ["Nothing is open."]]
    for axes in figure.axes:
        assert axes.get_legend() is None
        assert axes.containers == []
        assert list(axes.get_xticks()) == list(axes.get_yticks()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Tumor board packet", "Tumor board packet"),
        ("Component authorization and supply", "Component authorization\nand supply"),
        ("Component authorization and supply of what is kept there", "Component authorization\nand supply of what is…"),
        ("Supercalifragilisticexpialidocious", "Supercalifragilisticexpial\nidocious"),
    ],
)
def test_a_checklist_with_a_long_name_has_two_lines(figure_of: Callable[..., Figure], name: str, shown: str) -> None:
    by, _, _ = figure_of(tracks=[line("it", name, JUDGED)]).axes
    assert [each.get_text() for each in by.get_yticklabels()] == [shown]


def test_a_picture_that_hung_is_not_hung_up_on_again(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "SECONDS", 2)
    runs = draw("exec sleep 30")
    for _ in range(2):
        with pytest.raises(chart.ChartFailed, match="not within 2 s"):
            chart.png(EMPTY)
    assert runs() == 1
