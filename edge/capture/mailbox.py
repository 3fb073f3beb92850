"""Where capture leaves frames for analysis: one place a channel, the newest frame wins."""

import threading
import time
from collections import deque

from edge.model.scene import Frame

_SLICE_S = 0.5


class Mailboxes:
    """One mailbox a channel, shared by all threads; a frame taken is gone, and channels are served in turn."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frames: dict[str, Frame] = {}
        self._turns: deque[str] = deque()
        self._drops: dict[str, int] = {}
        self._in_hand = ""

    def put(self, frame: Frame) -> None:
        """Leave a frame; one that nobody has taken yet is replaced and counted as dropped. Never waits."""
        with self._changed:
            if frame.channel_id in self._frames:
                self._drops[frame.channel_id] = self._drops.get(frame.channel_id, 0) + 1
                self._frames[frame.channel_id] = frame
            else:
                self._leave(frame)

    def put_wait(self, frame: Frame, stop: threading.Event, timeout_s: float | None = None) -> bool:
        """Leave a frame once the last one is taken; False where `stop` is set or `timeout_s` has passed before."""
        with self._changed:
            if not self._wait_free(frame.channel_id, stop, timeout_s):
                return False
            self._leave(frame)
            return True

    def wait_done(self, channel_id: str, stop: threading.Event, timeout_s: float | None = None) -> bool:
        """Wait until a channel's frame is taken and done with; False where `stop` or `timeout_s` come before."""
        with self._changed:
            return self._wait_free(channel_id, stop, timeout_s, done=True)

    def take(self, timeout_s: float) -> Frame | None:
        """Return a frame of the channel whose turn it is, None where none comes within `timeout_s`.

        For one thread: who asks for a frame is done with the one before.
        """
        with self._changed:
            self._hold("")
            if not self._changed.wait_for(lambda: self._turns, timeout_s):
                return None
            frame = self._frames.pop(self._turns.popleft())
            self._hold(frame.channel_id)
            return frame

    def drops(self, channel_id: str) -> int:
        """Return how many frames of a channel were replaced before anyone took them."""
        with self._changed:
            return self._drops.get(channel_id, 0)

    def remove(self, channel_id: str) -> None:
        """Forget a channel and the frame in its mailbox."""
        with self._changed:
            self._drops.pop(channel_id, None)
            if self._frames.pop(channel_id, None) is not None:
                self._turns.remove(channel_id)
            self._changed.notify_all()

    def _hold(self, channel_id: str) -> None:
        self._in_hand = channel_id
        self._changed.notify_all()

    def _leave(self, frame: Frame) -> None:
        self._frames[frame.channel_id] = frame
        self._turns.append(frame.channel_id)
        self._changed.notify_all()

    def _wait_free(
        self, channel_id: str, stop: threading.Event, timeout_s: float | None, *, done: bool = False
    ) -> bool:
        """Wait in slices, since `stop` is not of this condition; the lock is held."""

        def free() -> bool:
            return channel_id not in self._frames and not (done and channel_id == self._in_hand)

        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not stop.is_set():
            left = _SLICE_S if deadline is None else min(_SLICE_S, deadline - time.monotonic())
            if self._changed.wait_for(free, max(0.0, left)):
                return True
            if left <= 0.0:
                return False
        return False
