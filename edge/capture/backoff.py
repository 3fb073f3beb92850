"""When to try a lost camera again: pure, the moments come in as values, the jitter as a source of chance."""

import random

from edge.capture.source import CameraStatus

_FIRST_S = 1.0
_LONGEST_S = 60.0
_HEALTHY_S = 10.0
_KNOCK_S = 1.5
_SILENT = {CameraStatus.REFUSED, CameraStatus.UNREACHABLE}
_LOGIN_S = {CameraStatus.WRONG_PASSWORD: 60.0, CameraStatus.CLOCK_OFF: 60.0, CameraStatus.LOCKED: 300.0}


class Backoff:
    """Waits of 1, 2, 4 … 60 s, each up to a fifth shorter.

    A login that is refused waits at least a minute each time, a locked account five.

    The row begins anew once the camera has worked for ten seconds.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311 - spreads attempts, hides nothing
        self._attempts = 0
        self._worked_s: float | None = None

    def worked(self, now_s: float) -> None:
        """Note that the camera gives frames from this moment on."""
        self._worked_s = now_s

    def reset(self) -> None:
        """Begin the row anew."""
        self._attempts = 0
        self._worked_s = None

    def next_s(self, status: CameraStatus, now_s: float) -> float:
        """Return the seconds to wait before the next attempt."""
        if self._worked_s is not None and now_s - self._worked_s >= _HEALTHY_S:
            self._attempts = 0
        self._worked_s = None
        if status in _LOGIN_S:
            return _LOGIN_S[status] * (1.0 + 0.2 * self._chance.random())
        wait_s = min(_LONGEST_S, _FIRST_S * 2.0**self._attempts)
        self._attempts = min(self._attempts + 1, 10)
        return wait_s * (1.0 - 0.2 * self._chance.random())


class KnockWatch:
    """Decides when to knock during a wait, and which answer ends it: the first one after a silence.

    A camera that answers all along and still gives no video is not a camera that has come back.
    """

    def __init__(self, status: CameraStatus) -> None:
        self._silent = status in _SILENT
        self._never = status in _LOGIN_S
        self._next_s: float | None = None

    def due(self, now_s: float) -> bool:
        """Tell whether it is time to knock; a camera thought silent is first given a moment."""
        if self._next_s is None:
            self._next_s = now_s + _KNOCK_S if self._silent else now_s
        if self._never or now_s < self._next_s:
            return False
        self._next_s = now_s + _KNOCK_S
        return True

    def woke(self, *, answers: bool) -> bool:
        """Take a knock's result; True where it ends the wait."""
        back = self._silent and answers
        self._silent = not answers
        return back
