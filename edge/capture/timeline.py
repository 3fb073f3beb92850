"""Where a frame lies in its stream: seconds that only rise, whatever the time stamps of the video do.

Pure: time stamps and moments come in as values.
"""

LEAST_STEP_S = 0.001
FILE_GAP_S = 60.0
LIVE_SLACK_S = 2.0
_SLEW = 0.01
_SLEW_FULL_S = 0.5


def step_s(pts_step_s: float | None, expected_s: float, slack_s: float) -> float:
    """Return the seconds from one frame to the next, a millisecond at least.

    The video's own step is believed while it is forward and at most `slack_s` longer than `expected_s`; else
    (no time stamp, a jump back, a leap) the expected one is taken.
    """
    if pts_step_s is not None and LEAST_STEP_S <= pts_step_s <= expected_s + slack_s:
        return pts_step_s
    return max(expected_s, LEAST_STEP_S)


class FileTimeline:
    """Seconds into a clip: starts at 0, goes on rising over loops and broken time stamps.

    `frame_s` is the usual time between frames, taken where the clip does not say it.
    """

    def __init__(self) -> None:
        self.frame_s = 0.1
        self._stream_s: float | None = None
        self._pts_s: float | None = None

    def restart(self) -> None:
        """Begin the clip anew: the next time stamp has nothing to do with the last."""
        self._pts_s = None

    def place(self, pts_s: float | None) -> float:
        """Return the place of a frame with the time stamp `pts_s` in seconds, None where it has none."""
        pts_step = None if pts_s is None or self._pts_s is None else pts_s - self._pts_s
        step = step_s(pts_step, self.frame_s, FILE_GAP_S)
        if pts_s is not None:
            self._pts_s = pts_s
        elif self._pts_s is not None:
            self._pts_s += step
        self._stream_s = 0.0 if self._stream_s is None else self._stream_s + step
        return self._stream_s


class LiveTimeline:
    """Seconds into a live stream: the camera's time stamps, held to the time that really passes.

    Arrival jitters with the network, the camera's stamps do not: steps are the camera's, slewed by 1 % at most
    towards the arrival, so that a camera clock that runs wrong does not run away.
    """

    def __init__(self) -> None:
        self._stream_s: float | None = None
        self._pts_s: float | None = None
        self._arrival_s = 0.0
        self._first_s = 0.0

    def restart(self) -> None:
        """Begin a new connection: its time stamps have nothing to do with the last one's."""
        self._pts_s = None

    def place(self, pts_s: float | None, arrival_s: float) -> float:
        """Return the place of a frame stamped `pts_s` whose packet arrived at `arrival_s` (monotonic seconds)."""
        if self._stream_s is None:
            self._stream_s, self._first_s = 0.0, arrival_s
        else:
            pts_step = None if pts_s is None or self._pts_s is None else pts_s - self._pts_s
            step = step_s(pts_step, arrival_s - self._arrival_s, LIVE_SLACK_S)
            behind = (arrival_s - self._first_s) - (self._stream_s + step)
            self._stream_s += step * (1.0 + _SLEW * min(1.0, max(-1.0, behind / _SLEW_FULL_S)))
        self._pts_s, self._arrival_s = pts_s, arrival_s
        return self._stream_s


RESTING_FPS = 1.0
"""So many pictures a second are enough of a camera that is only kept alive."""


class Thinner:
    """Chooses evenly which frames of a stream are analysed, at most `fps` in the mean, tolerant of jitter.

    Ten frames a second thinned to five are exactly every second one.
    """

    def __init__(self, fps: float) -> None:
        self._period_s = 1.0 / fps
        self._due_s: float | None = None
        self._last_s = 0.0
        self._interval_s: float | None = None

    def wants(self, stream_s: float) -> bool:
        """Tell whether the frame at `stream_s` is one of those that are analysed."""
        if self._due_s is None or stream_s - self._due_s > self._period_s:
            self._due_s = stream_s
        self._learn(stream_s - self._last_s)
        self._last_s = stream_s
        early_s = min(self._interval_s or 0.0, self._period_s) / 2.0
        if stream_s < self._due_s - early_s:
            return False
        self._due_s += self._period_s
        return True

    def _learn(self, interval_s: float) -> None:
        if self._interval_s is None:
            self._interval_s = interval_s if self._last_s else 0.0
        elif interval_s < 1.0:
            self._interval_s += 0.1 * (interval_s - self._interval_s) if self._interval_s else interval_s
