"""The annotated clip that `edge replay --annotate` writes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import tzinfo
from pathlib import Path

from edge.cli.errors import CommandError
from edge.model.event import Direction
from edge.model.scene import Frame
from edge.picture.annotate import AnnotatedClip
from edge.picture.board import View
from edge.picture.draw import draw
from edge.picture.trails import Trails
from edge.pipeline import PipelineResult
from edge.settings import ChannelSettings


class Recording:
    """Draws every analysed frame with boxes, trails, lines and counts, into a clip."""

    def __init__(self, clip: AnnotatedClip, channel: ChannelSettings, zone: tzinfo) -> None:
        self._clip = clip
        self._rules = channel.rules
        self._zone = zone
        self._trails = Trails()
        self._counts: Counter[tuple[str, Direction]] = Counter()

    def add(self, frame: Frame, result: PipelineResult) -> None:
        """Add one frame with what it gave."""
        self._trails.update(result.scene)
        self._counts.update((event.rule_id, event.direction) for event in result.events if event.direction)
        view = View(frame, result.scene)
        image = draw(view, self._rules, self._counts, trails=self._trails.points(), timezone=self._zone)
        self._clip.write(image, frame.stream_s)


@contextmanager
def recording(path: Path, channel: ChannelSettings, zone: tzinfo) -> Iterator[Recording]:
    """Open a recording; the file is complete afterwards, also after an interruption.

    Raises CommandError where it cannot be written.
    """
    try:
        with closing(AnnotatedClip(path, channel.analysis.fps)) as clip:
            yield Recording(clip, channel, zone)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise CommandError(f"{path}: cannot be written ({error.strerror}); name another file") from None
