"""One opened camera: from its start to its end, through the library. Used by one thread at a time."""

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from edge.capture.csi.choice import chosen, shown, text_of
from edge.capture.csi.failure import failure
from edge.capture.csi.held import HeldRequests, copied
from edge.capture.csi.library import ERRORS, Camera, Job, Library, Network, Request, Values
from edge.capture.csi.limit import ExposureLimit
from edge.capture.csi.network import SensorNetwork, described_as, network_file
from edge.capture.csi.planes import Layout, is_full_range
from edge.capture.csi.sensor import SensorView
from edge.capture.csi.streams import left_to_turn, wanted
from edge.capture.source import CameraStatus, CaptureError
from edge.model.exposure import Exposure
from edge.model.scene import Detection, Larger, Picture
from edge.settings import ChannelSettings, CsiSettings

_log = logging.getLogger("edge.capture")
_IMX500_PIXELS = (4056, 3040)


@dataclass(frozen=True, slots=True)
class Shot:
    """What one request gave; `stamp_ns` is the sensor's time stamp, None without one."""

    stamp_ns: int | None
    picture: Picture
    larger: Larger
    exposure: Exposure | None
    found: tuple[Detection, ...] | None


@dataclass(frozen=True, slots=True)
class Module:
    """A camera module that is there: its number, its id, what people call it, and the file of its network."""

    number: int
    camera_id: str
    name: str
    network_file: Path | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is fixed once a camera runs."""

    library: Library
    camera: Camera
    name: str
    camera_id: str
    small: Layout
    view: SensorView
    network: SensorNetwork | None
    limit: ExposureLimit


class Session:
    """A camera that gives pictures, from `begin` on until `end`."""

    def __init__(self, parts: _Parts, large: Layout) -> None:
        self._parts = parts
        self._held = HeldRequests(parts.library, large)
        self._job: Job | None = None

    @classmethod
    def begin(cls, library: Library, channel: ChannelSettings) -> Self:
        """Open and start the camera that a channel with a csi source asks for; may never return.

        CaptureError says what to do where the camera is not there, is in use, may not be used or does not start.
        """
        module = find(library, channel)
        name = module.name
        try:
            network = None if module.network_file is None else _network(library, channel, module)
            camera = library.camera(module.number)
        except ERRORS as error:
            raise failure(error, name) from None
        begun = False
        try:
            session = cls._started(library, channel, camera, module, network)
            begun = True
        except ERRORS as error:
            raise failure(error, name) from None
        finally:
            if not begun:
                _quietly(camera.close, name)
        _log.info("%s: %s", channel.name, session.named)
        return session

    @classmethod
    def _started(
        cls, library: Library, channel: ChannelSettings, camera: Camera, module: Module, network: SensorNetwork | None
    ) -> Self:
        settings = _csi(channel)
        asked = wanted(library, settings, channel.analysis.width, turns=network is None)
        asked["controls"] = {key: value for key, value in asked["controls"].items() if key in camera.camera_controls}
        camera.configure(camera.create_video_configuration(**asked))
        got = camera.camera_configuration()
        rotation = left_to_turn(got, settings.rotation)
        full_range = is_full_range(got)
        large, small = (Layout(got[stream], rotation, full_range=full_range) for stream in ("main", "lores"))
        pixels = camera.camera_properties.get("PixelArraySize") or _IMX500_PIXELS
        limit = ExposureLimit(settings.max_exposure_ms * 1000.0 if "ExposureTime" in camera.camera_controls else 0.0)
        camera.start()
        view = SensorView((int(pixels[0]), int(pixels[1])), rotation)
        return cls(_Parts(library, camera, module.name, module.camera_id, small, view, network, limit), large)

    @property
    def name(self) -> str:
        """The camera, for people."""
        return self._parts.name

    @property
    def named(self) -> str:
        """The camera with its id."""
        return f"{self.name}, id {self._parts.camera_id}"

    def take(self, timeout_s: float) -> Shot | None:
        """Return the next shot, None where none has come within some seconds. CaptureError where the camera fails."""
        try:
            self._held.give_back()
            if self._job is None:
                self._job = self._parts.camera.capture_request(wait=False)
            try:
                request = self._job.get_result(timeout=timeout_s)
            except TimeoutError:
                return None
            self._job = None
            return self._shot(request)
        except (*ERRORS, CancelledError) as error:
            raise failure(error, self.name) from None

    def end(self) -> None:
        """Stop and close the camera; may never return. Failures are logged: nothing else can be done."""
        camera = self._parts.camera
        for step in (camera.cancel_all_and_flush, self._give_up, self._held.let_go, camera.stop, camera.close):
            _quietly(step, self.name)

    def _give_up(self) -> None:
        """Wait for no request any more; one that has come by now is released."""
        job, self._job = self._job, None
        if job is not None:
            with suppress(TimeoutError, CancelledError):
                job.get_result(timeout=0.0).release()

    def _shot(self, request: Request) -> Shot:
        parts, kept = self._parts, False
        try:
            metadata = request.get_metadata()
            picture = copied(parts.library, parts.small, request, "lores")
            found = None if parts.network is None else parts.network.found(metadata, parts.view)
            larger = self._held.hold(request)
            kept = True
        finally:
            if not kept:
                request.release()
        exposure = exposure_of(metadata)
        next_us = parts.limit.next_us(exposure)
        if next_us is not None:
            parts.camera.set_controls({"ExposureTime": next_us})
        stamp = metadata.get("SensorTimestamp")
        return Shot(stamp if isinstance(stamp, int) else None, picture, larger, exposure, found)


def exposure_of(metadata: Values) -> Exposure | None:
    """Return how a picture was exposed by a camera's metadata; None where that is not said."""
    time_us = metadata.get("ExposureTime")
    if not isinstance(time_us, int | float) or time_us <= 0:
        return None
    gain = _number(metadata, "AnalogueGain") * _number(metadata, "DigitalGain")
    lux = metadata.get("Lux")
    return Exposure(float(time_us), gain, float(lux) if isinstance(lux, int | float) else None)


