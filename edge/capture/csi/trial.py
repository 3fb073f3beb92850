"""Watching a camera module for some seconds, to see what it gives and how soon."""

import time
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Protocol

from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.capture.trial_seen import Seen, Trial, summed
from edge.model.clock import Clock
from edge.model.exposure import Exposure
from edge.model.scene import Frame

_FIRST_S = 5.0
_UNSTAMPED_S = 1e-3
"""No sensor is read out sooner: a picture that seems as young as that came without the sensor's time."""


class Module(Protocol):
    """The source that is tried."""

    @property
    def named(self) -> str:
        """The camera that is open, for people."""
        ...

    @property
    def hung(self) -> str:
        """What hangs, empty where nothing does."""
        ...

    def open(self) -> None:
        """Open and start the camera; CaptureError where that fails."""
        ...

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none is there yet; CaptureError where the camera is lost."""
        ...

    def close(self) -> None:
        """Let go of the camera."""
        ...


@dataclass(frozen=True, slots=True)
class ModuleTrial:
    """What was seen of a camera module.

    `seen` has its picture and its rates; `delay_s` there is the time from the sensor's first line to the hand-over,
    None where pictures come without the sensor's time. `analysed` is the small stream's size in pixels. Beside the
    `frames` that came, so many are `missing` by the sensor's time stamps. `hung` says what did not come back at the
    end.
    """

    name: str
    seen: Trial
    analysed: tuple[int, int]
    frames: int
    missing: int
    exposure: Exposure | None
    hung: str = ""


def try_module(source: Module, clock: Clock, seconds: float) -> ModuleTrial:
    """Play a camera module for some seconds. CaptureError where it cannot be played."""
    seen, last = Seen(), None
    begun_s = time.monotonic()
    try:
        source.open()
        name = source.named
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s or (last is None and time.monotonic() < end_s + _FIRST_S):
            cpu_s = time.thread_time()
            frame = source.read()
            seen.cpu_s += time.thread_time() - cpu_s
            if isinstance(frame, Frame):
                last = frame
                _note(frame, seen, clock, begun_s)
        if last is None:
            raise CaptureError(CameraStatus.STALLED, f"{name} gave no picture; check its cable")
        picture = last.shown()
    finally:
        source.close()
    trial = summed(seen, picture, "", 0)
    return ModuleTrial(
        name=name,
        seen=trial,
        analysed=(last.picture.width, last.picture.height),
        frames=seen.frames,
        missing=_missing([at for at, _ in seen.arrivals]),
        exposure=last.exposure,
        hung=source.hung,
    )


def _note(frame: Frame, seen: Seen, clock: Clock, begun_s: float) -> None:
    now_s = time.monotonic()
    seen.first_s = seen.first_s or now_s - begun_s
    seen.came_s.append(now_s)
    seen.arrivals.append((frame.stream_s, now_s))
    age_s = (clock.now_us() - frame.time_us) / 1e6
    if age_s >= _UNSTAMPED_S:
        seen.delays.append(age_s)
    seen.frames += 1


def _missing(moments_s: list[float]) -> int:
    """Return how many pictures are missing between others that come evenly."""
    steps = [after - before for before, after in pairwise(moments_s)]
    usual_s = median(steps) if steps else 0.0
    return sum(round(step / usual_s) - 1 for step in steps if step > 1.5 * usual_s) if usual_s > 0 else 0
