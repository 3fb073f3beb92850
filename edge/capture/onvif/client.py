"""Calls to one camera: signed as it wants them, refusals told apart."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from edge.capture import digest
from edge.capture.deadline import Deadline
from edge.capture.onvif.http import Reply, post
from edge.capture.onvif.place import Place, bracketed
from edge.capture.onvif.soap import Fault, Refusal, envelope, fault_of, refusal_of, username_token
from edge.capture.onvif.xml import first, number_of, parse
from edge.capture.source import CameraStatus, CaptureError
from edge.model.clock import Clock

_CALL_S = 5.0
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_BASIC = (
    "it wants the password readable, which is not sent; choose Digest in the camera's settings, or, in a network of"
    " your own, set source.onvif.basic: true"
)
CLOCK_OFF_S = 60.0
"""A camera's clock that differs by more is worth a word."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are; no username: nobody. With `basic` the password may travel readable where nothing else is taken."""

    username: str = ""
    password: str = field(default="", repr=False)
    basic: bool = False


class FaultError(Exception):
    """The camera answered a call with a fault that is not about who we are."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class Client:
    """One camera for the time of one look at it. Every call ends by `deadline`, each one after 5 s at most.

    Calls are signed with a WS-Security token by the camera's own clock; one that answers with an HTTP digest challenge
    gets HTTP digest from then on, one that takes HTTP Basic only gets that where the login allows it. A call that is
    refused is not tried again: cameras lock accounts.
    """

    def __init__(self, place: Place, login: Login, clock: Clock, deadline: Deadline) -> None:
        self.place = place
        self._login = login
        self._clock = clock
        self._deadline = deadline
        self._by_http = False
        self._basic = ""
        self.clock_off_s: float | None = None

    def read_clock(self) -> None:
        """Ask for the camera's clock, without signing; what it says is what later calls are signed by.

        `clock_off_s` is how far it is ahead of ours, None where it tells no time. CaptureError where this is no camera.
        """
        try:
            answer = self._ask(self.place, f'<GetSystemDateAndTime xmlns="{DEVICE}"/>', signed=False)
        except FaultError:
            return
        except CaptureError as error:
            if self._by_http or error.status not in {CameraStatus.WRONG_PASSWORD, CameraStatus.CLOCK_OFF}:
                raise
            return  # it wants a password even for this
        told = _moment(answer)
        if told is not None:
            self.clock_off_s = (told - self._now()).total_seconds()

    def call(self, body: str, place: Place | None = None) -> Element:
        """Make a call of the device service, or of the one at `place`; return the body of the answer.

        Raises FaultError, and CaptureError where the camera refuses us, is lost, or does not speak ONVIF. A service on
        another port that does not answer there is asked at the port of the device service.
        """
        where = place or self.place
        try:
            return self._ask(where, body, signed=True)
        except CaptureError as error:
            moved = Place(self.place.host, self.place.port, where.path, self.place.encrypted)
            if moved == where or error.status not in {CameraStatus.REFUSED, CameraStatus.UNREACHABLE}:
                raise
        return self._ask(moved, body, signed=True)

    def _ask(self, place: Place, body: str, *, signed: bool) -> Element:
        signed = signed and bool(self._login.username)
        token = self._token() if signed and not self._by_http else ""
        reply = self._post(place, envelope(body, token), self._basic)
        if reply.status == _UNAUTHORIZED and self._login.username and not self._basic:
            who = self._answer(place, reply)
            if who:
                self._by_http = True
                reply = self._post(place, envelope(body), who)
        return self._body(place, reply)

    def _answer(self, place: Place, reply: Reply) -> str:
        """Return what answers a challenge; empty where nothing of it can, or may, be answered."""
        challenge = digest.choose(reply.challenges)
        if challenge is not None:
            return digest.authorization(challenge, place.path, self._login.username, self._login.password)
        if self._login.basic and digest.offers_basic(reply.challenges):
            self._basic = digest.basic(self._login.username, self._login.password)
        return self._basic

    def _post(self, place: Place, message: bytes, authorization: str = "") -> Reply:
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        if authorization:
            headers["Authorization"] = authorization
        return post(place, headers, message, self._deadline.sooner(_CALL_S))

    def _token(self) -> str:
        moment = self._now() + timedelta(seconds=self.clock_off_s or 0.0)
        return username_token(self._login.username, self._login.password, moment)

    def _now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._clock.now_us())

    def _body(self, place: Place, reply: Reply) -> Element:
        root = parse(reply.body)
        fault = None if root is None else fault_of(root)
        refusal = fault.refusal if fault else None
        if refusal is None and reply.status in {_UNAUTHORIZED, _FORBIDDEN}:
            refusal = refusal_of(reply.body.decode(errors="replace")) or Refusal.PASSWORD
        in_words = reply.status == _UNAUTHORIZED and not self._by_http and digest.offers_basic(reply.challenges)
        if in_words and fault is None and self._login.username:
            raise CaptureError(CameraStatus.NO_LOGIN, f"{place.shown} takes HTTP Basic only: {_BASIC}")
        if refusal is not None:
            raise self._refused(place, refusal, f"; or else {_BASIC}" if in_words else "")
        if fault is not None:
            raise FaultError(fault)
        body = first(root, "Envelope", "Body")
        if body is None:
            raise CaptureError(CameraStatus.NOT_ONVIF, f"{place.shown} {_foreign(place, reply)}")
        return body

    def _refused(self, place: Place, refusal: Refusal, more: str) -> CaptureError:
        if refusal is Refusal.LOCKED:
            text = (
                "has locked the account after too many wrong passwords; correct the password, then wait or restart it"
            )
            return CaptureError(CameraStatus.LOCKED, f"{place.shown} {text}")
        if refusal is Refusal.CLOCK or (self.clock_off_s is None and self._login.username and not self._by_http):
            text = (
                "refuses the login because of its clock; set the camera's clock, best by NTP, then check the password"
            )
            return CaptureError(CameraStatus.CLOCK_OFF, f"{place.shown} {text}")
        if not self._login.username:
            text = "wants a user name and a password; set username and password_file in source.onvif"
        else:
            text = "refuses the user name or password; check username and password in source.onvif, and that this"
            text += " user may use ONVIF: many cameras keep ONVIF users apart from others"
        if self.clock_off_s is not None and abs(self.clock_off_s) > CLOCK_OFF_S:
            text += f" (its clock is {off_in_words(self.clock_off_s)}: set it too)"
        text += more if self._login.username else ""
        return CaptureError(CameraStatus.WRONG_PASSWORD, f"{place.shown} {text}")


def off_in_words(seconds: float) -> str:
    """Return how far a clock is off, `3 h ahead`."""
    side = "ahead" if seconds > 0 else "behind"
    size = abs(seconds)
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if size >= 2 * length or (unit == "h" and size >= length):
            return f"{size / length:.0f} {unit} {side}"
    return f"{size:.0f} s {side}"


def _foreign(place: Place, reply: Reply) -> str:
    if re.match(r"https://", reply.location):
        return "wants an encrypted connection; set source.onvif.port: 443"
    return (
        f"answers (HTTP {reply.status}), but not as ONVIF does at http://{bracketed(place.host)}:{place.port}{place.path};"
        " check source.onvif.port, and switch ONVIF on in the camera"
    )


def _moment(answer: Element) -> datetime | None:
    told = first(answer, "UTCDateTime")
    if told is None:
        told = first(answer, "LocalDateTime")
    year, month, day = (round(number_of(told, "Date", name)) for name in ("Year", "Month", "Day"))
    hour, minute, second = (round(number_of(told, "Time", name)) for name in ("Hour", "Minute", "Second"))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
