"""The fake's sensor: what it sees, how it is exposed, its time stamps, and its network's answers."""

import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.csi_scenes import Plane, Planes, boxes, planes

from .network import NETWORKS, answer
from .script import Values

_LUX = {"black": 0.02}
_USUAL_LUX = 400.0
_NEEDED = 4e6
"""Exposure time in microseconds times gain, for a scene of 1 lux."""
_MOST_GAIN = 16.0
_STEP = 1.3
_READ_OUT_NS = 8_000_000


@dataclass(frozen=True)
class Taken:
    """One frame: its number from 1, its moment in the scene, and what the camera says of it."""

    number: int
    at_s: float
    metadata: Values


class Sensor:
    """One camera's."""

    pixels = (4056, 3040)

    def __init__(self, camera_id: str) -> None:
        self._network = NETWORKS.get(camera_id)  # one that is made later is none of this camera's
        self._number = 0
        self._at_s = 0.0
        self._begun_s = 0.0
        self._stamp_ns = 0
        self._sensitivity = 10_000.0

    def upload(self) -> None:
        """Put the network into the sensor, and start its clock."""
        if self._network is not None:
            self._network.upload()
        self._begun_s = time.monotonic()
        self._stamp_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def next_frame(self, state: Values, duration_us: int, controls: Values) -> Taken:
        self._number += 1
        pace = state.get("pace", 1.0)
        self._at_s = (time.monotonic() - self._begun_s) * pace
        exposure_us, gain = self._expose(state, duration_us, controls)
        metadata: Values = {
            "SensorTimestamp": self._stamp_ns
            + round(self._at_s * 1e9)
            - _READ_OUT_NS
            - round(state.get("late_s", 0.0) * 1e9),
            "ExposureTime": exposure_us,
            "AnalogueGain": gain,
            "DigitalGain": 1.0,
            "FrameDuration": duration_us,
            "ScalerCrop": self._crop(),
            "Lux": self._lux(state),
        }
        network = self._network
        if network is not None and self._number % state.get("answers_every", 1) == 0:
            metadata |= answer(network, boxes(state.get("scene", "still"), self._at_s), self._crop())
        return Taken(self._number, self._at_s, metadata)

    def fill(self, buffer: NDArray[np.uint8], stream: Values, transform: Any, state: Values, taken: Taken) -> None:  # noqa: ANN401
        """Draw the scene into one stream's buffer."""
        width, height = stream["size"]
        drawn = planes(state.get("scene", "still"), taken.at_s, width, height, taken.number)
        if transform.hflip and transform.vflip:
            drawn = tuple(cv2.flip(plane, -1).astype(np.uint8, copy=False) for plane in drawn)  # type: ignore[assignment] # three
        _write(buffer, stream, drawn)

    def _crop(self) -> tuple[int, int, int, int]:
        """Return the part of the sensor that gives a picture of 16 to 9."""
        width, height = self.pixels
        high = width * 9 // 16
        return (0, (height - high) // 2, width, high)

    def _lux(self, state: Values) -> float:
        return float(state.get("lux", _LUX.get(state.get("scene", "still"), _USUAL_LUX)))

    def _expose(self, state: Values, duration_us: int, controls: Values) -> tuple[int, float]:
        """Go towards the exposure that the light asks for, a step with each frame."""
        wanted = min(max(_NEEDED / max(self._lux(state), 1e-3), 100.0), duration_us * _MOST_GAIN)
        self._sensitivity = min(max(wanted, self._sensitivity / _STEP), self._sensitivity * _STEP)
        exposure_us = int(controls.get("ExposureTime") or min(self._sensitivity, duration_us))
        return exposure_us, min(max(self._sensitivity / exposure_us, 1.0), _MOST_GAIN)


def _write(buffer: Plane, stream: Values, drawn: Planes) -> None:
    """Write planes as the stream's format has them, with padding that is not black."""
    width, height = stream["size"]
    stride, kind = stream["stride"], stream["format"]
    buffer[:] = 77
    buffer[: height * stride].reshape(height, stride)[:, :width] = drawn[0]
    rest = buffer[height * stride : height * stride * 3 // 2]
    first, second = (drawn[2], drawn[1]) if kind in ("YVU420", "NV21") else (drawn[1], drawn[2])
    if kind.startswith("NV"):
        rows = rest.reshape(height // 2, stride)
        rows[:, :width:2], rows[:, 1:width:2] = first, second
    else:
        parts = rest.reshape(2, height // 2, stride // 2)
        parts[0, :, : width // 2], parts[1, :, : width // 2] = first, second
