"""Questions to a camera's web server, one at a time: kept connections, logins, redirects. Nothing waits for long."""

import base64
import time

from edge.capture import digest
from edge.capture.source import CameraStatus, CaptureError
from edge.capture.web.address import WebAddress
from edge.capture.web.answer import AnswerReader, Head, NotHttpError
from edge.capture.web.connection import Connection
from edge.settings import HttpTlsSettings

_CONNECT_S = 2.0
_MOST_REDIRECTS = 4
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE, _BUSY, _TOO_MANY = 200, 401, 403, 404, 410, 503, 429
_REDIRECTS = {301, 302, 303, 307, 308}
NOT_MODIFIED = 304


class WebClient:
    """Asks one address. `answer` is the one that is being read.

    `size` counts bytes as they come, `size_came` those of the last call. Moments are monotonic seconds: of the
    question, of the answer's first bytes, of its last.

    The password is sent as the server asks for it: as a digest where it can, and never to another host. Where the
    server closes a kept connection, the question is asked once more on a new one.
    """

    def __init__(self, address: WebAddress, username: str, password: str, tls: HttpTlsSettings | None) -> None:
        self.first = address
        self.address = address
        self.answer = AnswerReader()
        self.size = 0
        self.size_came = 0
        self.asked_s = 0.0
        self.heard_s = 0.0
        self.begun_s = 0.0
        self._username = username
        self._password = password
        self._tls = tls
        self._line: Connection | None = None
        self._challenge: digest.Challenge | None = None
        self._basic = False
        self._count = 0
        self._logins = 0
        self._redirects = 0
        self._kept = False
        self._etag = ""

    def ask(self, etag: str = "") -> None:
        """Send the question, over the kept connection where there is one; blocks for 2 s at most. CaptureError."""
        self._logins = self._redirects = 0
        self._etag = etag
        self._send()

    def receive(self, seconds: float) -> Head | None:
        """Take bytes for up to some seconds; return the head once it is there, of an answer that counts.

        CaptureError where the server refuses us, sends us elsewhere, has closed or does not speak HTTP.
        """
        if self._line is None:
            raise CaptureError(CameraStatus.BROKEN, f"{self.first.shown} is not open")
        data = self._line.receive(seconds)
        self.size_came = len(data or b"")
        if data is None:
            return self._counted()
        self.heard_s = time.monotonic()
        if not self.answer.begun:
            self.begun_s = self.heard_s
        self.size += len(data)
        if not data and not self.answer.begun and self._kept:
            self._drop()
            self._send()
            return None
        try:
            self.answer.feed(data)
        except NotHttpError:
            lost = self._not_http(closed=not data)
        else:
            return self._counted()
        raise lost

    def close(self) -> None:
        """Let go; never raises."""
        self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _send(self) -> None:
        if self._line is not None and not self.answer.reusable:
            self._drop()
        self._kept = self._line is not None
        self.answer = AnswerReader()
        request = self._request()
        if self._line is None or not self._line.send(request):
            self._drop()
            self._kept = False
            self._line = Connection(self.address, self._tls, _CONNECT_S)
            self._line.send(request)
        self.asked_s = self.heard_s = time.monotonic()

    def _request(self) -> bytes:
        lines = [
            f"GET {self.address.target} HTTP/1.1",
            f"Host: {self.address.place}",
            "User-Agent: edge",
            "Accept: image/jpeg, multipart/x-mixed-replace, */*;q=0.5",
            "Connection: keep-alive",
        ]
        if self._etag:
            lines.append(f"If-None-Match: {self._etag}")
        if who := self._authorization():
            lines.append(f"Authorization: {who}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _authorization(self) -> str:
        if self._challenge is not None:
            self._count += 1
            target, method = self.address.target, "GET"
            return digest.authorization(
                self._challenge, target, self._username, self._password, method=method, count=self._count
            )
        if self._basic:
            return "Basic " + base64.b64encode(f"{self._username}:{self._password}".encode()).decode()
        return ""

    def _counted(self) -> Head | None:
        head = self.answer.head
        if head is None:
            return None
        if head.status == _UNAUTHORIZED and self._may_log_in(head):
            self._logins += 1
            self._again()
            return None
        if head.status in _REDIRECTS:
            self._follow(head)
            return None
        if head.status not in {_OK, NOT_MODIFIED}:
            raise self._refused(head.status)
        return head

    def _again(self) -> None:
        """Ask anew; the body of a refusal is not waited for, so its connection goes unless it is whole."""
        self.answer.take()
        self._send()

    def _may_log_in(self, head: Head) -> bool:
        """Take up a challenge; False where the same login was refused already."""
        if not self._username:
            return False
        fresh = digest.choose(head.all("www-authenticate"))
        if fresh is not None:
            tried = self._challenge is not None and self._logins > 0
            self._challenge, self._count, self._basic = fresh, 0, False
            return not tried
        tried, self._basic = self._basic, True
        self._challenge = None
        return not tried and any("basic" in each.lower() for each in head.all("www-authenticate"))

    def _follow(self, head: Head) -> None:
        there = self.address.moved(head.get("location"))
        self._redirects += 1
        if there is None or self._redirects > _MOST_REDIRECTS:
            where = "in circles" if there else "to another place"
            text = f"sends on {where}; open it in a browser, and write the address of the picture itself"
            raise CaptureError(CameraStatus.NO_SUCH_STREAM, f"{self.first.shown} {text}")
        if (there.port, there.encrypted) != (self.address.port, self.address.encrypted):
            self._drop()
        self.address = there
        self._again()

    def _refused(self, status: int) -> CaptureError:
        shown = self.first.shown
        if status in {_UNAUTHORIZED, _FORBIDDEN}:
            if not self._username:
                text = "wants a user name and a password; set username and password_file in source.http"
            else:
                text = "refuses the user name or password; check both in source.http"
            return CaptureError(CameraStatus.WRONG_PASSWORD, f"{shown} {text}")
        if status in {_NOT_FOUND, _GONE}:
            return CaptureError(CameraStatus.NO_SUCH_STREAM, f"{shown} has no such picture; check its path")
        if status in {_BUSY, _TOO_MANY}:
            text = "is busy; lower fps in source.http, and close other viewers of the camera"
            return CaptureError(CameraStatus.BUSY, f"{shown} {text}")
        text = f"answers with an error (HTTP {status}); check its path, restart the camera"
        return CaptureError(CameraStatus.BROKEN, f"{shown} {text}")

    def _not_http(self, *, closed: bool) -> CaptureError:
        if closed:
            return CaptureError(
                CameraStatus.BROKEN, f"{self.first.shown} broke the connection; the camera may be restarting"
            )
        text = "answers, but not by HTTP; check the port (and http or https)"
        return CaptureError(CameraStatus.BROKEN, f"{self.first.shown} {text}")
