"""The newest frame of every channel and what was understood of it, for those who look."""

import threading
from dataclasses import dataclass

from edge.model.scene import Frame, Scene


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One frame with its scene."""

    frame: Frame
    scene: Scene


class Board:
    """Keeps one view a channel; safe from every thread. Putting costs the frame path one lock and no copy."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._views: dict[str, View] = {}
        self._waiting = 0
        self._released = False

    def put(self, frame: Frame, scene: Scene) -> None:
        """Show a channel's newest frame; the one before is forgotten."""
        with self._changed:
            self._views[frame.channel_id] = View(frame, scene)
            if self._waiting:
                self._changed.notify_all()

    def latest(self, channel_id: str) -> View | None:
        """Return the channel's newest view, None where it has none yet."""
        with self._changed:
            return self._views.get(channel_id)

    def wait_newer(self, channel_id: str, sequence: int, timeout_s: float) -> View | None:
        """Return the channel's view as soon as its frame is another one than `sequence`.

        -1 takes any. None after `timeout_s`, or at once once `release_waiters` was called. A camera that was
        opened anew counts its frames from the start: another number is a newer frame, even where it is smaller.
        """
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._released or self._is_new(channel_id, sequence), timeout_s)
            finally:
                self._waiting -= 1
            return self._views[channel_id] if self._is_new(channel_id, sequence) and not self._released else None

    def waiting(self) -> int:
        """Return how many wait for a newer view at this moment."""
        with self._changed:
            return self._waiting

    def remove(self, channel_id: str) -> None:
        """Forget a channel."""
        with self._changed:
            self._views.pop(channel_id, None)

    def release_waiters(self) -> None:
        """Answer everyone who waits, now and from now on, with None: the program stops."""
        with self._changed:
            self._released = True
            self._changed.notify_all()

    def _is_new(self, channel_id: str, sequence: int) -> bool:
        view = self._views.get(channel_id)
        return view is not None and view.frame.sequence != sequence
