"""The frames of a clip that a channel's settings have analysed, with progress on standard error."""

import sys
from collections.abc import Generator
from contextlib import closing

from edge.app.system import SystemClock
from edge.capture.file import FileSource
from edge.capture.gate import Gate
from edge.capture.source import Pause
from edge.cli.replay_output import Progress
from edge.model.scene import Frame
from edge.settings import ChannelSettings, FileSettings


def played_frames(channel: ChannelSettings, clip: FileSettings) -> Generator[Frame, None, None]:
    """Give them as fast as they are taken; CaptureError where the clip cannot be played."""
    source = FileSource(channel.id, clip, SystemClock())
    gate = Gate(channel)
    source.open()
    with closing(source), Progress(sys.stderr, source.duration_s) as progress:
        while (frame := source.read()) is not None:
            if isinstance(frame, Pause):
                continue
            progress.reach(frame.stream_s)
            admitted = gate.admit(frame)
            if admitted is not None:
                yield admitted
