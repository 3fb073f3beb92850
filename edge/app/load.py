"""Says when the board does not carry its cameras: a notice, or below the floor a fault; in the log once each."""

import logging
from collections.abc import Callable, Iterator

from edge.analysis.load import Load, LoadJudge, Share, in_words
from edge.health import Health
from edge.model.clock import Clock
from edge.settings import ChannelSettings, Settings

LOG = logging.getLogger("edge.app")
FLAG = "load"
AGAIN_S = 60.0
"""The figures in the words are renewed so often."""


class LoadWatch:
    """Looks at the rates in health, once a second at most. Used by the main thread."""

    def __init__(self, health: Health, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._health = health
        self._clock = clock
        self._settings = settings
        self._judge = LoadJudge()
        self._load = Load.CARRIED
        self._said_s = 0.0

    def tick(self) -> None:
        """Judge, and say what has changed."""
        now_s = self._clock.monotonic_s()
        shares = list(self._shares())
        load = self._judge.judge(now_s, shares)
        if load is self._load and (load is Load.CARRIED or now_s - self._said_s < AGAIN_S):
            return
        text = in_words(load, shares)
        if load is not self._load:
            self._log(load, text)
        elif not text:
            return  # it is over, but not for long enough to be taken back: the last words stay
        self._load, self._said_s = load, now_s
        self._health.set_notice(FLAG, text if load is Load.SHORT else "")
        if load is Load.BELOW_FLOOR:
            self._health.raise_flag(FLAG, text)
        else:
            self._health.clear_flag(FLAG)

    def _log(self, load: Load, text: str) -> None:
        if load is Load.CARRIED:
            LOG.info("load: all pictures that are wanted are analysed again")
        else:
            LOG.warning("load: %s", text)

    def _shares(self) -> Iterator[Share]:
        """Yield the channels whose pictures come at their own pace. What a camera does not give is no load."""
        health = self._health.snapshot().channels
        for channel in self._settings().channels:
            known = health.get(channel.id)
            if channel.enabled and known is not None and known.status == "ok" and not _in_lockstep(channel):
                yield Share(channel.name, min(channel.analysis.fps, known.fps + known.skipped_fps), known.analysed_fps)


def _in_lockstep(channel: ChannelSettings) -> bool:
    """Tell whether the channel is a clip that waits for the analysis."""
    return channel.source.file is not None and not channel.source.file.realtime
