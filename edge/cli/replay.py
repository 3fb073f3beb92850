"""`edge replay VIDEO`: a file through the same pipeline, as fast as possible, on the clip's own clock."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from edge.app.system import SystemClock, local_zone
from edge.capture.source import CaptureError
from edge.cli.errors import CommandError
from edge.cli.replay_calibrate import calibrate
from edge.cli.replay_frames import played_frames
from edge.cli.replay_output import Lines, Totals
from edge.cli.replay_recording import recording
from edge.cli.settings_file import load_settings
from edge.cli.streams import drop_output
from edge.health import Health
from edge.model.event import Event
from edge.model.scene import Frame
from edge.pipeline import PipelineResult, build_pipeline
from edge.settings import ChannelSettings, DetectorSettings, FileSettings, Settings, SourceSettings
from edge.settings.ids import with_ids
from edge.store.errors import StoreError
from edge.store.event_log import EventLog
from edge.store.query import EventQuery

EXIT_INTERRUPTED = 130
_FLUSH_S = 30.0
_BATCH = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the clip")
    parser.add_argument("--config", type=Path, metavar="FILE", help="take a channel's rules from this file")
    parser.add_argument("--channel", metavar="NAME", help="which channel of it (default: the first)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line, in REST's form")
    parser.add_argument("--annotate", type=Path, metavar="OUT.mp4", help="write the clip with what was seen drawn in")
    form.add_argument("--calibrate", action="store_true", help="no events: a ruler, learnt from the people in the clip")


def run(args: argparse.Namespace) -> int:
    """Play the clip; events go to standard output, totals and progress to standard error."""
    if not args.video.is_file():
        raise CommandError(f"{args.video}: there is no such file; give the path of a video")
    if args.annotate and args.annotate.resolve() == args.video.resolve():
        raise CommandError(f"{args.annotate}: is the clip itself; name another file for --annotate")
    if args.annotate and args.calibrate:
        raise CommandError("--calibrate writes no clip; leave --annotate out")
    settings = load_settings(args.config) if args.config else Settings()
    channel, clip = replayed(settings, args.channel, args.video)
    zone = local_zone(settings.device.timezone)
    if args.calibrate:
        return _calibrate(channel, clip, zone)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-replay-"))
        log = EventLog(Path(folder), SystemClock(), timezone=zone, retention=settings.retention, health=Health())
        stack.enter_context(closing(log))
        watchers = []
        if args.annotate:
            watchers.append(stack.enter_context(recording(args.annotate, channel, zone)).add)
        try:
            log.open()
            return _replay(Replay(channel, clip, log, Lines(sys.stdout, zone, as_json=args.json), zone, watchers))
        except (CaptureError, StoreError) as error:
            raise CommandError(str(error)) from None


def _calibrate(channel: ChannelSettings, clip: FileSettings, zone: tzinfo) -> int:
    try:
        return calibrate(channel, clip, zone, sys.stdout, sys.stderr)
    except CaptureError as error:
        raise CommandError(str(error)) from None


def replayed(settings: Settings, name: str | None, video: Path) -> tuple[ChannelSettings, FileSettings]:
    """Return the named channel, else the first, else a plain one, with the clip for its camera; and the clip."""
    found = [channel for channel in settings.channels if name in (None, channel.name)]
    if name is not None and not found:
        known = ", ".join(channel.name for channel in settings.channels) or "none: name the file with --config"
        raise CommandError(f'there is no channel "{name}"; there is {known}')
    plain = ChannelSettings(name=video.stem[:200] or "clip", source=SourceSettings())
    channel = found[0] if found else plain
    clip = replace(channel.source.file or FileSettings(path="-"), path=str(video), loop=False, realtime=False)
    if channel.detector.kind == "imx500":
        sys.stderr.write("the network is in the camera's sensor: the clip is played with the detector motion\n")
        channel = replace(channel, detector=DetectorSettings())
    channel = replace(channel, source=SourceSettings(file=clip))
    return with_ids(replace(settings, channels=(channel,))).channels[0], clip


def _replay(replay: "Replay") -> int:
    """Play to the end; whoever interrupts gets the totals up to there."""
    code, how = 0, "played"
    try:
        replay.play()
    except KeyboardInterrupt:
        code, how = EXIT_INTERRUPTED, "interrupted after"
    except BrokenPipeError:  # whoever read the events has enough
        drop_output()
        how = "broken off after"
    replay.totals.write(sys.stderr, f"{how} {replay.stream_s:.1f} s of video")
    return code


class Replay:
    """One clip on its way through its channel's pipeline into a store of its own.

    `watchers` are called with each frame and its result.
    """

    def __init__(
        self,
        channel: ChannelSettings,
        clip: FileSettings,
        log: EventLog,
        lines: Lines,
        zone: tzinfo,
        watchers: Sequence[Callable[[Frame, PipelineResult], None]] = (),
    ) -> None:
        self.stream_s = 0.0
        self.totals = Totals()
        self._channel = channel
        self._clip = clip
        self._log = log
        self._lines = lines
        self._zone = zone
        self._watchers = watchers
        self._told_id = 0

    def play(self) -> None:
        """Analyse every frame in lockstep, and tell each event as it comes."""
        pipeline = build_pipeline(self._channel, 1, self._zone)
        frame: Frame | None = None
        try:
            with closing(played_frames(self._channel, self._clip)) as frames:
                for frame in frames:
                    self.stream_s = frame.stream_s
                    result = pipeline.process(frame)
                    self._tell(result.events, frame)
                    for watch in self._watchers:
                        watch(frame, result)
        finally:
            if frame is not None:
                self._tell(pipeline.close(frame.time_us, frame.stream_s), frame)

    def _tell(self, events: Sequence[Event], frame: Frame) -> None:
        """Commit a frame's events and write them as the store gives them back, with their ids."""
        if not events:
            return
        self._log.append(events, frame.time_us)
        self._log.flush(_FLUSH_S)
        while stored := self._log.select(EventQuery(since_id=self._told_id, limit=_BATCH)):
            self._told_id = stored[-1].event_id
            for one in stored:
                self.totals.add(one.event)
                self._lines.write(one)
