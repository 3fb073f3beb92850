"""What the answers of a network in the sensor mean, from the bytes of a request's metadata on."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edge.capture.csi.network import SensorNetwork, class_names, network_file, progress
from edge.capture.csi.sensor import SensorView
from edge.capture.source import CameraStatus, CaptureError
from edge.model.scene import Detection
from edge.settings import DetectorSettings
from tests.support.csi_rig import fake_rig, module
from tests.support.fake_picamera2.picamera2.network import IMX500, answer

PIXELS = (4056, 3040)
CROP = (0, 379, 4056, 2281)
SEEN = [(0.25, 0.5, 0.375, 0.875)]
VIEW = SensorView(PIXELS)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with fake_rig(tmp_path, module("imx500")):
        yield tmp_path


def made(folder: Path, **said: Any) -> IMX500:  # noqa: ANN401 - as the file has it
    file = folder / "made.rpk"
    file.write_text(json.dumps(said))
    return IMX500(str(file))


def imx500(**changes: Any) -> DetectorSettings:  # noqa: ANN401 - by name, as a test gives them
    return DetectorSettings(kind="imx500", **changes)


def found(network: IMX500, seen: Sequence[Sequence[float]], **changes: Any) -> tuple[Detection, ...] | None:  # noqa: ANN401
    metadata = answer(network, seen, CROP) | {"ScalerCrop": CROP}
    return SensorNetwork(network, imx500(**changes), Path("made.rpk")).found(metadata, VIEW)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"intrinsics": {}},
        {"order": "xy", "intrinsics": {"bbox_order": "xy"}},
        {"pixels": True, "input": [320, 320]},
        {"pixels": True, "input": [640, 480]},
        {"intrinsics": {"preserve_aspect_ratio": True}},
        {"intrinsics": {"task": "object detection", "labels": ["person"]}},
    ],
    ids=["says nothing", "nearly nothing", "x first", "pixels", "pixels, not square", "keeps proportions", "labels"],
)
def test_whatever_the_network_gives_the_box_is_where_it_was_seen(folder: Path, said: dict[str, Any]) -> None:
    network = made(folder, **said)
    reader = SensorNetwork(network, imx500(), Path("made.rpk"))
    items = reader.found(answer(network, SEEN, CROP) | {"ScalerCrop": CROP}, VIEW)
    assert items is not None
    assert [(each.label, round(each.confidence, 3)) for each in items] == [("person", 0.6)]
    box = items[0].box
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(SEEN[0], abs=2e-3)


def test_the_order_of_a_network_that_does_not_say_is_known_by_its_name_or_the_settings(folder: Path) -> None:
    network = made(folder, order="xy")
    metadata = answer(network, SEEN, CROP) | {"ScalerCrop": CROP}
    by_name = SensorNetwork(network, imx500(), Path("imx500_network_yolo11n_pp.rpk")).found(metadata, VIEW)
    by_settings = SensorNetwork(network, imx500(box_order="xy"), Path("made.rpk")).found(metadata, VIEW)
    assert by_name == by_settings
    assert by_name is not None
    assert by_name[0].box.left == pytest.approx(0.25, abs=2e-3)


def test_a_frame_without_an_answer_is_not_an_empty_one(folder: Path) -> None:
    network = made(folder)
    reader = SensorNetwork(network, imx500(), Path("made.rpk"))
    assert reader.found({"ScalerCrop": CROP}, VIEW) is None
    assert reader.found({"ScalerCrop": CROP, "CnnOutputTensor": []}, VIEW) is None
    assert found(network, []) == ()


def test_what_is_believed_too_little_or_not_asked_for_is_left_out(folder: Path) -> None:
    network = made(folder)
    assert found(network, SEEN, min_confidence=0.7) == ()
    assert found(network, SEEN, classes=("car",)) == ()
    assert len(found(network, SEEN, classes=("Person",)) or ()) == 1
    assert found(made(folder, finds=4), SEEN) == (), "an aeroplane is neither person nor vehicle"
    asked = found(made(folder, finds=80), SEEN, classes=("class 80",))
    assert [each.label for each in asked or ()] == ["class 80"]


def test_names_come_from_the_settings_file_then_the_network(folder: Path) -> None:
    names = folder / "names.txt"
    names.write_text("cat\nperson\n")
    assert class_names(imx500(labels_file=str(names)), made(folder)) == ("cat", "person")
    said = made(folder, intrinsics={"labels": ["worker"]})
    assert class_names(imx500(), said) == ("worker",)
    with pytest.raises(CaptureError, match=r"labels_file .*absent\.txt cannot be read"):
        class_names(imx500(labels_file=str(folder / "absent.txt")), said)
    (folder / "odd.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaptureError, match="give a text file"):
        class_names(imx500(labels_file=str(folder / "odd.txt")), said)


@pytest.mark.parametrize(
    ("intrinsics", "words"),
    [
        ({"task": "pose estimation"}, "does pose estimation"),
        ({"postprocess": "nanodet"}, "needs work after it on the processor"),
    ],
)
def test_networks_of_another_kind_are_refused(folder: Path, intrinsics: dict[str, str], words: str) -> None:
    with pytest.raises(CaptureError, match=words) as caught:
        SensorNetwork(made(folder, intrinsics=intrinsics), imx500(), Path("made.rpk"))
    assert "_pp" in str(caught.value)


class Odd:
    """A network that gives what it is told to."""

    network_intrinsics = None
    config: dict[str, Any] = {}  # noqa: RUF012 - the library's form

    def __init__(self, outputs: object) -> None:
        self._outputs = outputs

    def get_input_size(self) -> tuple[int, int]:
        return (320, 320)

    def set_auto_aspect_ratio(self) -> None:
        """Show all of the sensor."""

    def get_fw_upload_progress(self, stage_req: int) -> tuple[int, int]:  # noqa: ARG002
        raise AssertionError

    def get_outputs(self, metadata: object, add_batch: bool = False) -> Any:  # noqa: ANN401, ARG002, FBT001, FBT002
        if isinstance(self._outputs, Exception):
            raise self._outputs
        return self._outputs


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [np.zeros((2, 4))],
        [np.zeros((2, 4)), np.zeros(3), np.zeros(3)],
        [np.zeros((2, 5)), np.zeros(2), np.zeros(2)],
        [np.zeros((2, 4, 4)), np.zeros(2), np.zeros(2)],
        ValueError("tensor info length 3 does not match"),
    ],
    ids=["nothing", "boxes alone", "too few boxes", "five corners", "three dimensions", "torn"],
)
def test_answers_that_make_no_sense_are_told(outputs: object) -> None:
    reader = SensorNetwork(Odd(outputs), imx500(), Path("made.rpk"))
    with pytest.raises(CaptureError, match=r"made\.rpk") as caught:
        reader.found({}, VIEW)
    assert caught.value.status is CameraStatus.BROKEN


def test_numbers_that_are_none_harm_nobody() -> None:
    nan = float("nan")
    boxes = np.array([[nan, 0.1, 0.2, 0.3], [0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.6, 0.6]])
    outputs = [boxes, np.array([0.9, nan, 0.9, 0.9]), np.array([0.0, 0.0, nan, 0.0])]
    items = SensorNetwork(Odd(outputs), imx500(), Path("made.rpk")).found({}, VIEW)
    assert items is not None
    assert [round(each.box.left, 3) for each in items] == [0.2]


def test_networks_are_found_by_name_or_path(tmp_path: Path) -> None:
    file = tmp_path / "imx500_network_yolo11n_pp.rpk"
    file.write_bytes(b"")
    assert network_file("imx500_network_yolo11n_pp", tmp_path) == file
    assert network_file("imx500_network_yolo11n_pp.rpk", tmp_path) == file
    assert network_file(str(file)) == file
    with pytest.raises(CaptureError, match=r"sudo apt install imx500-all.*imx500_network_yolo11n_pp\)") as caught:
        network_file("", tmp_path)
    assert caught.value.status is CameraStatus.NOT_FOUND


def test_how_far_the_upload_is() -> None:
    stages = {2: (0, 0), 1: (50, 200), 0: (0, 0)}
    network: Any = SimpleNamespace(get_fw_upload_progress=lambda stage: stages[stage])
    assert progress(network) == "25 % of part 2 of 3"
    stages[2] = (30, 40)
    assert progress(network) == "75 % of part 3 of 3"
    stages.update({2: (0, 0), 1: (0, 0)})
    assert progress(network) == ""
    assert progress(Odd([])) == ""
