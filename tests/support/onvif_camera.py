"""An ONVIF camera that answers WS-Discovery and SOAP as real ones do, and fails as they do when it is told to.

It speaks Media and Media2, WS-UsernameToken and HTTP digest. Two public clients that know nothing of this project read
it right: docs/adr/0043-our-own-onvif-client.md says which, and what they saw.
"""

import base64
import contextlib
import hashlib
import re
import secrets
import socket
import ssl
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self, cast
from xml.etree import ElementTree as ET

from tests.support import onvif_messages as messages
from tests.support.onvif_messages import Video

GROUP, PORT = "239.255.255.250", 3702
_FRESH_S = 5.0

Headers = Sequence[tuple[str, str]]
Fault = Literal["", "no media", "no time", "html", "malformed", "silent", "drip", "endless", "doctype"]


@dataclass
class OnvifCamera:
    """One camera, on a port of its own. All that may go wrong is a field, and may change while it runs."""

    host: str = "127.0.0.1"
    port: int = 0
    endpoint: str = "urn:uuid:5f5a69c2-e0ae-504f-829b-000000000001"
    name: str = "Yard"
    videos: tuple[Video, ...] = (Video("main", 1920, 1080), Video("sub", 640, 360), Video("tiny", 320, 180))
    rtsp: tuple[str, int] = ("127.0.0.1", 554)
    paths: Mapping[str, str] = field(default_factory=dict)
    rtsp_ports: tuple[int, ...] = ()
    media2: bool = True
    services: bool = True
    username: str = "admin"
    password: str = "secret"
    login: Literal["none", "token", "digest", "both", "basic"] = "token"
    algorithms: tuple[str, ...] = ("MD5",)
    refused_status: int = 400
    clock_off_s: float = 0.0
    checked_clock_off_s: float | None = None
    says_expired: bool = False
    locks_after: int = 5
    fault: Fault = ""
    snapshot: str = ""
    reported: tuple[str, int] | None = None
    certificate: Path | None = None
    discovery: Literal["right", "malformed", "unwrapped", "silent"] = "right"
    calls: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    failed: int = 0

    def __enter__(self) -> Self:
        self._server = _Server((self.host, self.port), _Handler)
        self._server.camera = self
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})]
        self._lines = [] if self.discovery == "silent" else list(_discovery_lines(self.host))
        self._threads += [threading.Thread(target=self._answer_probes, args=(line,)) for line in self._lines]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join(5)
        self._server.server_close()
        for line in self._lines:
            line.close()

    @property
    def address(self) -> str:
        host, port = self.reported or (self.host, self.port)
        return f"{'https' if self.certificate else 'http'}://{host}:{port}/onvif"

    def announce(self) -> None:
        """Say to all in the camera's network that it is there."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.bind((self.host, 0))
            mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self.host))
            mouth.sendto(messages.hello(self), (GROUP, PORT))

    @property
    def stopping(self) -> threading.Event:
        return self._stop

    def now(self) -> datetime:
        """The time by the camera's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_off_s)

    def answer(self, path: str, text: bytes, authorization: str) -> tuple[int, Headers, bytes]:
        """Return status, headers and body for a call."""
        if not text:  # a client that wants the challenge first
            return self._challenge()
        root = ET.fromstring(text)
        call = list(root)[-1][0]
        namespace, name = call.tag[1:].split("}")
        self.calls.append(name)
        self.bodies.append(text.decode())
        self.logins += [authorization] if authorization else []
        if name != "GetSystemDateAndTime":
            refusal = self._refusal(root, path, authorization)
            if refusal is not None:
                return refusal
        body = messages.answer(self, namespace, name, call)
        if body is None:
            return 500, (), messages.fault("ter:ActionNotSupported", "Optional Action Not Implemented")
        return 200, (), messages.envelope(body)

    def _refusal(self, root: ET.Element, path: str, authorization: str) -> tuple[int, Headers, bytes] | None:
        if self.login == "none":
            return None
        if self.failed >= self.locks_after:
            return 401, (), messages.fault("ter:NotAuthorized", "The account is locked, try again in 30 minutes")
        token = next((each for each in root.iter() if each.tag.endswith("}UsernameToken")), None)
        if self.login in {"token", "both"} and token is not None:
            wrong = self._wrong_token(token)
        elif self.login in {"digest", "both"} and authorization.startswith("Digest "):
            wrong = "" if self._right_digest(authorization, path) else "Sender not Authorized"
        elif self.login == "basic" and authorization.startswith("Basic "):
            right = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            wrong = "" if authorization == f"Basic {right}" else "Sender not Authorized"
        else:
            return self._challenge()
        if not wrong:
            self.failed = 0
            return None
        self.failed += 1
        return self._challenge(wrong)

    def _challenge(self, reason: str = "Sender not Authorized") -> tuple[int, Headers, bytes]:
        code = "wsse:MessageExpired" if reason.startswith("The message") else "ter:NotAuthorized"
        body = messages.fault(code, reason)
        if self.login == "token":
            return self.refused_status, (), body
        if self.login == "basic":
            return 401, [("WWW-Authenticate", 'Basic realm="cam"')], b"<html><body>401 Unauthorized</body></html>"
        nonce = secrets.token_hex(16)
        offers = [
            f'Digest realm="cam, {self.name}", qop="auth", nonce="{nonce}", algorithm={a}' for a in self.algorithms
        ]
        return 401, [("WWW-Authenticate", offer) for offer in ('Basic realm="cam"', *offers)], body

    def _wrong_token(self, token: ET.Element) -> str:
        parts = {each.tag.split("}")[1]: each.text or "" for each in token}
        off_s = self.clock_off_s if self.checked_clock_off_s is None else self.checked_clock_off_s
        made = datetime.fromisoformat(parts["Created"])
        if abs((made - datetime.now(UTC)).total_seconds() - off_s) > _FRESH_S:
            return "The message has expired" if self.says_expired else "Sender not Authorized"
        signed = base64.b64decode(parts["Nonce"]) + parts["Created"].encode() + self.password.encode()
        digest = base64.b64encode(hashlib.sha1(signed).digest()).decode()
        right = parts["Username"] == self.username and parts["Password"] == digest
        return "" if right else "Sender not Authorized"

    def _right_digest(self, authorization: str, path: str) -> bool:
        said = {m[1]: m[2] or m[3] for m in re.finditer(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', authorization)}
        kind = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[said.get("algorithm", "MD5")]
        if said["algorithm"] not in self.algorithms or said["username"] != self.username or said["uri"] != path:
            return False
        who = kind(f"{self.username}:{said['realm']}:{self.password}".encode()).hexdigest()
        what = kind(f"POST:{path}".encode()).hexdigest()
        middle = ":".join((said["nonce"], said["nc"], said["cnonce"], said["qop"]))
        return said["response"] == kind(f"{who}:{middle}:{what}".encode()).hexdigest()

    def _answer_probes(self, line: socket.socket) -> None:
        while not self._stop.is_set():
            try:
                probe, sender = line.recvfrom(65536)
            except TimeoutError:
                continue
            wanted = re.search(rb"<(?:\w+:)?MessageID[^>]*>([^<]+)<", probe)
            if b"Probe" not in probe or b"ProbeMatch" in probe or wanted is None:
                continue
            answer = messages.probe_match(self, wanted[1].decode())
            if self.discovery == "malformed":
                answer = answer[: len(answer) // 2].replace(b"Address", b"\xff\xfe")
            elif self.discovery == "unwrapped":
                answer = answer.replace(b"<d:ProbeMatches>", b"").replace(b"</d:ProbeMatches>", b"")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reply:
                reply.bind((self.host, 0))
                reply.sendto(answer, sender)


def _discovery_lines(host: str) -> list[socket.socket]:
    """One socket for questions to all on the host's network, one for questions to the host alone."""
    lines = []
    for address in (GROUP, host):
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.settimeout(0.05)
        line.bind((address, PORT))
        if address == GROUP:
            member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(host))
            line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            line.setsockopt(socket.IPPROTO_IP, 49, 0)  # IP_MULTICAST_ALL: of this interface only
        lines.append(line)
    return lines


class _Server(ThreadingHTTPServer):
    camera: OnvifCamera
    allow_reuse_address = True
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        camera = cast(_Server, self.server).camera
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if not self._misbehave(camera):
                self._send(*camera.answer(self.path, text, self.headers.get("Authorization", "")))

    def _misbehave(self, camera: OnvifCamera) -> bool:
        match camera.fault:
            case "html":
                self._send(404, (), b"<html><body>Router<br></body></html>")
            case "malformed":
                self._send(200, (), b"<s:Envelope><s:Body>")
            case "doctype":
                self._send(200, (), messages.LAUGHS)
            case "silent":
                camera.stopping.wait(30)
            case "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
                while not camera.stopping.wait(0.1):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            case "endless":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                while not camera.stopping.is_set():
                    self.wfile.write(b" " * 65536)
            case _:
                return False
        self.close_connection = True
        return True

    def _send(self, status: int, headers: Headers, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
