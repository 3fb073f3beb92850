"""Where a camera is now: at the address of the settings, or wherever its endpoint id answers."""

import logging
import socket

from edge.capture.onvif.answers import Found
from edge.capture.onvif.discovery import ask, discover
from edge.capture.onvif.hello import Ear
from edge.capture.onvif.known import KnownCameras
from edge.capture.onvif.place import Place, device_place
from edge.capture.source import CameraStatus, CaptureError
from edge.settings import OnvifSettings

_log = logging.getLogger("edge.capture")
_ASK_S = 0.5
_SEARCH_S = 2.0
_LOOK_UP_S = 1.5
_CONNECT_S = 2.0


class Locator:
    """Finds one channel's camera again and again, and learns its endpoint id."""

    def __init__(self, channel_id: str, settings: OnvifSettings, known: KnownCameras) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._known = known
        self._last: Place | None = None
        self._searched = False
        self._ear: Ear | None = None

    def announced(self) -> bool:
        """Tell whether the camera has announced itself, at whatever address, since this was asked for the first time.

        It is listened for from then on, until `close`.
        """
        endpoint = self._endpoint
        if not endpoint:
            return False
        if self._ear is None:
            self._ear = Ear()
        return self._ear.heard(endpoint)

    def close(self) -> None:
        """Listen for nothing any more."""
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.close()

    def locate(self) -> Place:
        """Return where the camera's device service is. CaptureError where nobody answers.

        The address of the settings comes first. Where nobody answers there, or another camera, the endpoint id is
        looked for in the network. Blocks for some 5 s at most.
        """
        settings = self._settings
        endpoint = self._endpoint
        home = device_place(settings.host, settings.port)
        there = ask(settings.host, _ASK_S)
        if there is not None and endpoint in {"", there.endpoint}:
            return self._at_home(home, there.endpoint)
        if there is None and (not endpoint or self._last is None) and _connects(home):
            return self._at_home(home, endpoint or self._look_up(home))
        if not endpoint:
            return home  # the call that follows says what is wrong there
        found = self._search(endpoint)
        if found is not None:
            return self._moved(found)
        return self._not_found(home, there)

    @property
    def _endpoint(self) -> str:
        return self._settings.endpoint or self._known.endpoint(self._channel_id, self._settings.host)

    def _at_home(self, home: Place, endpoint: str) -> Place:
        self._last = None
        if endpoint:
            self._learn(endpoint)
        return home

    def _moved(self, found: Found) -> Place:
        if found.place != self._last:
            _log.warning(
                "%s is now at %s, found again by its endpoint id; set source.onvif.host to %s, or give the camera a"
                " fixed address",
                self._settings.host,
                found.place.shown,
                found.place.host,
            )
        self._last = found.place
        return found.place

    def _not_found(self, home: Place, there: Found | None) -> Place:
        if there is None:
            return home
        if self._settings.endpoint:
            text = f"is another camera now ({there.endpoint}), and the one of source.onvif.endpoint does not answer"
            raise CaptureError(CameraStatus.NOT_FOUND, f"{home.shown} {text}; check its power, or correct the endpoint")
        _log.warning("%s is another camera than before (%s): taken as its replacement", home.shown, there.endpoint)
        return self._at_home(home, there.endpoint)

    def _search(self, endpoint: str) -> Found | None:
        found = discover(_SEARCH_S, lambda found: found.endpoint == endpoint)
        return next((each for each in found if each.endpoint == endpoint), None)

    def _look_up(self, home: Place) -> str:
        """Return the endpoint id of the camera at an address, empty where it tells none; looked for once."""
        if self._searched:
            return ""
        self._searched = True
        host = _address(home.host)
        found = discover(_LOOK_UP_S, lambda found: found.place.host == host)
        return next((each.endpoint for each in found if each.place.host == host), "")

    def _learn(self, endpoint: str) -> None:
        if not self._settings.endpoint:
            self._known.learn(self._channel_id, self._settings.host, endpoint)


def _connects(place: Place) -> bool:
    try:
        with socket.create_connection((place.host, place.port), _CONNECT_S):
            return True
    except (OSError, UnicodeError):
        return False


def _address(host: str) -> str:
    try:
        return socket.gethostbyname(host)
    except (OSError, UnicodeError):
        return host
