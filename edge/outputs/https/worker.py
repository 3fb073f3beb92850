"""The worker for HTTPS: asks for the front, looks at what it serves, and asks anew when the owner's files change."""

import logging
import math
import threading
import time
from collections.abc import Callable

from edge.config.certificate import BadCertificate, Pair, read_pair
from edge.health import Health, HttpsHealth
from edge.outputs.https.front import Front, FrontError
from edge.outputs.https.look import Place, end_of, served, term_text
from edge.outputs.https.wish import addresses_of, reached_at, wish
from edge.settings import ApiSettings

LOG = logging.getLogger("edge.https")
NAME = "https"
NOTICE = "certificate"
LOOK_S = 20.0
PATIENCE_S = 3.0
"""Short: the front says when it serves, and a worker that waits counts as well until it fails."""
_TURN_S = 0.5


class HttpsWorker:
    """Keeps HTTPS served as `api` says, until it is told to stop; the front itself stays, for whoever comes next."""

    name = NAME

    def __init__(self, api: ApiSettings, front: Front, health: Health, *, look_s: float = LOOK_S) -> None:
        self._api = api
        self._front = front
        self._health = health
        self._look_s = look_s

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Serve; raise FrontError where that cannot be, or is no longer so."""
        beat()
        try:
            while not stop.is_set():
                self._serve(stop, beat)
        finally:
            self._health.set_https(None)
            self._health.set_notice(NOTICE, "")

    def _serve(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Serve until `stop`, or until the files have changed."""
        pair = self._pair()
        addresses = addresses_of(self._api)
        self._front.ask(wish(self._api, addresses, pair), beat)
        place = reached_at(addresses[0]), self._api.port
        seen = self._look(place, pair, stop, beat)
        LOG.info("HTTPS on port %d of %s, certificate SHA-256 %s", self._api.port, ", ".join(addresses), seen)
        end_s = self._end(place, pair)
        fault = ""
        while not stop.is_set():
            self._health.set_notice(NOTICE, fault or term_text(end_s, time.time()))
            self._health.set_https(HttpsHealth(self._api.port, seen))
            _rest(self._look_s, stop, beat)
            changed, fault = self._renewed(pair)
            if stop.is_set() or changed:
                return
            seen = self._look(place, pair, stop, beat)

    def _pair(self) -> Pair | None:
        """Return the owner's certificate and key; None where the device makes its own. Raises FrontError."""
        tls = self._api.tls
        if tls.mode != "files":
            return None
        try:
            return read_pair(tls.cert_file, tls.key_file)
        except BadCertificate as wrong:
            raise FrontError(f"HTTPS cannot be served: api.tls.{wrong.key}: {wrong.text}") from None

    def _end(self, place: Place, pair: Pair | None) -> float:
        """Return when the owner's certificate ends, Unix time in s. The device's own outlasts the device."""
        try:
            return math.inf if pair is None else end_of(place, pair.certificate)
        except OSError as error:
            LOG.warning("when the certificate ends is not known: %s", error)
            return math.inf

    def _renewed(self, before: Pair | None) -> tuple[bool, str]:
        """Tell whether the files hold others now, and why those cannot be used: then those before stay."""
        try:
            return self._pair() != before, ""
        except FrontError as wrong:
            return False, f"{wrong}; the certificate before it stays in use until the next start"

    def _look(self, place: Place, pair: Pair | None, stop: threading.Event, beat: Callable[[], None]) -> str:
        """Return the fingerprint of the certificate that is served. Raises FrontError."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            beat()
            try:
                seen = served(place)
                break
            except OSError as error:
                if stop.is_set() or time.monotonic() > end_s:
                    host, port = place
                    text = f"HTTPS does not answer on {host} port {port} ({error}); `journalctl -u edge-tls` says why"
                    raise FrontError(text) from error
            _rest(_TURN_S, stop, beat)
        if pair is not None and pair.fingerprint != seen:
            raise FrontError(f"another program answers on port {place[1]}; stop it, or set api.port")
        return seen


def _rest(seconds: float, stop: threading.Event, beat: Callable[[], None]) -> None:
    until_s = time.monotonic() + seconds
    while not stop.is_set() and (left_s := until_s - time.monotonic()) > 0:
        beat()
        stop.wait(min(left_s, 2.0))
