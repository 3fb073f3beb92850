"""picamera2 on libcamera's virtual pipeline: what a camera module has and a virtual camera has not.

Everything else is the library's own. Used inside the camera root only.
"""

import mmap
import os
from pathlib import Path
from typing import Any

import libcamera
import picamera2
from picamera2.allocators import DmaAllocator

FAILS = Path(os.environ.get("EDGE_SENSOR_FAILS", "/nonexistent"))
"""While this file exists, every frame counts as failed: picamera2 throws such frames away without a word."""


class Nv12Allocator(DmaAllocator):  # type: ignore[misc] # picamera2 is in the root only
    """Gives each buffer its two planes: the virtual pipeline asks for them, a Pi's is content with one."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def allocate(self, libcamera_config: Any, _: Any) -> None:  # noqa: ANN401 - the library's own types
        """Allocate `count` buffers for each stream."""
        self.libcamera_fds: list[int] = []
        self.cleanup()
        for memory in self.open_fds:
            os.close(memory)
        self.open_fds: list[int] = []
        self.frame_buffers = {
            each.stream: [self._buffer(each.frame_size) for _ in range(self.count)] for each in libcamera_config
        }

    def _buffer(self, size: int) -> Any:  # noqa: ANN401 - libcamera.FrameBuffer
        memory = self.dmaHeap.alloc("edge", size).get()
        self.open_fds.append(memory)
        luma = size * 2 // 3
        buffer = libcamera.FrameBuffer([_plane(memory, 0, luma), _plane(memory, luma, size - luma)])
        held = buffer.planes[0].fd  # libcamera's own copy of the descriptor
        self.libcamera_fds.append(held)
        self.mapped_buffers_used[held] = False
        self.mapped_buffers[buffer] = mmap.mmap(held, size)
        return buffer


class VirtualCamera(picamera2.Picamera2):  # type: ignore[misc] # picamera2 is in the root only
    """A virtual camera as picamera2's own class would have it."""

    def __init__(self, camera_num: int = 0, *, tuning: Any = None) -> None:  # noqa: ANN401 - as the library has it
        super().__init__(camera_num, tuning=tuning, allocator=Nv12Allocator())

    def configure_(self, camera_config: Any) -> None:  # noqa: ANN401 - as the library has it
        """Let the allocator know the number of buffers: the virtual pipeline always says four, and takes any."""
        self.allocator.count = camera_config["buffer_count"]
        super().configure_(camera_config)

    def process_requests(self, display: Any) -> None:  # noqa: ANN401 - as the library has it
        """Throw frames away while they are to fail, as the library does with those that libcamera calls failed."""
        if FAILS.exists():
            with self._requestslock:
                failed = list(self._requests)
                self._requests.clear()
            for request in failed:
                request.release()
        super().process_requests(display)

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        """Return the pipeline's only modes: there is no raw stream to ask for them."""
        formats = self.camera.generate_configuration([libcamera.StreamRole.Viewfinder]).at(0).formats
        return [
            {"format": str(pixels), "size": (size.width, size.height)}
            for pixels in formats.pixel_formats
            for size in formats.sizes(pixels)
        ]


def install() -> None:
    """Let whoever asks picamera2 for a camera get such a one."""
    picamera2.Picamera2 = VirtualCamera


def _plane(memory: int, offset: int, length: int) -> Any:  # noqa: ANN401 - libcamera.FrameBuffer.Plane
    plane = libcamera.FrameBuffer.Plane()
    plane.fd, plane.offset, plane.length = memory, offset, length
    return plane
