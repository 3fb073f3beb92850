"""Follows how a camera exposes: whether it is setting its exposure, and whether day has turned into night or back.

What a hand before the lens does to the exposure must not excuse the hand: nothing is excused for long, and a switch
between day and night is one of three stops at least (eight times the light), which a bag over the lens is not.
"""

import math

from edge.model.exposure import Exposure

_STEP = 0.3
"""So many stops within half a second are a step: an automatic exposure at rest trembles by less than a tenth."""
_EVERY_S = 0.5
_SETTLES_S = 0.7
_EXCUSED_S = 4.0
"""An automatic exposure has found its way after 1 to 3 s."""
_CALM_S = 2.0
_SWITCH = 3.0
_FOLLOW_S = 30.0


class Exposures:
    """One camera's; frames come in order. A camera that says nothing of its exposure is never setting it."""

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None
        self._usual = 0.0
        self._begun_s = self._stepped_s = -math.inf
        self._switched_s = -math.inf

    def add(self, exposure: Exposure | None, stream_s: float) -> None:
        """Take in how a frame was exposed."""
        if exposure is None or exposure.sensitivity <= 0.0:
            return
        now = math.log2(exposure.sensitivity)
        if self._before is None:
            self._before, self._usual = (now, stream_s), now
            return
        before, before_s = self._before
        passed_s = stream_s - before_s
        if abs(now - before) > _STEP:
            if stream_s - self._stepped_s > _CALM_S:
                self._begun_s = stream_s
            self._stepped_s = stream_s
        elif passed_s < _EVERY_S:
            return
        if abs(now - self._usual) >= _SWITCH:
            self._switched_s, self._usual = stream_s, now
        self._usual += min(1.0, passed_s / _FOLLOW_S) * (now - self._usual)
        self._before = now, stream_s

    def sets(self, stream_s: float) -> bool:
        """Tell whether the camera is setting its exposure at a moment, and has not been for too long."""
        return stream_s - self._stepped_s < _SETTLES_S and stream_s - self._begun_s < _EXCUSED_S

    def switched(self, stream_s: float, within_s: float) -> bool:
        """Tell whether day has turned into night, or back, within some seconds before a moment."""
        return stream_s - self._switched_s < within_s
