"""What is said of a board that is too slow, where, and how often."""

import logging

import pytest

from edge.analysis.load import CLEAR_S, FOR_S
from edge.app.load import FLAG, LoadWatch
from edge.health import Health
from edge.settings import ChannelSettings, DemoSettings, FileSettings, Settings, SourceSettings
from tests.support.clock import HandClock


class Board:
    """A device with two cameras, whose rates are set by hand."""

    def __init__(self, *sources: SourceSettings) -> None:
        chosen = sources or (SourceSettings(demo=DemoSettings()),) * 2
        channels = tuple(
            ChannelSettings(name=f"Camera {number}", id=f"c{number}", source=source)
            for number, source in enumerate(chosen, 1)
        )
        self.health, self.clock = Health(), HandClock()
        self.watch = LoadWatch(self.health, self.clock, lambda: Settings(channels=channels))

    def run(self, seconds: float, *rates: float, fps: float = 10.0, skipped_fps: float = 0.0) -> None:
        """Let time pass with these rates of analysed pictures."""
        for number, rate in enumerate(rates, 1):
            self.health.set_channel(f"c{number}", status="ok", fps=fps, skipped_fps=skipped_fps, analysed_fps=rate)
        for _ in range(round(seconds)):
            self.watch.tick()
            self.clock.move(1.0)

    @property
    def notice(self) -> str:
        return self.health.snapshot().notices.get(FLAG, "")

    @property
    def fault(self) -> str:
        return self.health.snapshot().flags.get(FLAG, "")


def test_too_slow_is_a_notice_below_the_floor_a_fault_and_each_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "edge.app")
    board = Board()
    board.run(60, 9.8, 9.9)
    assert (board.notice, board.fault) == ("", "")
    board.run(300, 4.1, 4.2)
    assert board.notice.startswith("about 4 of 10 pictures a second are analysed: the board is too slow for 2 cameras")
    assert board.health.snapshot().healthy
    board.run(300, 1.2, 1.3)
    assert (board.notice, board.fault[:14]) == ("", "about 1 of 10 ")
    assert not board.health.snapshot().healthy
    board.run(CLEAR_S + 2, 5.0, 5.0)
    assert (board.notice[:14], board.fault) == ("about 5 of 10 ", "")
    board.run(CLEAR_S + 2, 9.9, 9.9)
    assert (board.notice, board.fault) == ("", "")
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "WARNING", "INFO"]


def test_the_figures_in_the_words_are_renewed() -> None:
    board = Board()
    board.run(FOR_S + 2, 7.0, 7.0)
    assert "about 7 of 10" in board.notice
    board.run(70, 5.0, 5.0)
    assert "about 5 of 10" in board.notice


def test_what_was_not_even_decoded_was_wanted_too() -> None:
    board = Board()
    board.run(30, 4.0, 4.0, fps=4.0, skipped_fps=6.0)
    assert "about 4 of 10" in board.notice


def test_a_slow_camera_a_lost_one_and_a_clip_that_waits_are_no_load() -> None:
    board = Board()
    board.run(60, 2.0, 2.0, fps=2.0)
    assert (board.notice, board.fault) == ("", "")
    board.run(1, 1.0, 10.0)
    for _ in range(60):
        board.health.set_channel("c1", status="unreachable", analysed_fps=0.0)
        board.watch.tick()
        board.clock.move(1.0)
    assert (board.notice, board.fault) == ("", "")
    waiting = Board(SourceSettings(file=FileSettings(path="clip.mp4", realtime=False)))
    waiting.run(60, 0.5)
    assert (waiting.notice, waiting.fault) == ("", "")
