"""A network in the sensor itself (IMX500): which one, and what its outputs mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.capture.csi.library import ERRORS, Network, Values
from edge.capture.csi.sensor import SensorView
from edge.capture.source import CameraStatus, CaptureError
from edge.model.origin import OF_LABELS
from edge.model.scene import Detection
from edge.settings import DetectorSettings

MODEL = "imx500"
"""The sensor's model, as libcamera calls it."""
FOLDER = Path("/usr/share/imx500-models")
USUAL = "imx500_network_ssd_mobilenetv2_fpnlite_320x320_pp.rpk"
COCO = ("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck")
"""The first classes of every network that was trained on COCO, of 80 or 91 classes; the others do not move."""
_OUTPUTS = 3
_PIXELS = 2.0
"""A coordinate beyond this is in pixels of the network's input, not in fractions of it."""
_STAGES = (2, 1, 0)

Floats = NDArray[np.float32]


def network_file(model: str, folder: Path = FOLDER) -> Path:
    """Return the file of a network. CaptureError NOT_FOUND where it is not there, with those that are."""
    name = model or USUAL
    path = Path(name) if "/" in name else folder / (name if name.endswith(".rpk") else f"{name}.rpk")
    if path.is_file():
        return path
    there = ", ".join(sorted(each.stem for each in folder.glob("*.rpk"))) or "none"
    text = f"there is no network {path}; sudo apt install imx500-all, or correct detector.model (in {folder}: {there})"
    raise CaptureError(CameraStatus.NOT_FOUND, text)


def class_names(detector: DetectorSettings, network: Network) -> Sequence[str]:
    """Return the names of the network's classes in order. CaptureError NOT_FOUND where their file cannot be read."""
    if not detector.labels_file:
        return tuple(getattr(network.network_intrinsics, "labels", None) or COCO)
    try:
        lines = Path(detector.labels_file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        text = f"detector.labels_file {detector.labels_file} cannot be read ({error}); give a text file, a name a line"
        raise CaptureError(CameraStatus.NOT_FOUND, text) from None
    return tuple(line.strip() for line in lines)


class SensorNetwork:
    """Reads the outputs of one open camera's network.

    CaptureError BROKEN where it is not one that finds objects.
    """

    def __init__(self, network: Network, detector: DetectorSettings, file: Path) -> None:
        self._network = network
        self._detector = detector
        self._file = file
        self._names = class_names(detector, network)
        self._wanted = frozenset(name.lower() for name in detector.classes) or frozenset(OF_LABELS)
        intrinsics = network.network_intrinsics
        task = getattr(intrinsics, "task", None) or "object detection"
        if task != "object detection" or getattr(intrinsics, "postprocess", None):
            raise self._unfit(f"does {task}" if task != "object detection" else "needs work after it on the processor")
        if getattr(intrinsics, "preserve_aspect_ratio", None):
            network.set_auto_aspect_ratio()
        order = getattr(intrinsics, "bbox_order", None) or ("xy" if "yolo" in file.name.lower() else "yx")
        self._order = order if detector.box_order == "auto" else detector.box_order

    def found(self, metadata: Values, view: SensorView) -> tuple[Detection, ...] | None:
        """Return what the network has found in one frame, None where it gave no answer with it.

        CaptureError BROKEN where its answer cannot be read.
        """
        try:
            outputs = self._network.get_outputs(metadata)
        except ERRORS as error:
            raise CaptureError(
                CameraStatus.BROKEN, f"the answer of {self._file.name} cannot be read: {error}"
            ) from None
        if outputs is None:
            return None
        boxes, scores, classes = self._parted(outputs)
        sure = np.flatnonzero((scores >= self._detector.min_confidence) & np.isfinite(boxes).all(axis=1))
        fractions = self._fractions(boxes[sure])
        places = [view.box(each, self._network.config.get("roi"), metadata) for each in fractions.tolist()]
        names = [self._name(int(number)) for number in classes[sure].tolist()]
        return tuple(
            Detection(box, min(1.0, float(score)), name)
            for box, score, name in zip(places, scores[sure].tolist(), names, strict=True)
            if box is not None and name.lower() in self._wanted
        )

    def _parted(self, outputs: Sequence[Any]) -> tuple[Floats, Floats, Floats]:
        """Return boxes (n, 4), scores (n) and classes (n)."""
        if len(outputs) < _OUTPUTS or any(np.ndim(each) not in (1, 2) for each in outputs[:_OUTPUTS]):
            raise self._unfit("does not give boxes, scores and classes")
        boxes, scores, classes = (np.asarray(each, np.float32) for each in outputs[:_OUTPUTS])
        scores, classes = scores.ravel(), np.nan_to_num(classes.ravel(), nan=-1.0, posinf=-1.0, neginf=-1.0)
        if boxes.shape != (len(scores), 4) or len(scores) != len(classes):
            raise self._unfit("does not give as many boxes as scores and classes")
        return boxes, scores, classes

    def _fractions(self, boxes: Floats) -> Floats:
        """Return boxes as left, top, right, bottom in fractions of the network's input."""
        corners = boxes if self._order == "xy" else boxes[:, [1, 0, 3, 2]]
        if not len(corners) or float(np.abs(corners).max()) <= _PIXELS:
            return corners
        width, height = self._network.get_input_size()
        return np.asarray(corners / np.array((width, height, width, height)), np.float32)

    def _name(self, number: int) -> str:
        return self._names[number] if 0 <= number < len(self._names) else f"class {number}"

    def _unfit(self, why: str) -> CaptureError:
        text = f"the network {self._file.name} {why}; choose one that finds objects by itself (its name ends in _pp)"
        return CaptureError(CameraStatus.BROKEN, text)


def progress(network: Network) -> str:
    """Return how far the upload of the network's firmware is; empty where the kernel does not say or none goes on."""
    for stage in _STAGES:
        try:
            done, total = network.get_fw_upload_progress(stage)
        except ERRORS:
            return ""
        if total:
            return f"{100 * done // total} % of part {stage + 1} of 3"
    return ""


def described_as(described: Mapping[str, Any]) -> bool:
    """Tell whether a camera has a network in its sensor."""
    return str(described.get("Model", "")) == MODEL
