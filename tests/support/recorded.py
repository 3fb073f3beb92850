"""A clip as a device analyses it, in short: into an event log and a log of tracks, as fast as possible."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

from edge.app.system import SystemClock
from edge.capture.file import FileSource
from edge.capture.source import Pause
from edge.capture.timeline import Thinner
from edge.model.scene import Frame, Scene
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, FileSettings
from edge.store.event_log import EventLog
from edge.store.track_log import TrackLog


def frames(clip: Path, channel: ChannelSettings, until_s: float) -> Iterator[Frame]:
    """Yield the frames of a clip that are analysed, up to `until_s` seconds."""
    source = FileSource(channel.id, FileSettings(path=str(clip), loop=False, realtime=False), SystemClock())
    thinner = Thinner(channel.analysis.fps)
    source.open()
    with closing(source):
        while (frame := source.read()) is not None:
            if isinstance(frame, Pause):
                continue
            if frame.stream_s > until_s:
                return
            if thinner.wants(frame.stream_s):
                yield frame


def record(
    clip: Path,
    channel: ChannelSettings,
    log: EventLog,
    tracks: TrackLog,
    watch: Callable[[Scene], None],
    *,
    until_s: float = 1e9,
) -> None:
    """Analyse a clip to its end; `watch` sees every scene too."""
    pipeline = build_pipeline(channel, 1, UTC)
    frame: Frame | None = None
    for frame in frames(clip, channel, until_s):
        result = pipeline.process(frame)
        tracks.add(result.scene)
        log.append(result.events, frame.time_us)
        watch(result.scene)
        if frame.sequence % 300 == 0:
            tracks.write()
    if frame is not None:
        log.append(pipeline.close(frame.time_us, frame.stream_s), frame.time_us)
    tracks.end(channel.id)
    tracks.write()
    assert log.flush(60)
