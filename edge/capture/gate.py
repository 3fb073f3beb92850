"""What of a camera goes on: the frames that are analysed, their private parts painted over. No frame goes round it."""

from edge.capture.privacy import PrivacyPainter
from edge.capture.timeline import Thinner
from edge.model.scene import Frame
from edge.settings import ChannelSettings


class Gate:
    """One channel's; the capture worker and `edge replay` let every frame through it. Only what goes on is painted."""

    def __init__(self, channel: ChannelSettings) -> None:
        self._thinner = Thinner(channel.analysis.fps)
        self._painter = PrivacyPainter(channel.masks)

    def admit(self, frame: Frame) -> Frame | None:
        """Return the frame as everything else may see it; None where it is one too many."""
        return self._painter.painted(frame) if self._thinner.wants(frame.stream_s) else None
