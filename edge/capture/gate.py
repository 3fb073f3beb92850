"""What of a camera goes on: the frames that are analysed, their private parts painted over. No frame goes round it."""

from edge.capture.privacy import PrivacyPainter
from edge.capture.timeline import RESTING_FPS, Thinner
from edge.model.scene import Frame
from edge.settings import ChannelSettings


class Gate:
    """One channel's; the capture worker and `edge replay` let every frame through it. Only what goes on is painted."""

    def __init__(self, channel: ChannelSettings) -> None:
        self._thinner = Thinner(channel.analysis.fps)
        self._resting = Thinner(RESTING_FPS)
        self._painter = PrivacyPainter(channel.masks)

    def admit(self, frame: Frame, *, resting: bool = False) -> Frame | None:
        """Return the frame as everything else may see it; None where it is one too many.

        While the channel is `resting`, nothing is analysed and a picture a second is enough.
        """
        thinner = self._resting if resting else self._thinner
        return self._painter.painted(frame) if thinner.wants(frame.stream_s) else None
