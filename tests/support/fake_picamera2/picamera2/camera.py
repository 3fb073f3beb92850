"""The camera: one thread makes frames and serves jobs in their order."""

import copy
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, overload

import numpy as np

from .job import Job, Step
from .request import Buffers, CompletedRequest
from .script import SCRIPT, Values
from .sensor import Sensor

STREAM_KEYS = ("format", "size", "stride", "preserve_ar")
CONTROLS = {"FrameDurationLimits": (8333, 1000000, 33333), "ExposureTime": (0, 200000, 0), "AnalogueGain": (0, 16, 0)}
YUV = ("YUV420", "YVU420", "NV12", "NV21")
_TICK_S = 0.02
_SPARE = 256


class Picamera2:
    """One camera, acquired by this process from its making until `close`."""

    _acquired: ClassVar[set[str]] = set()

    @staticmethod
    def global_camera_info() -> list[Values]:
        described = [
            {key: value for key, value in each.items() if key in ("Model", "Location", "Rotation", "Id")}
            | {"Num": number}
            for number, each in enumerate(SCRIPT.cameras())
        ]
        return sorted(described, key=lambda each: ("/usb" not in each["Id"], each["Id"]), reverse=True)

    def __init__(self, camera_num: int = 0) -> None:
        self.started = False
        self.is_open = False
        self.stop_count = 0
        self.outstanding = 0
        self.request_lock = threading.Lock()
        self.lock = threading.Lock()
        self.completed_requests: list[CompletedRequest] = []
        self._job_list: list[Job] = []
        self._config: Values = {}
        self._free: deque[Buffers] = deque()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._loop: threading.Thread | None = None
        self._controls: Values = {}
        described = self.global_camera_info()
        if camera_num >= len(described):
            raise RuntimeError(f'No camera number {camera_num} found - use "rpicam-hello --list-cameras" to check')
        self._id = described[camera_num]["Id"]
        self._acquire()
        self._sensor = Sensor(self._id)
        self.is_open = True

    @classmethod
    def forget(cls) -> None:
        """Let every camera be free again, as in a new process: one that hung is lost to this one."""
        cls._acquired.clear()

    def _acquire(self) -> None:
        state = SCRIPT.camera(self._id)
        if state.get("hang_on_open"):
            threading.Event().wait()
        failed = None
        if state.get("busy") or self._id in self._acquired:
            failed = RuntimeError("Failed to acquire camera: Device or resource busy")
        elif state.get("forbidden"):
            failed = RuntimeError("Could not open any dmaHeap device")
        if failed is not None:
            raise RuntimeError("Camera __init__ sequence did not complete.") from failed
        self._acquired.add(self._id)

    @property
    def camera_controls(self) -> Values:
        return dict(CONTROLS)

    @property
    def camera_properties(self) -> Values:
        return {"PixelArraySize": self._sensor.pixels, "Model": SCRIPT.camera(self._id).get("Model", "")}

    def create_video_configuration(
        self,
        main: Mapping[str, Any] = {},
        lores: Mapping[str, Any] | None = None,
        raw: Mapping[str, Any] | None = {},
        transform: object = None,
        colour_space: object = None,
        buffer_count: int = 6,
        controls: Mapping[str, Any] = {},
        queue: bool = True,  # noqa: FBT001, FBT002 - the real one's signature
    ) -> Values:
        if not self.is_open:
            raise RuntimeError("Camera not opened")
        return {
            "use_case": "video",
            "transform": transform,
            "colour_space": colour_space,
            "buffer_count": buffer_count,
            "queue": queue,
            "main": self._stream({"format": "XBGR8888", "size": (1280, 720), "preserve_ar": True}, main),
            "lores": None if lores is None else self._stream({"format": "YUV420", "preserve_ar": False}, lores),
            "raw": None if raw is None else {"format": "SRGGB10_CSI2P", "size": (1536, 864)},
            "controls": {"FrameDurationLimits": (33333, 33333)} | dict(controls),
        }

    @staticmethod
    def _stream(usual: Values, given: Mapping[str, Any]) -> Values:
        for key in given:
            if key not in STREAM_KEYS:
                raise ValueError(f"Bad key {key!r}: valid stream configuration keys are {STREAM_KEYS}")
        stream = usual | dict(given)
        width, height = stream["size"]
        stream["size"] = (width - width % 2, height - height % 2)
        return stream

    def configure(self, camera_config: Values) -> None:
        if self.started:
            raise RuntimeError("Camera must be stopped before configuring")
        config = copy.copy(camera_config)
        if not hasattr(config["transform"], "hflip"):
            raise RuntimeError("Transform has incorrect type")
        if not hasattr(config["colour_space"], "range"):
            raise RuntimeError("Colour space has incorrect type")
        main, lores = config["main"], config["lores"]
        if lores is not None and any(small > large for small, large in zip(lores["size"], main["size"], strict=True)):
            raise RuntimeError("lores stream dimensions may not exceed main stream")
        state = SCRIPT.camera(self._id)
        if not state.get("turns", True):
            config["transform"] = type(config["transform"])()
        for name in ("main", "lores"):
            if config[name] is not None:
                config[name] = self._adjusted(name, dict(config[name]), state)
        self._config = config
        self.set_controls(config["controls"])

    @staticmethod
    def _adjusted(name: str, stream: Values, state: Values) -> Values:
        stream["format"] = state.get("format", stream["format"])
        if stream["format"] not in (*YUV, "XBGR8888"):
            raise RuntimeError(f"Bad format {stream['format']} in stream {name}")
        if name == "lores" and "lores" in state:
            stream["size"] = tuple(state["lores"])
        width, height = stream["size"]
        pixel = 1 if stream["format"] in YUV else 4
        stream["stride"] = (width * pixel + 127) // 128 * 128 + state.get("pad", 0)
        stream["framesize"] = stream["stride"] * height * 3 // 2
        return stream

    def camera_configuration(self) -> Values:
        return self._config

    def set_controls(self, controls: Mapping[str, Any]) -> None:
        for name in controls:
            if name not in CONTROLS:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self._controls = self._controls | dict(controls)

    def start(self) -> None:
        if not self._config:
            raise RuntimeError("Camera has not been configured")
        self._sensor.upload()
        self._free = deque(self._buffers() for _ in range(self._config["buffer_count"]))
        self._ending.clear()
        self.started = True
        self._loop = threading.Thread(target=self._run, name="fake camera", daemon=True)
        self._loop.start()

    def _buffers(self) -> Buffers:
        streams = {name: self._config[name] for name in ("main", "lores") if self._config[name] is not None}
        return {name: np.zeros(each["framesize"] + _SPARE, np.uint8) for name, each in streams.items()}

    def recycle(self, buffers: Buffers) -> None:
        """Take buffers back, to be filled again."""
        self._free.append(buffers)

    @overload
    def capture_request(self, wait: Literal[False]) -> Job: ...

    @overload
    def capture_request(self, wait: bool | None = None) -> Any: ...  # noqa: ANN401, FBT001

    def capture_request(self, wait: bool | None = None) -> Any:  # noqa: FBT001
        return self._dispatch([self._capture], wait=wait is not False)

    def _capture(self) -> tuple[bool, CompletedRequest | None]:
        return (True, self.completed_requests.pop(0)) if self.completed_requests else (False, None)

    def _dispatch(self, steps: list[Step], *, wait: bool, immediate: bool = False) -> Any:  # noqa: ANN401
        with self.lock:
            job = Job(steps)
            only = not self._job_list
            self._job_list.append(job)
            if only and (self.completed_requests or immediate):
                self._wake.set()
        return job.get_result() if wait else job

    def cancel_all_and_flush(self) -> None:
        with self.lock:
            for job in self._job_list:
                job.cancel()
            self._job_list = []

    def stop(self) -> None:
        """Stop; as with the real one that is a job too: it waits behind a capture that never comes."""
        if self.started:
            self._dispatch([self._stop], wait=True, immediate=True)

    def _stop(self) -> tuple[bool, None]:
        if SCRIPT.camera(self._id).get("hang_on_stop"):
            threading.Event().wait()
        if self.started:
            self.stop_count += 1
            self.started = False
            while self.completed_requests:
                self.completed_requests.pop(0).release()
        return True, None

    def close(self) -> None:
        """Close: the event loop ends first, then the camera stops."""
        if not self.is_open:
            return
        self._ending.set()
        self._wake.set()
        if self._loop is not None:
            self._loop.join()
        self._stop()
        self.is_open = False
        self._config = {}
        self._acquired.discard(self._id)

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._ending.is_set():
            state = SCRIPT.camera(self._id)
            if self.started and time.monotonic() >= next_s:
                shortest, _ = self._controls["FrameDurationLimits"]
                next_s = max(next_s + shortest / 1e6 / state.get("pace", 1.0), time.monotonic() - _TICK_S)
                self._expose(state, shortest)
            self._serve()
            self._wake.wait(min(_TICK_S, max(0.0, next_s - time.monotonic())))
            self._wake.clear()

    def _expose(self, state: Values, duration_us: int) -> None:
        """Make one frame, unless it is lost: then its buffers go round again and nobody is told."""
        taken = self._sensor.next_frame(state, duration_us, self._controls)
        if state.get("stalled") or not self._free or taken.number % state.get("drop_every", taken.number + 1) == 1:
            return
        buffers = self._free.popleft()
        for name, buffer in buffers.items():
            self._sensor.fill(buffer, self._config[name], self._config["transform"], state, taken)
        with self.lock:
            self.completed_requests.append(CompletedRequest(buffers, taken.metadata, self))

    def _serve(self) -> None:
        """Serve jobs as far as frames reach; keep the newest frame for whoever asks next."""
        finished: list[Job] = []
        with self.lock:
            while self._job_list and self._job_list[0].execute():
                finished.append(self._job_list.pop(0))
            while len(self.completed_requests) > 1:
                self.completed_requests.pop(0).release()
        for job in finished:
            job.signal()
