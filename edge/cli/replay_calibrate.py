"""`edge replay VIDEO --calibrate`: a ruler for the channel, learnt from the people in the clip."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TextIO

from edge.cli.errors import CommandError
from edge.cli.replay_frames import played_frames
from edge.model.calibration import SURE_ENOUGH, Calibration
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, FileSettings

_HIGH = 0.75
_TO_DO = (
    "play a longer clip of the same view in which more people walk one by one, or measure a standing person by hand"
)


def calibrate(channel: ChannelSettings, clip: FileSettings, zone: tzinfo, out: TextIO, words: TextIO) -> int:
    """Play the clip and write the ruler to `out`, what to do with it to `words`; return the exit code.

    Rulers that the channel has do not count. CommandError where nobody walks in the clip.
    """
    name = Path(clip.path).name
    found, stream_s = learn(replace(channel, calibration=()), clip, zone)
    if found is None or not found.rulers:
        raise CommandError(f"{name}: nobody was seen walking upright, whole and alone; {_TO_DO}")
    out.writelines(f"{line}\n" for line in block(found, name))
    words.write(f"played {stream_s:.1f} s of video: {advice(found)}\n")
    return 0


def learn(channel: ChannelSettings, clip: FileSettings, zone: tzinfo) -> tuple[Calibration | None, float]:
    """Return what a clip teaches of the channel's scale, and how long it is in seconds."""
    pipeline, stream_s = build_pipeline(channel, 1, zone), 0.0
    with closing(played_frames(channel, clip)) as frames:
        for frame in frames:
            pipeline.process(frame)
            stream_s = frame.stream_s
    return pipeline.calibration, stream_s


def block(found: Calibration, name: str) -> Iterable[str]:
    """Return the lines to be pasted under the channel."""
    people = "1 person" if found.people == 1 else f"{found.people} people"
    yield f"    calibration:  # from {people} in {_one_line(name)}; sure: {found.sure:.2f}, {_in_words(found)}"
    for ruler in found.rulers:
        yield f"      - {{foot: [{ruler.foot.x:.3f}, {ruler.foot.y:.3f}], height: {ruler.height:.3f}}}"


def advice(found: Calibration) -> str:
    """Return what to do with a ruler that was found so surely."""
    if not found.is_sure:
        return f"unsure (below {SURE_ENOUGH}); {_TO_DO}"
    if len(found.rulers) == 1:
        return "paste it under the channel; all walked at one distance: elsewhere it may be wrong"
    return "paste it under the channel"


def _in_words(found: Calibration) -> str:
    if found.sure >= _HIGH:
        return "high"
    return "fair" if found.is_sure else "low"


def _one_line(name: str) -> str:
    """Return a file's name without what would end a YAML comment."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
