"""Cameras that serve pictures over HTTP: a real server with threads, well-behaved and otherwise."""

import hashlib
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import pytest

LOGIN_PAGE = b"<!DOCTYPE html><html><form><input type=password></form></html>"


@cache
def jpeg(number: int = 0, width: int = 320, height: int = 240) -> bytes:
    """A picture with a bright bar, whose place is its number."""
    picture = np.full((height, width, 3), 60, np.uint8)
    left = number * 16 % width
    picture[:, left : left + 16] = 220
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    return encoded.tobytes()


@cache
def whole_colour(level: int) -> bytes:
    done, encoded = cv2.imencode(".jpg", np.full((64, 64, 3), level, np.uint8))
    assert done
    return encoded.tobytes()


def certificate(folder: Path, days: int = 2) -> tuple[Path, Path]:
    """Make a certificate that nobody knows, good for so many days, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed (apt-get install openssl)")
    names = folder / "cert.pem", folder / "key.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -days {days} -subj /CN=camera -addext subjectAltName=IP:127.0.0.1"
    files = ["-out", str(names[0]), "-keyout", str(names[1])]
    subprocess.run([openssl, *words.split(), *files], check=True, capture_output=True)
    return names


@dataclass
class PictureServer:
    """`/still.jpg` and `/stream`; what is set while it runs holds from the next answer on.

    `still` makes the answer of a still picture; `parts` those of a stream, written as they are.
    """

    auth: str = "none"
    username: str = "viewer"
    password: str = "secret"
    protocol: str = "HTTP/1.1"
    tls: tuple[Path, Path] | None = None
    still: Callable[["Handler"], None] | None = None
    parts: Callable[["Handler"], None] | None = None
    etag: bool = False
    port: int = 0
    number: int = 0
    moving: bool = True
    requests: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0
    going: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def start(self) -> None:
        self.going.set()
        self.nonce = secrets.token_hex(8)
        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.camera = self
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def kill(self) -> None:
        """Close the port and all that is open."""
        self.going.clear()
        self._server.shutdown()
        for each in list(self._server.lines):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/still.jpg") -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def picture(self) -> bytes:
        self.number += self.moving
        return jpeg(self.number)

    def allows(self, handler: "Handler") -> bool:
        """Whether a login is right, by RFC 7617 and RFC 7616 (MD5, auth)."""
        said = handler.headers.get("Authorization", "")
        if said:
            self.logins.append(said)
        if self.auth == "basic":
            return said == "Basic " + b64encode(f"{self.username}:{self.password}".encode()).decode()
        if self.auth != "digest" or not said.startswith("Digest "):
            return self.auth == "none"
        given = {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in said[7:].split(", "))}
        who = _md5(f"{self.username}:Camera:{self.password}")
        what = _md5(f"GET:{handler.path}")
        right = _md5(f"{who}:{self.nonce}:{given['nc']}:{given['cnonce']}:auth:{what}")
        return given["nonce"] == self.nonce and given["response"] == right


class Server(ThreadingHTTPServer):
    camera: PictureServer
    daemon_threads = True

    def __init__(self, *args: object) -> None:
        self.lines: list[socket.socket] = []
        super().__init__(*args)  # type: ignore[arg-type]

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.lines.append(request)
        self.camera.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_args: object) -> None:
        """A client that goes away is none."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def setup(self) -> None:
        self.protocol_version = self.camera.protocol
        super().setup()

    @property
    def camera(self) -> PictureServer:
        return self.server.camera

    def do_GET(self) -> None:
        camera = self.camera
        camera.requests.append(self.path)
        if not camera.allows(self):
            self.refuse()
        elif self.path.startswith("/stream"):
            (camera.parts or usual_parts)(self)
        elif self.path.startswith("/still"):
            (camera.still or usual_still)(self)
        else:
            self.reply(404, b"not here", "text/plain")

    def refuse(self) -> None:
        challenges = {
            "basic": 'Basic realm="Camera"',
            "digest": f'Digest realm="Camera", nonce="{self.camera.nonce}", qop="auth", algorithm=MD5',
        }
        self.reply(401, b"", "text/plain", {"WWW-Authenticate": challenges[self.camera.auth]})

    def reply(self, status: int, body: bytes, kind: str = "image/jpeg", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def pause(self, seconds: float) -> bool:
        """Wait; False where the server is being killed."""
        time.sleep(seconds)
        return self.camera.going.is_set()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def usual_still(handler: Handler) -> None:
    camera = handler.camera
    body = camera.picture()
    tag = f'"{camera.number}"'
    if camera.etag and handler.headers.get("If-None-Match") == tag:
        handler.send_response(304)
        handler.end_headers()
    else:
        handler.reply(200, body, headers={"ETag": tag} if camera.etag else {})


def usual_parts(handler: Handler) -> None:
    stream(
        handler, "frame", lambda body: b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(body)
    )


def stream(
    handler: Handler, boundary: str, before: Callable[[bytes], bytes], after: bytes = b"\r\n", fps: float = 20.0
) -> None:
    """Send parts until the server is killed, or until nobody listens."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={boundary}")
    handler.end_headers()
    while handler.pause(1.0 / fps):
        body = handler.camera.picture()
        handler.wfile.write(before(body) + body + after)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
