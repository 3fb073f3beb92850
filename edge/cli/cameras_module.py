"""`edge cameras test csi:...`: what is said of a camera module."""

import os
import sys
from collections.abc import Iterator

from edge.app.system import SystemClock
from edge.capture.csi.escape import Escape
from edge.capture.csi.source import OPEN_S, CsiSource
from edge.capture.csi.trial import ModuleTrial, try_module
from edge.model.exposure import Exposure
from edge.settings import ChannelSettings, SourceSettings

_DARK_GAIN = 8.0
_DARK_LUX = 5.0
_BLURS_US = 34_000.0
_SEEN = 0.8
_LATE_S = 0.5
_LEFT_OUT = 0.02
_UNEVEN_S = 0.5


def tried(source: SourceSettings, seconds: float) -> ModuleTrial:
    """Open the camera module and watch it. CaptureError where it cannot be played.

    libcamera may hang for good with the interpreter in its hands, and then nothing can be said any more: so what that
    would mean is said beforehand.
    """
    sys.stderr.write(
        f"opening the camera; should nothing follow within {OPEN_S + 5:.0f} s, it hangs: see to its cable\n"
    )
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    clock = SystemClock()
    channel = ChannelSettings(name="test", id="test", source=source)
    return try_module(CsiSource(channel, clock, escape=Escape(file=nowhere)), clock, seconds)


def report(trial: ModuleTrial) -> Iterator[str]:
    """Give what was seen, a line each."""
    seen, (width, height) = trial.seen, trial.analysed
    yield f"camera: {trial.name}"
    yield f"size: {seen.picture.width}x{seen.picture.height} for people, {width}x{height} for the analysis"
    yield f"frame rate: {seen.fps:.1f} a second, {seen.stamped_fps:.1f} by the sensor's time stamps"
    yield f"exposure: {_exposed(trial.exposure)}"
    yield f"first picture: after {seen.first_picture_s:.1f} s"
    yield f"lag: pictures come within {seen.jitter_s * 1e3:.0f} ms"
    if seen.delay_s is None:
        yield "latency: not told by the camera (its pictures carry no time stamp)"
    else:
        yield f"latency: {seen.delay_s * 1e3:.0f} ms from the sensor's first line to the analysis"
    yield f"losses: {trial.missing} of {trial.frames + trial.missing} pictures, by the sensor's time stamps"
    yield f"copying: {seen.decode_s * 1e3:.1f} ms a picture, {seen.decode_s * seen.fps:.0%} of a core"


def advice(trial: ModuleTrial, source: SourceSettings) -> list[str]:
    """Return what would make it better; the keys are those of the settings."""
    seen, exposure = trial.seen, trial.exposure
    wanted = source.csi.fps if source.csi is not None else 0.0
    dark = exposure is not None and _is_dark(exposure)
    left_out = trial.missing > _LEFT_OUT * (trial.frames + trial.missing)
    hints = {
        "it is dark here: give it light; without, min_fps: 5 makes pictures brighter, and blurs who walks": dark,
        "who walks is blurred: set max_exposure_ms: 20": (
            not dark and exposure is not None and exposure.time_us >= _BLURS_US
        ),
        "pictures are left out: the board is busy, or too slow for them: lower fps, or width and height": left_out,
        f"it cannot give {wanted:g} pictures a second at this size: set fps to what it gives": (
            not dark and not left_out and seen.stamped_fps < _SEEN * wanted
        ),
        "pictures come late: see what else this board does (top)": (seen.delay_s or 0.0) > _LATE_S,
        "pictures come unevenly: see what else this board does (top)": seen.jitter_s > _UNEVEN_S,
    }
    return [hint for hint, applies in hints.items() if applies]


def _is_dark(exposure: Exposure) -> bool:
    return exposure.gain >= _DARK_GAIN or (exposure.lux is not None and exposure.lux < _DARK_LUX)


def _exposed(exposure: Exposure | None) -> str:
    if exposure is None:
        return "not told by the camera"
    light = "" if exposure.lux is None else f", about {exposure.lux:.{0 if exposure.lux >= 1 else 2}f} lux"
    return f"{exposure.time_us / 1e3:.1f} ms, amplified {exposure.gain:.1f} times{light}"
