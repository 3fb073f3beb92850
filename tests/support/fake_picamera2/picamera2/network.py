"""A network in the sensor: its file, its way into the sensor, and its answers as bytes of metadata."""

import json
import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from .script import SCRIPT, Values

MOST = 10
_NAME, _TENSORS, _DIMENSIONS = 64, 16, 16
_TENSOR = f"II{_DIMENSIONS}H"
_BYTES = 3_900_000
_DONE = "done"
_Box = Sequence[float]


class IMX500:
    """A sensor with a network. Its file is JSON here, every key optional.

    `intrinsics` (what the real file says of itself), `input` (width, height), `order` (yx or xy), `pixels`, `finds`
    (the class of whatever it sees).
    """

    def __init__(self, network_file: str, camera_id: str = "") -> None:
        found = [each for each in SCRIPT.cameras() if each.get("Model") == "imx500" and camera_id in each["Id"]]
        if not found:
            raise RuntimeError("IMX500: Requested camera dev-node not found")
        if not Path(network_file).is_file():
            raise RuntimeError(f"Firmware file {network_file} does not exist.")
        self._id = found[0]["Id"]
        self.camera_num = SCRIPT.cameras().index(found[0])
        self._said: Values = json.loads(Path(network_file).read_text(encoding="utf-8"))
        self.config: Values = {"network_file": network_file, "roi": _area(0, 0, 4056, 3040)}
        NETWORKS[self._id] = self

    @property
    def network_intrinsics(self) -> Any:  # noqa: ANN401 - names as the real one has them
        given = self._said.get("intrinsics")
        return None if given is None else SimpleNamespace(**given)

    def get_input_size(self) -> tuple[int, int]:
        width, height = self._said.get("input", (320, 320))
        return width, height

    def set_auto_aspect_ratio(self) -> None:
        width, height = self.get_input_size()
        across, down = (
            (4056, 4056 * height // width) if 4056 * height <= 3040 * width else (3040 * width // height, 3040)
        )
        self.config["roi"] = _area((4056 - across) // 2, (3040 - down) // 2, across, down)

    def upload(self) -> None:
        """Take as long as the script says; what the module has once in its flash memory it has at once."""
        flash = self._flash()
        if flash.exists() and flash.read_text() == _DONE:
            return
        flash.write_text(str(time.time()))
        time.sleep(self._seconds())
        flash.write_text(_DONE)

    def get_fw_upload_progress(self, stage_req: int) -> tuple[int, int]:
        flash = self._flash()
        said = flash.read_text() if flash.exists() else ""
        if said in ("", _DONE) or stage_req != 2:
            return 0, 0
        share = min(1.0, (time.time() - float(said)) / max(self._seconds(), 1e-3))
        return round(share * _BYTES), _BYTES

    def _flash(self) -> Path:
        """Return the file that is the module's flash memory, which other processes see too."""
        return SCRIPT.folder() / f"flash-{self.camera_num}"

    def get_outputs(self, metadata: Mapping[str, Any], add_batch: bool = False) -> list[Any] | None:  # noqa: FBT001, FBT002
        values = metadata.get("CnnOutputTensor")
        if not values:
            return None
        flat, outputs, at = np.fromiter(values, np.float32), [], 0
        for shape in _shapes(bytes(metadata["CnnOutputTensorInfo"])):
            size = int(np.prod(shape))
            tensor = flat[at : at + size].reshape(shape, order="F")
            outputs.append(tensor[None] if add_batch else tensor)
            at += size
        return outputs

    @property
    def order(self) -> str:
        """Which of a corner's numbers it gives first."""
        return str(self._said.get("order", "yx"))

    @property
    def in_pixels(self) -> bool:
        """Whether it gives pixels of its input."""
        return bool(self._said.get("pixels"))

    @property
    def number(self) -> int:
        """The class of what it finds."""
        return int(self._said.get("finds", 0))

    def _seconds(self) -> float:
        return float(SCRIPT.camera(self._id).get("upload_s", 0.0))


NETWORKS: dict[str, IMX500] = {}
"""By the camera's id: made before its camera is, as with the real one."""


def answer(network: IMX500, seen: Sequence[_Box], crop: Sequence[int]) -> Values:
    """Return the metadata of what is seen, given in fractions of the picture that shows `crop` of the sensor."""
    found = np.zeros((MOST, 4), np.float32)
    scores, classes = np.full(MOST, 0.05, np.float32), np.zeros(MOST, np.float32)
    for row, (left, top, right, bottom) in enumerate(seen[:MOST]):
        across = [crop[0] + share * crop[2] for share in (left, right)]
        down = [crop[1] + share * crop[3] for share in (top, bottom)]
        found[row] = _corners(network, across, down)
        scores[row], classes[row] = 0.6, network.number
    tensors = (found, scores, classes, np.array([len(seen)], np.float32))
    values = np.concatenate([tensor.flatten(order="F") for tensor in tensors])
    return {"CnnOutputTensor": values.tolist(), "CnnOutputTensorInfo": _packed([tensor.shape for tensor in tensors])}


def _corners(network: IMX500, across: Sequence[float], down: Sequence[float]) -> list[float]:
    roi = network.config["roi"]
    width, height = network.get_input_size() if network.in_pixels else (1, 1)
    left, right = ((each - roi.x) / roi.width * width for each in across)
    top, bottom = ((each - roi.y) / roi.height * height for each in down)
    return [left, top, right, bottom] if network.order == "xy" else [top, left, bottom, right]


def _area(x: int, y: int, width: int, height: int) -> SimpleNamespace:
    return SimpleNamespace(x=x, y=y, width=width, height=height)


def _packed(shapes: Sequence[tuple[int, ...]]) -> bytes:
    tensors = [(int(np.prod(shape)), len(shape), *shape, *[0] * (_DIMENSIONS - len(shape))) for shape in shapes]
    tensors += [(0, 0, *[0] * _DIMENSIONS)] * (_TENSORS - len(shapes))
    head = struct.pack(f"<{_NAME}sI", b"made", len(shapes))
    return head + b"".join(struct.pack(f"<{_TENSOR}", *each) for each in tensors) + struct.pack("<B3x", 0)


def _shapes(packed: bytes) -> list[tuple[int, ...]]:
    expected = _NAME + 4 + _TENSORS * struct.calcsize(f"<{_TENSOR}") + 4
    if len(packed) != expected:
        raise ValueError(f"tensor info length {len(packed)} does not match expected size {expected}")
    (count,) = struct.unpack_from("<I", packed, _NAME)
    shapes = []
    for row in range(count):
        _, dimensions, *size = struct.unpack_from(
            f"<{_TENSOR}", packed, _NAME + 4 + row * struct.calcsize(f"<{_TENSOR}")
        )
        shapes.append(tuple(size[:dimensions]))
    return shapes
