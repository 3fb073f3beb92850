"""A network camera that does what a test asks: every kind of login, and every kind of mischief while it plays."""

import base64
import contextlib
import hashlib
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, Self

from tests.support.rtp import Codec, Coded, Packets, coded, nal_units

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_MAPS = {"h264": "H264", "h265": "H265"}


@dataclass
class Login:
    """What a camera asks for: a list of challenges, each of which it takes an answer to."""

    challenges: tuple[Literal["basic", "digest", "digest-sha256", "digest-old"], ...]
    username: str = "viewer"
    password: str = "secret"
    nonce_lasts: int = 1_000_000
    """For so many requests a nonce is good; then it is stale."""
    refused: list[float] = field(default_factory=list)
    """When a request with wrong credentials came, monotonic."""
    stale: int = 0
    answered: set[str] = field(default_factory=set)
    """The schemes that good answers were of."""
    _nonce: str = ""
    _used: int = 0

    def admits(self, method: str, header: str) -> bool:
        """Tell whether a request may go on."""
        if not header:
            return False
        good = self._basic(header) if header.startswith("Basic ") else self._digest(method, header)
        if good is False:
            self.refused.append(time.monotonic())
        return good is True

    def headers(self, *, stale: bool) -> str:
        """Return the challenges as headers, with a new nonce."""
        self._nonce, self._used = secrets.token_hex(8), 0
        digest = f'Digest realm="edge, a camera", nonce="{self._nonce}"' + (", stale=TRUE" if stale else "")
        words = {
            "basic": 'Basic realm="edge, a camera"',
            "digest-old": digest,
            "digest": f'{digest}, qop="auth", algorithm=MD5, opaque="a1"',
            "digest-sha256": f'{digest}, qop="auth", algorithm=SHA-256, opaque="a1"',
        }
        return "".join(f"WWW-Authenticate: {words[each]}\r\n" for each in self.challenges)

    def is_stale(self, header: str) -> bool:
        """Tell whether an answer would be good but for its nonce's age."""
        given = _parameters(header).get("nonce", "")
        return header.startswith("Digest ") and (given != self._nonce or self._used >= self.nonce_lasts)

    def _basic(self, header: str) -> bool:
        self.answered.add("basic")
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return "basic" in self.challenges and header.removeprefix("Basic ").strip() == wanted

    def _digest(self, method: str, header: str) -> bool | None:
        """Tell whether an answer is good; None where only its nonce is too old."""
        said = _parameters(header)
        name = said.get("algorithm", "MD5")
        hashed = hashlib.sha256 if name == "SHA-256" else hashlib.md5

        def digest(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        ours = digest(f"{said.get('username')}:{said.get('realm')}:{self.password}")
        theirs = digest(f"{method}:{said.get('uri')}")
        middle = f"{said['nc']}:{said['cnonce']}:auth:" if "qop" in said else ""
        good = said.get("response") == digest(f"{ours}:{said.get('nonce')}:{middle}{theirs}")
        if good and self.is_stale(header):
            self.stale += 1
            return None
        self._used += 1
        self.answered.add(f"digest {name}{' qop' if middle else ''}")
        return good and said.get("username") == self.username


def _parameters(header: str) -> dict[str, str]:
    return {name: quoted or bare for name, quoted, bare in _PARAMETER.findall(header)}


class Line:
    """One connection that plays: what a script sends its pictures and its mischief through."""

    def __init__(self, plain: socket.socket, codec: Codec, ended: threading.Event) -> None:
        self._plain = plain
        self._lock = threading.Lock()
        self._udp: tuple[socket.socket, tuple[str, int]] | None = None
        self.packets = Packets(codec)
        self.ended = ended

    def to_udp(self, line: socket.socket, address: tuple[str, int]) -> None:
        """Send packets by UDP from now on."""
        self._udp = line, address

    def unit(self, unit: bytes, stamp: int) -> None:
        """Send one access unit."""
        for packet in self.packets.of(unit, stamp):
            self.packet(packet)

    def packet(self, packet: bytes) -> None:
        """Send one RTP packet."""
        if self._udp is not None:
            self._udp[0].sendto(packet, self._udp[1])
        else:
            self.raw(b"$\0" + len(packet).to_bytes(2, "big") + packet)

    def raw(self, data: bytes) -> None:
        """Send bytes as they are, on the connection itself."""
        with self._lock:
            self._plain.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Wait; False where the camera is switched off meanwhile."""
        return not self.ended.wait(seconds)

    def hang_up(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self._plain.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it all."""
        self.ended.set()
        self.hang_up()
        if self._udp is not None:
            self._udp[0].close()


Script = Callable[[Line], None]


def steadily(pictures: Iterable[Coded], *, fps: float = 10.0, repeat: bool = True) -> Script:
    """Send pictures one after the other at their rate, over and over."""
    kept = list(pictures)

    def play(line: Line) -> None:
        begun_s, span = time.monotonic(), len(kept) * round(90_000 / fps)
        for number in count() if repeat else range(len(kept)):
            each = kept[number % len(kept)]
            line.unit(each.unit, each.stamp + number // len(kept) * span)
            if not line.wait(max(0.0, begun_s + (number + 1) / fps - time.monotonic())):
                return

    return play


@dataclass
class OddCamera:
    """One camera at 127.0.0.1; every connection that plays runs `script` (the last of several from then on)."""

    scripts: list[Script] = field(default_factory=list)
    codec: Codec = "h264"
    login: Login | None = None
    hangs_up_after: str = ""
    """A method after whose answer the camera closes the connection."""
    port: int = 0
    requests: list[tuple[float, str]] = field(default_factory=list)
    """When which method was asked for, monotonic."""

    def __enter__(self) -> Self:
        if not self.scripts:
            self.scripts = [steadily(coded(20, self.codec))]
        self._first = coded(1, self.codec)[0].unit
        self.switch_on()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.switch_off()

    def switch_on(self) -> None:
        """Listen; at the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def switch_off(self) -> None:
        """Break all connections and listen no longer."""
        self.hang_up([self._listener])
        for thread in self._threads:
            thread.join(20)

    def hang_up(self, more: Iterable[socket.socket] = ()) -> None:
        """Break all connections."""
        for line in [*more, *self._lines]:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def url(self, path: str = "/live") -> str:
        """Return its address."""
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def asked(self, method: str) -> list[float]:
        """Return when a method was asked for."""
        return [when for when, each in self.requests if each == method]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._lines.append(line)
                thread = threading.Thread(target=self._talk, args=(line,))
                self._threads.append(thread)
                thread.start()

    def _talk(self, plain: socket.socket) -> None:
        line = Line(plain, self.codec, threading.Event())
        with contextlib.suppress(OSError), plain.makefile("rb") as asked:
            while request := _request(asked):
                method, headers = request
                self.requests.append((time.monotonic(), method))
                answer = self._answer(method, headers, line)
                line.raw(answer.encode())
                if method in {"TEARDOWN", self.hangs_up_after}:
                    break
                if method == "PLAY" and " 200 " in answer:
                    thread = threading.Thread(target=self._play, args=(line,))
                    self._threads.append(thread)
                    thread.start()
        line.close()

    def _answer(self, method: str, headers: dict[str, str], line: Line) -> str:
        number = f"CSeq: {headers.get('cseq', '0')}\r\n"
        given = headers.get("authorization", "")
        if self.login is not None and method != "OPTIONS" and not self.login.admits(method, given):
            stale = bool(given) and self.login.is_stale(given)
            return f"RTSP/1.0 401 Unauthorized\r\n{number}{self.login.headers(stale=stale)}\r\n"
        more, body = "", ""
        if method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        elif method == "DESCRIBE":
            body = self._description()
            more = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            more = f"Transport: {_transport(headers.get('transport', ''), line)}\r\nSession: 1;timeout=4\r\n"
        elif method in {"PLAY", "GET_PARAMETER", "TEARDOWN"}:
            more = "Session: 1\r\n"
        return f"RTSP/1.0 200 OK\r\n{number}{more}\r\n{body}"

    def _description(self) -> str:
        sets = ""
        if self.codec == "h264":
            found = [nal for nal in nal_units(self._first) if nal[0] & 0x1F in {7, 8}]
            sets = f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={_texts(found)}\r\n"
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=odd\r\nt=0 0\r\n"
            f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 {_MAPS[self.codec]}/90000\r\n{sets}a=control:track1\r\n"
        )

    def _play(self, line: Line) -> None:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with contextlib.suppress(OSError):
            script(line)


def _texts(units: list[bytes]) -> str:
    return ",".join(base64.b64encode(nal).decode() for nal in units)


def _transport(asked: str, line: Line) -> str:
    ports = re.search(r"client_port=(\d+)", asked)
    if ports is None:
        return "RTP/AVP/TCP;unicast;interleaved=0-1"
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    line.to_udp(udp, ("127.0.0.1", int(ports[1])))
    own = udp.getsockname()[1]
    return f"RTP/AVP;unicast;client_port={ports[1]}-{int(ports[1]) + 1};server_port={own}-{own + 1}"


def _request(asked: "object") -> tuple[str, dict[str, str]] | None:
    """Read a request; None at the end. What a client sends in between (its receiver reports) is passed over."""
    read, line = asked.read, asked.readline  # type: ignore[attr-defined]
    while first := read(1):
        if first == b"$":
            head = read(3)
            read(int.from_bytes(head[1:], "big"))
            continue
        method = (first + line()).split()[0].decode()
        headers: dict[str, str] = {}
        while (text := line().decode().strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        read(int(headers.get("content-length", 0)))
        return method, headers
    return None
