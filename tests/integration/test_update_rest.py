"""Updates over the REST API: real HTTP, the real service behind it, the real edge-slot."""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from edge.outputs.rest.inflow import ROOM_BYTES
from edge.update.errors import UpdateError
from edge.update.fetch import opened
from tests.support.appliance import until
from tests.support.calls import Answer, answer_of, call
from tests.support.rest import Device
from tests.support.updates import NEW, OTHER_KEY, Rig, bundle_of, device, system
from tests.support.updates_served import api

NEW_SYSTEM = system(2)
BUNDLE = bundle_of(NEW_SYSTEM)
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with device(tmp_path) as made:
        yield made


def post(made: Device, body: bytes, query: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(made.port, f"/v1/update{query}", method="POST", headers=BYTES | named, body=body, timeout_s=60)


def test_an_upload_is_in_the_other_slot(rig: Rig) -> None:
    with api(rig) as made:
        answer = post(made, BUNDLE)
        assert (answer.status, answer.json["slot"], answer.json["version"]) == (200, "b", NEW.version)
        assert (rig.content("b"), rig.restarts()) == (NEW_SYSTEM, 1)
        state = call(made.port, "/v1/update").json
        assert (state["phase"], state["percent"], state["last_result"], state["slot"]) == (
            "restarting",
            100,
            "trial",
            "a",
        )
        assert call(made.port, "/v1/status").json["update"] == state


def test_it_may_wait_for_the_next_start(rig: Rig) -> None:
    with api(rig) as made:
        assert post(made, BUNDLE, "?restart=later").json["restart"] == "later"
        assert rig.restarts() == 0
        assert post(made, BUNDLE, "?restart=soon").status == 400


def test_without_a_token_nothing_is_taken(rig: Rig) -> None:
    with api(rig, "writes") as made:
        assert post(made, BUNDLE).status == 401
        assert call(made.port, "/v1/update").status == 200
        token = made.context.tokens.create("installer")
        assert post(made, BUNDLE, Authorization=f"Bearer {token}").status == 200


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"x" * 500_000, 422, "no update bundle"),
        (bundle_of(NEW_SYSTEM, key=OTHER_KEY), 422, "signature"),
        (bundle_of(NEW_SYSTEM, board="edge-rpi5"), 422, "for edge-rpi5"),
        (BUNDLE[:-1], 422, "ended before"),
    ],
    ids=["garbage", "wrong key", "wrong board", "cut short"],
)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_refusal_reaches_who_is_still_sending(rig: Rig, body: bytes, status: int, text: str, connection: str) -> None:
    with api(rig) as made:
        answer = post(made, body, Connection=connection)
        assert (answer.status, text in answer.json["detail"]) == (status, True)
        assert answer.headers["content-type"] == "application/problem+json"
        assert rig.slots.state().trial == ""
        assert text in call(made.port, "/v1/update").json["error"]


def test_after_a_refusal_the_same_connection_goes_on(rig: Rig) -> None:
    with api(rig) as made:
        connection = http.client.HTTPConnection("127.0.0.1", made.port, timeout=60)
        for body, status in ((b"x" * 3_000_000, 422), (BUNDLE, 200)):
            connection.request("POST", "/v1/update?restart=later", body, BYTES)
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (status, True)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()


def begun(made: Device, body: bytes, more: str = "", length: int = len(BUNDLE)) -> socket.socket:
    """Send a head that announces the whole bundle, and this much of it."""
    connection = socket.create_connection(("127.0.0.1", made.port), timeout=60)
    head = f"POST /v1/update HTTP/1.1\r\nHost: edge\r\n{more}Content-Type: application/octet-stream\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def test_only_one_at_a_time(rig: Rig) -> None:
    with api(rig) as made, begun(made, BUNDLE[:-1]) as first:
        until("the first is written", lambda: call(made.port, "/v1/update").json["phase"] == "writing", 60)
        second = post(made, BUNDLE)
        assert (second.status, second.json["detail"]) == (409, "another update is under way")
        first.sendall(BUNDLE[-1:])
        assert answer_of(first).status == 200


