"""A camera on USB: opened by its name, played from the kernel's buffers, found again when it was plugged in anew."""

import errno
import logging
import os
from pathlib import Path

from edge.capture.source import CameraStatus, CaptureError, Counts, Pause
from edge.capture.still import DamagedError, JpegDecoder, Still, yuyv_picture
from edge.capture.timeline import RESTING_FPS, LiveTimeline, Thinner
from edge.capture.usb.find import UsbCamera, look_at, modes_of, not_permitted, stable_name, whereabouts
from edge.capture.usb.modes import FORMATS, Mode, Wanted, in_order
from edge.capture.usb.stream import Taken, UsbStream
from edge.capture.usb.v4l2 import Format, query
from edge.model.clock import Clock
from edge.model.scene import Frame, Picture
from edge.settings import UsbSettings

_log = logging.getLogger("edge.capture")
_LONGEST_READ_S = 2.0
_PICTURE_S = 15.0
_TRUSTED_S = 2.0


class UsbSource:
    """Plays a V4L2 camera.

    Pictures are thinned to `fps`, with `keys_only` to one a second, before they are decoded: each stands alone. A
    frame's time is that of its buffer, taken by the kernel when the camera began to send it.
    """

    def __init__(self, channel_id: str, settings: UsbSettings, clock: Clock) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._clock = clock
        self._timeline = LiveTimeline()
        self._thinner = Thinner(settings.fps)
        self._resting = Thinner(RESTING_FPS)
        self._jpeg = JpegDecoder()
        self._known: UsbCamera | None = None
        self._said = ""
        self._stream: UsbStream | None = None
        self._format = Format("", 0, 0, 0)
        self._sequence = 0
        self._taken_s = 0.0
        self._picture_s = 0.0
        self.mode = Mode("", 0, 0, 0.0)
        self.decode_errors = 0
        self._bytes = 0
        self.keys_only = False

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        return Counts(self._bytes, self.decode_errors)

    def open(self) -> None:
        """Find the camera and start it; CaptureError where it is not there, in use, not permitted, or no camera."""
        self.close()
        path = whereabouts(self._settings.device, self._known)
        try:
            self._stream = UsbStream(path)
            self._begin(self._stream, path)
        except OSError as error:
            lost = _failure(path, error)
        except CaptureError as error:
            lost = error
        else:
            self._timeline.restart()
            self._taken_s = self._picture_s = self._clock.monotonic_s()
            return
        self.close()
        raise lost

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none came for up to 2 s; CaptureError where the camera is lost."""
        taken = self.take()
        if taken is None:
            return Pause.PAUSE
        self._sequence += 1
        stream_s = self._timeline.place(taken.moment_s, taken.moment_s)
        time_us = self._clock.now_us() - round((self._clock.monotonic_s() - taken.moment_s) * 1e6)
        return Frame(self._channel_id, self._sequence, time_us, stream_s, taken.picture)

    @property
    def codec(self) -> str:
        """How the camera sends, as FFmpeg names it."""
        return "rawvideo" if self.mode.code == "YUYV" else "mjpeg"

    def take(self) -> Still | None:
        """Return the next picture, None where there is none; CaptureError as `read`."""
        if self._stream is None:
            raise CaptureError(CameraStatus.BROKEN, "the camera is not open")
        try:
            taken = self._stream.take(min(_LONGEST_READ_S, self._settings.timeout_s / 2))
            picture = None if taken is None else self._picture(self._stream, taken)
        except OSError as error:
            lost = _failure(self._path, error)
        else:
            self._watch(came=taken is not None)
            return picture
        raise lost

    def close(self) -> None:
        """Let go of the camera."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def knock(self) -> bool:
        """Tell whether the camera is plugged in."""
        try:
            look_at(whereabouts(self._settings.device, self._known))
        except OSError:
            return False
        return True

    @property
    def _path(self) -> Path:
        return self._known.path if self._known else Path(self._settings.device)

    def _begin(self, stream: UsbStream, path: Path) -> None:
        told = query(stream.device)
        if not told.captures:
            text = f"is not the one of {told.card} that gives pictures; `edge cameras` names that"
            raise CaptureError(CameraStatus.NO_SUCH_STREAM, f"{path} {text}")
        wanted = Wanted(self._settings.width, self._settings.height, self._settings.fps, self._settings.format)
        modes = tuple(modes_of(stream.device))
        self._known = UsbCamera(path.resolve(), told.card, told.bus)
        self._start_best(stream, in_order(modes, wanted), modes)
        self._tell(path)

    def _start_best(self, stream: UsbStream, modes: list[Mode], offered: tuple[Mode, ...]) -> None:
        """Start the first mode for which the bus has room."""
        if not modes:
            codes = ", ".join(dict.fromkeys(FORMATS.get(mode.code, mode.code) for mode in offered)) or "nothing"
            text = f"sends {codes}, not {_wanted_formats(self._settings.format)}; use another camera"
            raise CaptureError(CameraStatus.BROKEN, f"{self._path} {text}")
        for mode in modes:
            try:
                self._format = stream.begin(mode)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            else:
                self.mode = Mode(self._format.code, self._format.width, self._format.height, mode.fps)
                return
        text = "finds no room on its USB for any size; unplug another camera, or use another USB port"
        raise CaptureError(CameraStatus.BROKEN, f"{self._path} {text}")

    def _picture(self, stream: UsbStream, taken: Taken) -> Still | None:
        now_s = self._clock.monotonic_s()
        self._bytes += len(taken.data)
        told_s = taken.moment_s
        moment_s = told_s if told_s is not None and 0.0 <= now_s - told_s < _TRUSTED_S else now_s
        try:
            thinner = self._resting if self.keys_only else self._thinner
            if not taken.faulty and not thinner.wants(moment_s):
                return None
            still = Still(moment_s, self._decoded(taken), len(taken.data))
        except DamagedError:
            self.decode_errors += 1
            return None
        finally:
            stream.give_back(taken)
        self._picture_s = now_s
        return still

    def _decoded(self, taken: Taken) -> Picture:
        if taken.faulty:
            raise DamagedError("the kernel says so")
        if self._format.code == "YUYV":
            return yuyv_picture(taken.data, self._format.width, self._format.height, self._format.row_bytes)
        return self._jpeg.decode(bytes(taken.data))

    def _watch(self, *, came: bool) -> None:
        now_s = self._clock.monotonic_s()
        if came:
            self._taken_s = now_s
        if now_s - self._taken_s >= self._settings.timeout_s:
            text = f"sent nothing for {self._settings.timeout_s:g} s; plug it in anew, without a hub if there is one"
            raise CaptureError(CameraStatus.STALLED, f"{self._path} {text}")
        if now_s - self._picture_s >= max(_PICTURE_S, self._settings.timeout_s):
            text = "sends only damaged pictures; use a shorter cable, another USB port, or a lower width"
            raise CaptureError(CameraStatus.BROKEN, f"{self._path} {text}")

    def _tell(self, path: Path) -> None:
        """Log once what is played, and by what name the camera is better called."""
        said = f"{self._path}: {self._known.name if self._known else ''}, {self.mode.shown}"
        if said == self._said:
            return
        self._said = said
        _log.info("%s", said)
        stable = stable_name(path.resolve())
        if path == path.resolve() != stable:
            _log.info("%s may get another number; in the settings better write %s", path, stable)


def _wanted_formats(wanted: str) -> str:
    return "MJPEG or YUYV" if wanted == "auto" else wanted.upper()


def _failure(path: Path, error: OSError) -> CaptureError:
    """Return what an error of the kernel means."""
    number = error.errno or 0
    if number in {errno.EACCES, errno.EPERM}:
        return CaptureError(CameraStatus.FORBIDDEN, f"{path} {not_permitted(path)}")
    if number == errno.EBUSY:
        text = "is used by another channel or program; a camera gives its pictures to one only"
        return CaptureError(CameraStatus.BUSY, f"{path} {text}")
    if number in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        text = "is not plugged in; check its cable, or see with `edge cameras` what there is"
        return CaptureError(CameraStatus.NOT_FOUND, f"{path} {text}")
    if number in {errno.ENOTTY, errno.EINVAL, errno.EISDIR, errno.ENOTDIR}:
        text = "is no camera; see with `edge cameras` what there is"
        return CaptureError(CameraStatus.NOT_FOUND, f"{path} {text}")
    text = f"has failed ({os.strerror(number)}); plug it in anew, check its cable and power"
    return CaptureError(CameraStatus.BROKEN, f"{path} {text}")
