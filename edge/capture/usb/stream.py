"""One streaming V4L2 device: buffers shared with the kernel, taken with bounded waits."""

import errno
import mmap
import os
import select
from dataclasses import dataclass
from pathlib import Path

from edge.capture.usb import v4l2
from edge.capture.usb.modes import Mode

_BUFFERS = 4


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture in the kernel's memory, until it is given back. `moment_s` is monotonic, None where it isn't told."""

    index: int
    data: memoryview
    faulty: bool
    moment_s: float | None


class UsbStream:
    """An open device. Methods raise OSError as the kernel does; nothing blocks for longer than it is told."""

    def __init__(self, path: Path) -> None:
        self.device = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._maps: list[mmap.mmap] = []
        self._poll = select.poll()
        self._poll.register(self.device, select.POLLIN)

    def begin(self, mode: Mode) -> v4l2.Format:
        """Set a mode and start; return the format as the camera makes it."""
        form = v4l2.set_format(self.device, mode.code, mode.width, mode.height)
        if mode.fps:
            v4l2.set_rate(self.device, mode.fps)
        for index in range(v4l2.request_buffers(self.device, _BUFFERS)):
            offset, length = v4l2.buffer_place(self.device, index)
            self._maps.append(mmap.mmap(self.device, length, offset=offset))
            v4l2.give_buffer(self.device, index)
        try:
            v4l2.start(self.device)
        except OSError:
            self.end()
            raise
        return form

    def take(self, timeout_s: float) -> Taken | None:
        """Return the next picture, None where none comes in time."""
        if not self._poll.poll(timeout_s * 1e3):
            return None
        try:
            filled = v4l2.take_buffer(self.device)
        except BlockingIOError:
            return None
        data = memoryview(self._maps[filled.index])[: filled.size]
        return Taken(filled.index, data, filled.faulty, filled.moment_s)

    def give_back(self, taken: Taken) -> None:
        """Let the kernel have the buffer again; nothing may look at its data any more."""
        taken.data.release()
        v4l2.give_buffer(self.device, taken.index)

    def end(self) -> None:
        """Stop and free the buffers, so that another mode can be set."""
        try:
            v4l2.stop(self.device)
        except OSError as error:
            if error.errno not in {errno.ENODEV, errno.EIO, errno.EINVAL}:
                raise
        for each in self._maps:
            each.close()
        self._maps.clear()
        try:
            v4l2.request_buffers(self.device, 0)
        except OSError:
            return  # gone, or never had any

    def close(self) -> None:
        """Let go of the device; never raises, may be called twice."""
        if self.device < 0:
            return
        try:
            self.end()
        except OSError:
            pass
        finally:
            os.close(self.device)
            self.device = -1