def _number(metadata: Values, key: str) -> float:
    value = metadata.get(key)
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0


def _csi(channel: ChannelSettings) -> CsiSettings:
    if channel.source.csi is None:
        raise ValueError(f"channel {channel.name} has no csi source")
    return channel.source.csi


def find(library: Library, channel: ChannelSettings) -> Module:
    """Return the camera module that a channel asks for. CaptureError where it, or its network, is not there."""
    try:
        described = library.cameras()
    except ERRORS as error:
        raise failure(error, "the camera modules") from None
    number, found = chosen(described, _csi(channel))
    name = f"camera {number} ({shown(found)})"
    if channel.detector.kind != "imx500":
        return Module(number, text_of(found, "Id"), name)
    if not described_as(found):
        text = f"{name} has no network in its sensor; take detector kind motion, or name an imx500 camera"
        raise CaptureError(CameraStatus.NOT_FOUND, text)
    return Module(number, text_of(found, "Id"), name, network_file(channel.detector.model))


def network_of(library: Library, module: Module) -> Network:
    """Return the network of a module that has one, to be put into its sensor with the next start."""
    try:
        return library.network(str(module.network_file), module.camera_id)
    except ERRORS as error:
        raise failure(error, module.name) from None


def _network(library: Library, channel: ChannelSettings, module: Module) -> SensorNetwork:
    """Return what reads the network's answers; it must be made before the camera."""
    file = module.network_file or Path()
    return SensorNetwork(network_of(library, module), channel.detector, file)


def _quietly(step: Callable[[], Any], name: str) -> None:
    try:
        step()
    except (*ERRORS, CancelledError) as error:
        _log.warning("%s: while it was closed: %s", name, error)
