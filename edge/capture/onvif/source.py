"""A network camera by ONVIF: asked for its stream at each opening, then played by RTSP."""

import logging

from edge.capture.address import password_of
from edge.capture.deadline import Deadline
from edge.capture.onvif.client import CLOCK_OFF_S, Client, Login, off_in_words
from edge.capture.onvif.known import KnownCameras
from edge.capture.onvif.locate import Locator
from edge.capture.onvif.place import Place
from edge.capture.onvif.resolve import Resolved, resolve
from edge.capture.rtsp import RtspSource
from edge.capture.source import CaptureError, Counts, Pause, Stream
from edge.model.clock import Clock
from edge.model.scene import Frame
from edge.settings import OnvifSettings, RtspSettings

_log = logging.getLogger("edge.capture")
_RESOLVE_S = 20.0
_KNOCK_S = 1.0


class OnvifSource:
    """Plays the chosen stream of an ONVIF camera.

    Each opening asks anew where the camera is and what it streams: both may have changed. What is chosen is logged when
    it changes, and stands in `stream`.
    """

    def __init__(
        self, channel_id: str, settings: OnvifSettings, clock: Clock, known: KnownCameras | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._locator = Locator(channel_id, settings, known or KnownCameras())
        self._rtsp = RtspSource(channel_id, RtspSettings(url=""), clock)
        self._place: Place | None = None
        self._chosen: Resolved | None = None
        self._answered = False
        self._clock_said = False

    @property
    def stream(self) -> Stream | None:
        """What is played; None before the first choice."""
        if self._chosen is None:
            return None
        profile = self._chosen.profile
        return Stream(profile.name, profile.token, profile.shown)

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        return self._rtsp.counts

    @property
    def keys_only(self) -> bool:
        """Whether key frames alone are decoded."""
        return self._rtsp.keys_only

    @keys_only.setter
    def keys_only(self, value: bool) -> None:
        self._rtsp.keys_only = value

    def open(self) -> None:
        """Find the camera, ask it for its stream, connect; CaptureError where one of these fails."""
        self.close()
        self._answered, self._place = False, None
        password = password_of(self._settings)
        self._place = self._locator.locate()
        login = Login(self._settings.username, password, self._settings.basic)
        client = Client(self._place, login, self._clock, Deadline.after(_RESOLVE_S))
        chosen = resolve(client, self._settings.profile, self._settings.transport)
        self._answered = True
        self._tell(client, chosen)
        self._rtsp.point_at(
            RtspSettings(
                url=chosen.url,
                username=login.username,
                password=password,
                transport=self._settings.transport,
                timeout_s=self._settings.timeout_s,
            )
        )
        self._rtsp.open()

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none came for up to 2 s; CaptureError where the stream is lost."""
        return self._rtsp.read()

    def close(self) -> None:
        """Let go of the camera."""
        self._locator.close()
        self._rtsp.close()

    def knock(self) -> bool:
        """Tell whether that answers which did not the last time: the device service, or the stream's server.

        A camera that has just started may say so itself, also from another address.
        """
        if self._locator.announced():
            return True
        if self._answered:
            return self._rtsp.knock()
        if self._place is None:
            return False
        try:
            Client(self._place, Login(), self._clock, Deadline.after(_KNOCK_S)).read_clock()
        except CaptureError:
            return False
        return True

    def _tell(self, client: Client, chosen: Resolved) -> None:
        if chosen != self._chosen:
            profile = chosen.profile
            _log.info("%s: profile %s (%s), %s", client.place.shown, profile.token, profile.name, profile.shown)
        self._chosen = chosen
        off_s = client.clock_off_s or 0.0
        if abs(off_s) > CLOCK_OFF_S and not self._clock_said:
            self._clock_said = True
            _log.warning("%s: the camera's clock is %s; set it, best by NTP", client.place.shown, off_in_words(off_s))
