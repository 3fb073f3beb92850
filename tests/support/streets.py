"""A channel whose pictures show bright blocks on black, and a detector and tracker that read them: a working fake.

Each block is one object, told apart by its brightness: the object's id is the brightness divided by 10.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo

import numpy as np

from edge.model.geometry import Box
from edge.model.scene import (
    NOTHING_OBSERVED,
    Detection,
    Detections,
    Expected,
    Frame,
    Observation,
    Origin,
    Picture,
    Scene,
    Sighting,
    Track,
)
from edge.pipeline import ChannelPipeline
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from edge.track.learned import LearnedRuler

SIZE = (160, 120)
START_US = 1_700_000_000_000_000
FAULT_GREY = 255
"""A picture of this brightness in its first pixel makes the detector fail."""


def block_frame(
    number: int,
    blocks: Mapping[int, float],
    *,
    channel_id: str = "c",
    size: tuple[int, int] = SIZE,
    fault: bool = False,
) -> Frame:
    """Return frame `number` (10 a second) with blocks, object number to its place from left (0) to right (1)."""
    width, height = size
    luma = np.zeros((height, width), np.uint8)
    for object_id, place in blocks.items():
        left = round(place * width) - 8
        luma[height // 2 - 20 : height // 2 + 20, max(left, 0) : left + 16] = object_id * 10
    if fault:
        luma[0, 0] = FAULT_GREY
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    return Frame(channel_id, number, START_US + number * 100_000, number / 10, Picture(luma, chroma, chroma))


class BlockDetector:
    """Finds the blocks; raises RuntimeError at a picture that asks for it."""

    def detect(self, frame: Frame, known: Sequence[Expected]) -> Detections:  # noqa: ARG002 - a detector's arguments
        luma = frame.picture.y
        if luma[0, 0] == FAULT_GREY:
            raise RuntimeError("the picture asks for a fault")
        height, width = luma.shape
        found = []
        for grey in np.unique(luma[luma > 0]).tolist():
            rows, columns = np.nonzero(luma == grey)
            box = Box(
                columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height
            )
            found.append(Detection(box, 1.0, str(grey // 10)))
        return Detections(tuple(found))


class BlockTracker:
    """Follows the blocks; confirms at first sight, loses at the first frame without."""

    def __init__(self, first_object_id: int) -> None:
        self._first_id = first_object_id
        self._tracks: dict[str, Track] = {}
        self.last_object_id = first_object_id - 1

    def expected(self, stream_s: float) -> Sequence[Expected]:  # noqa: ARG002 - a tracker's arguments
        return [Expected(track.object_id, track.box) for track in self._tracks.values()]

    def update(self, frame: Frame, detections: Detections) -> Scene:
        now_s = frame.stream_s
        seen = {found.label: self._track(found, now_s) for found in detections.items}
        ended = tuple(track for label, track in self._tracks.items() if label not in seen)
        self._tracks = seen
        return Scene(
            frame.channel_id,
            frame.time_us,
            now_s,
            frame.picture.aspect,
            tuple(seen.values()),
            ended,
            detections.settled,
        )

    def rest(self, last: Scene) -> None:
        """Nothing is held back."""

    def _track(self, found: Detection, now_s: float) -> Track:
        before = self._tracks.get(found.label)
        if before is None:
            self.last_object_id += 1
        object_id = self.last_object_id if before is None else before.object_id
        first_s = now_s if before is None else before.first_s
        sighting = Sighting(now_s, found.box)
        return Track(object_id, found.box, Origin.PEDESTRIAN, 1.0, first_s, now_s, (sighting,), moved_s=now_s)


class BlockObserver:
    """Watches nothing else."""

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:  # noqa: ARG002
        return NOTHING_OBSERVED

    def change_rules(self, channel: ChannelSettings) -> None:
        """Take note of nothing."""


def build_blocks(channel: ChannelSettings, first_object_id: int, zone: tzinfo = UTC) -> ChannelPipeline:
    """Return a pipeline for such pictures."""
    tracker, rules = BlockTracker(first_object_id), make_rules(channel, zone)
    return ChannelPipeline(BlockDetector(), tracker, BlockObserver(), rules, LearnedRuler())


def block_channel(
    channel_id: str = "c", rules: Iterable[LineSettings] = (), *, objects: bool = True
) -> ChannelSettings:
    """Return a channel."""
    source = SourceSettings(demo=DemoSettings())
    return ChannelSettings(
        name=f"Camera {channel_id}", id=channel_id, source=source, rules=tuple(rules), objects=objects
    )


def middle_line(name: str = "Middle", *, snapshot: bool = True) -> LineSettings:
    """Return a line down the middle of the picture."""
    return LineSettings(line=name, id=f"id of {name}", points=((0.5, 0.0), (0.5, 1.0)), snapshot=snapshot)
