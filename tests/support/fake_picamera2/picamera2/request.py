"""Completed requests and a look into their buffers."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .camera import Picamera2

Buffers = dict[str, NDArray[np.uint8]]


class CompletedRequest:
    """The buffers of one moment; void once released."""

    def __init__(self, buffers: Buffers, metadata: dict[str, Any], picam2: "Picamera2") -> None:
        self.request: Buffers | None = buffers
        self.ref_count = 1
        self.picam2 = picam2
        self.stop_count = picam2.stop_count
        self.config = dict(picam2.camera_configuration())
        self._metadata = metadata
        picam2.outstanding += 1

    def acquire(self) -> None:
        with self.picam2.request_lock:
            if self.ref_count == 0:
                raise RuntimeError("CompletedRequest: acquiring lock with ref_count 0")
            self.ref_count += 1

    def release(self) -> None:
        with self.picam2.request_lock:
            self.ref_count -= 1
            if self.ref_count < 0:
                raise RuntimeError("CompletedRequest: lock now has negative ref_count")
            if self.ref_count == 0:
                buffers, self.request, self.config = self.request, None, {}
                self.picam2.outstanding -= 1
                if buffers is not None and self.stop_count == self.picam2.stop_count and self.picam2.started:
                    self.picam2.recycle(buffers)

    def get_metadata(self) -> dict[str, Any]:
        assert self.request is not None
        return dict(self._metadata)


class MappedArray:
    """One stream's buffer: all of its bytes, or shaped with the padding left in, as the real one does."""

    def __init__(self, request: CompletedRequest, stream: str, reshape: bool = True, write: bool = True) -> None:  # noqa: FBT001, FBT002
        assert request.request is not None
        self._buffer = request.request[stream]
        self._config = request.config[stream]
        self._reshape, self._write = reshape, write
        self._array: NDArray[np.uint8] | None = None

    def __enter__(self) -> Self:
        array = self._buffer.view()
        array.flags.writeable = self._write
        if self._reshape:
            width, height = self._config["size"]
            array = array[: self._config["stride"] * height * 3 // 2].reshape(height * 3 // 2, self._config["stride"])
            if self._config["format"].startswith("NV"):
                array = array[:, :width]
        self._array = array
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._array = None

    @property
    def array(self) -> NDArray[np.uint8] | None:
        return self._array
