"""The part of picamera2 that is used, and how it is got: imported when a camera is opened, never before.

What stands here is what a stand-in for tests has to offer. Source: picamera2 0.3.38 on libcamera 0.4 and newer.
"""

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from edge.capture.source import CameraStatus, CaptureError

Values = Mapping[str, Any]
"""Metadata, configurations, descriptions: names to values of many types, as the library has them."""

ERRORS = (
    RuntimeError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    StopIteration,
)
"""What the library raises where a camera fails; libcamera's own errors come as RuntimeError or OSError."""


class Request(Protocol):
    """One completed request: the buffers of all streams at one moment. It must be released, and is void then."""

    def get_metadata(self) -> Values:
        """Return what the camera says of this moment."""
        ...

    def release(self) -> None:
        """Give the buffers back to the camera."""
        ...


class Job(Protocol):
    """A request that is waited for."""

    def get_result(self, timeout: float | None = None) -> Request:
        """Return it; TimeoutError after `timeout` seconds, CancelledError once it was cancelled."""
        ...


class Mapped(Protocol):
    """A stream's buffer, as long as its context is open."""

    @property
    def array(self) -> Any:  # noqa: ANN401 - a numpy array of any shape
        """The bytes."""
        ...


class Camera(Protocol):
    """One open camera."""

    @property
    def camera_controls(self) -> Values:
        """Which controls it has, each with its bounds."""
        ...

    @property
    def camera_properties(self) -> Values:
        """What it is: PixelArraySize and the like."""
        ...

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - as the library has it
        """Return a configuration, completed."""
        ...

    def configure(self, configuration: dict[str, Any]) -> None:
        """Take it up; sizes and formats may be changed to those the camera has."""
        ...

    def camera_configuration(self) -> Values:
        """Return the configuration in force."""
        ...

    def start(self) -> None:
        """Let pictures come."""
        ...

    def capture_request(self, wait: bool | None = None) -> Job:  # noqa: FBT001 - the library's own signature
        """Ask for the next request; with `wait=False` at once returns what is waited for."""
        ...

    def set_controls(self, controls: Values) -> None:
        """Change controls from one of the next requests on."""
        ...

    def cancel_all_and_flush(self) -> None:
        """Cancel what is waited for."""
        ...

    def stop(self) -> None:
        """Let no more pictures come; may hang for ever where the pipeline has failed."""
        ...

    def close(self) -> None:
        """Let go of the camera; may hang for ever too."""
        ...


class Network(Protocol):
    """An IMX500 with its network: the picamera2 class of that name."""

    @property
    def config(self) -> Values:
        """Among others `roi`: the part of the sensor that the network sees."""
        ...

    @property
    def network_intrinsics(self) -> Any:  # noqa: ANN401 - None, or the library's NetworkIntrinsics
        """What the network's file says of its outputs; None where it says nothing."""
        ...

    def get_input_size(self) -> tuple[int, int]:
        """Return width and height of the network's input."""
        ...

    def get_outputs(self, metadata: Values, add_batch: bool = False) -> Sequence[Any] | None:  # noqa: FBT001, FBT002
        """Return the network's outputs for one request; None where it gave none."""
        ...

    def set_auto_aspect_ratio(self) -> None:
        """Show the network a part of the sensor of its input's proportions."""
        ...

    def get_fw_upload_progress(self, stage_req: int) -> tuple[int, int]:
        """Return how many bytes of how many are uploaded; 0 of 0 in another stage."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """picamera2, or what stands in for it.

    `cameras` describes the cameras in the order of their numbers (Model, Id, ...); `camera` opens one; `mapped` is
    MappedArray; `transform` and `colour_space` are libcamera's; `network` is IMX500, called with a file and the id.
    """

    cameras: Callable[[], Sequence[Values]]
    camera: Callable[[int], Camera]
    mapped: Callable[..., AbstractContextManager[Mapped]]
    transform: Callable[..., object]
    colour_space: Callable[[], object]
    network: Callable[[str, str], Network]


def load() -> Library:
    """Import picamera2. CaptureError NOT_FOUND, with what to install, where that is not possible."""
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:WARN")  # else it tells each opening in ten lines
    return library_of(_imported("picamera2"), _imported("libcamera"), lambda: _imported("picamera2.devices.imx500"))


def library_of(picamera2: Any, libcamera: Any, imx500: Callable[[], Any]) -> Library:  # noqa: ANN401 - modules
    """Return the library made of these modules; `imx500` gives picamera2.devices.imx500 where it is needed."""
    return Library(
        cameras=picamera2.Picamera2.global_camera_info,
        camera=picamera2.Picamera2,
        mapped=picamera2.MappedArray,
        transform=libcamera.Transform,
        colour_space=libcamera.ColorSpace.Smpte170m,
        network=lambda file, camera_id: imx500().IMX500(file, camera_id=camera_id),
    )


def _imported(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        return importlib.import_module(name)
    except (*ERRORS, ImportError) as failure:
        raise CaptureError(
            CameraStatus.NOT_FOUND,
            f"{name} cannot be used ({failure}); on Raspberry Pi OS: sudo apt install python3-picamera2, and make the"
            " program's environment with python3 -m venv --system-site-packages",
        ) from None