def test_a_client_that_goes_away_ends_it(rig: Rig) -> None:
    with api(rig) as made:
        with begun(made, BUNDLE[: len(BUNDLE) // 2]):
            until("it is written", lambda: call(made.port, "/v1/update").json["phase"] == "writing", 60)
        until("it was noticed", lambda: "ended before" in call(made.port, "/v1/update").json["error"], 60)
        assert not rig.bootable("b")
        assert post(made, BUNDLE).status == 200


def test_who_waits_to_be_told_to_go_on_is_told(rig: Rig) -> None:
    with api(rig) as made, begun(made, b"", "Expect: 100-continue\r\n") as client:
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(BUNDLE)
        assert answer_of(client).status == 200


def test_a_large_upload_is_never_held_as_a_whole(rig: Rig) -> None:
    with api(rig) as made, begun(made, BUNDLE[:100], length=2**26) as client:
        until("the service is there", lambda: bool(rig.processes), 60)
        rig.processes[0].send_signal(signal.SIGSTOP)
        before, sent = psutil.Process().memory_info().rss, 0
        client.settimeout(1.0)
        with suppress(TimeoutError):
            while sent < 2**26:
                sent += client.send(bytes(65_536))
        assert sent < 2**25, "the rest waits with the client, and in the kernel"
        assert psutil.Process().memory_info().rss - before < 8 * ROOM_BYTES
        rig.kill()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 422),
        ("Content-Type: application/octet-stream\r\n\r\n", 411),
        ("Content-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n", 411),
        ("Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc", 415),
        ("Content-Type: application/octet-stream\r\nContent-Length: 99999999999999\r\n\r\n", 413),
    ],
    ids=["chunked", "no length", "nothing", "another type", "too large"],
)
def test_what_is_no_upload_is_told(rig: Rig, headers: str, status: int) -> None:
    with api(rig) as made, socket.create_connection(("127.0.0.1", made.port), timeout=60) as client:
        client.sendall(f"POST /v1/update HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n{headers}".encode())
        assert answer_of(client).status == status


def test_a_plain_debian_says_who_updates_it(rig: Rig) -> None:
    (rig.folder / "os-release").write_text("ID=debian\n")
    with api(rig) as made:
        state = call(made.port, "/v1/update").json
        assert (state["supported"], "apt install" in state["text"]) == (False, True)
        for answer in (post(made, BUNDLE), ask_for(made, "http://127.0.0.1/x")):
            assert (answer.status, "apt install" in answer.json["detail"]) == (404, True)


def ask_for(made: Device, url: str, **more: object) -> Answer:
    body = json.dumps({"url": url, **more}).encode()
    return call(made.port, "/v1/update", method="POST", headers={"Content-Type": "application/json"}, body=body)


@contextmanager
def web(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A web server with the bundle at /good, and what may go wrong beside it."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = {"/good": BUNDLE, "/short": BUNDLE[:-9], "/garbage": b"<html>"}.get(self.path)
            away = {
                "/moved": "/good",
                "/round": "/round",
                "/down": "http://127.0.0.1:9/",
                "/file": "file:///etc/passwd",
            }
            if self.path in away:
                self.send_response(302)
                self.send_header("Location", away[self.path])
            else:
                self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body or b"") + (9 if self.path == "/short" else 0)))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(30)


def test_a_url_is_fetched_and_installed(rig: Rig) -> None:
    with api(rig) as made, web() as site:
        answer = ask_for(made, f"{site}/moved", restart="later")
        assert (answer.status, answer.json["restart"]) == (202, "later")
        until("it is in the slot", lambda: call(made.port, "/v1/update").json["last_result"] == "trial", 60)
        assert rig.content("b") == NEW_SYSTEM


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/none", "answers 404"),
        ("/garbage", "no update bundle"),
        ("/short", "ended before"),
        ("/round", "redirect"),
        ("/file", "answers 302"),
    ],
)
def test_what_cannot_be_fetched_is_told_afterwards(rig: Rig, path: str, text: str) -> None:
    with api(rig) as made, web() as site:
        assert ask_for(made, site + path).status == 202
        until("it is told", lambda: text in call(made.port, "/v1/update").json["error"], 60)
        assert rig.slots.state().trial == ""


@pytest.mark.parametrize(
    "url", ["", "x", "file:///etc/passwd", "ftp://host/x", "http://", "http://a b/", "http://h:port/"]
)
def test_what_is_no_url_of_the_web_is_refused(rig: Rig, url: str) -> None:
    with api(rig) as made:
        assert ask_for(made, url).status == 422


def test_https_is_checked(rig: Rig, tmp_path: Path) -> None:
    pem = tmp_path / "site.pem"
    words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=site",
    ]
    words += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", *words, "-keyout", pem, "-out", tmp_path / "cert"], check=True, capture_output=True)
    with pem.open("a") as file:
        file.write((tmp_path / "cert").read_text())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    with web(server) as site:
        with api(rig) as made:
            ask_for(made, f"{site}/good")
            until("it is told", lambda: "certificate" in call(made.port, "/v1/update").json["error"], 60)
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert"))
        with opened(f"{site}/good", trusted) as body:
            assert body.read(8) == BUNDLE[:8]
        with pytest.raises(UpdateError, match="away from https"), opened(f"{site}/down", trusted):
            pytest.fail("a redirect from https to http was followed")
