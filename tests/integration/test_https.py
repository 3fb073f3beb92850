"""HTTPS by configuration: the whole program, the real HAProxy, a real TLS client; systemd is stood in for."""

import http.client
import json
import shutil
import signal
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from bottle import request

from edge.cli.status import in_words
from edge.health import Health
from edge.outputs.control import SOCKET_NAME, ask
from edge.outputs.https.front import Front, FrontError
from edge.outputs.https.worker import NOTICE, HttpsWorker
from edge.outputs.rest.context import Route
from edge.outputs.rest.server import RestServer
from edge.settings import ApiSettings, TlsSettings
from tests.support.appliance import Appliance, start, until
from tests.support.https_front import FrontRig, ended_pem_of, https_front, pem_of
from tests.support.ports import free_port
from tests.support.rest import demo_channel, device

CHANNELS = "channels: [{name: Street, source: {demo: {scene: street}}}]\n"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[FrontRig]:
    with https_front(tmp_path) as rig:
        yield rig


class Device(Appliance):
    """The program with its API on `port`, and on `local` beside HTTPS."""

    local = 0

    def write(self, tls: str) -> None:
        """Put `api.tls` (YAML) into its file."""
        state = self.config.parent / "state"
        api = f"api: {{host: 127.0.0.1, port: {self.port}, tls: {tls}}}"
        self.config.write_text(f"state_dir: {state}\n{api}\ndevice: {{clock_wait_s: 0}}\n{CHANNELS}")

    def change(self, tls: str) -> None:
        """The same, and have it read."""
        self.write(tls)
        self.process.send_signal(signal.SIGHUP)

    def secure(self, path: str, trusted: Path) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that a call by HTTPS answers, where the certificate is the trusted one; else None."""
        context = ssl.create_default_context(cafile=trusted)
        context.check_hostname = False
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{self.port}{path}", context=context, timeout=30) as answer:
                return json.load(answer)
        except OSError:
            return None

    def plain(self, port: int) -> Any:  # noqa: ANN401 - JSON
        """Return what a call by HTTP answers at a port; None where it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/status", timeout=30) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException):
            return None

    def status(self) -> str:
        """Return what `edge status` says."""
        return in_words(ask(self.config.parent / "state" / SOCKET_NAME, {"call": "status"}, 30))


@contextmanager
def running(folder: Path, tls: str, port: int = 0) -> Iterator[Device]:
    config = folder / "edge.yaml"
    device = Device(config, port or free_port(), None, folder / "log")  # type: ignore[arg-type] # started below
    device.local = free_port()
    device.write(tls.replace("LOCAL", str(device.local)))
    with start(["run", "--config", str(config)], folder / "log", EDGE_TLS_DIR=str(folder / "edge-tls")) as process:
        device.process = process
        yield device


def test_it_comes_and_goes_with_the_settings(tmp_path: Path, front: FrontRig) -> None:
    cert, key, _ = pem_of(tmp_path / "owner")
    with running(tmp_path, "{mode: none}") as edge:
        own = f"{{mode: self-signed, local_port: {edge.local}}}"
        files = f"{{mode: files, cert_file: {cert}, key_file: {key}, local_port: {edge.local}}}"
        edge.serve()
        newest = edge.get("/v1/status")["last_event_id"]
        assert front.asked == [], "who asks for nothing needs no front"

        edge.change(own)
        device_cert = tmp_path / "own/cert.pem"
        until("HTTPS is there", lambda: edge.secure("/v1/status", device_cert))
        assert edge.plain(edge.port) is None, "nothing unencrypted where HTTPS is"
        assert edge.plain(edge.local) is not None, "programs on the device have a port of their own"
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection("127.0.0.2", edge.local, timeout=5).connect()
        polled = edge.secure(f"/v1/json/events?sinceId={newest}&timeout=30", device_cert)
        assert int(polled[0]["event_id"]) > newest
        fingerprint = until("edge status tells it", lambda: told_fingerprint(edge.status()))

        edge.change(files)
        until("the owner's is there", lambda: edge.secure("/v1/status", cert))
        assert until("edge status tells it", lambda: told_fingerprint(edge.status())) != fingerprint

        wrong = key.with_name("wrong.pem")
        wrong.write_text("no key\n")
        edge.change(files.replace(str(key), str(wrong)))
        fault = until("the fault is told", lambda: edge.secure("/v1/status", cert)["faults"])[0]["text"]
        assert f"{edge.config}:2: api.tls.key_file: {wrong} holds no private key in PEM form" in fault

        edge.change("{mode: none}")
        until("HTTP is back", lambda: edge.plain(edge.port))
        assert edge.secure("/v1/status", cert) is None
        assert edge.plain(edge.local) is None
        assert not front.stands()
        assert "https:" not in edge.status()

        edge.change(own)
        until("HTTPS is back", lambda: edge.secure("/v1/status", device_cert))
        assert edge.stop() == 0
    assert front.stands()
    with running(tmp_path, "{mode: none}", edge.port) as later:  # whose port the front of before still has
        later.serve()
        assert not front.stands()


def told_fingerprint(status: str) -> str:
    lines = [line for line in status.splitlines() if line.startswith("  https: port ")]
    return lines[0].rpartition(" ")[2] if lines else ""


def test_without_a_front_nothing_is_served_unencrypted_and_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with running(tmp_path, "{mode: self-signed, local_port: LOCAL}") as edge:
        until("it answers on the device", lambda: edge.plain(edge.local))
        assert edge.plain(edge.port) is None
        said = until("edge status says so", lambda: [x for x in edge.status().splitlines() if "worker https" in x])[0]
        assert "edge-tls-ask.socket" in said
        assert "set api.tls.mode to none" in said
        assert edge.plain(edge.local)["healthy"] is False


def test_a_certificate_that_is_gone_at_the_start_stops_no_camera(tmp_path: Path, front: FrontRig) -> None:
    cert, key, _ = pem_of(tmp_path / "owner")
    key.rename(key.with_name("elsewhere.pem"))
    tls = f"{{mode: files, cert_file: {cert}, key_file: {key}, local_port: LOCAL}}"
    with running(tmp_path, tls) as edge:
        until(
            "it analyses", lambda: (edge.plain(edge.local) or {"channels": [{}]})["channels"][0].get("status") == "ok"
        )
        assert edge.plain(edge.port) is None
        faults = {each["name"]: each["text"] for each in edge.plain(edge.local)["faults"]}
        assert "api.tls.key_file: there is no file" in faults["configuration"]
        assert "https" in faults
    assert front.asked == []


@contextmanager
def working(worker: HttpsWorker) -> Iterator[list[Exception]]:
    """Run a worker in a thread; yield what it failed with."""
    stop, failed = threading.Event(), list[Exception]()

    def work() -> None:
        try:
            worker.run(stop, lambda: None)
        except FrontError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield failed
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


def seen(health: Health) -> str:
    https = health.snapshot().https
    return "" if https is None else https.fingerprint


def test_a_renewed_certificate_is_taken_and_a_wrong_one_is_not(tmp_path: Path, front: FrontRig) -> None:
    cert, key, _ = pem_of(tmp_path / "owner")
    newer = pem_of(tmp_path / "newer")
    tls = TlsSettings(mode="files", cert_file=str(cert), key_file=str(key), local_port=free_port())
    health = Health()
    api = ApiSettings(host="127.0.0.1", port=free_port(), tls=tls)
    with working(HttpsWorker(api, Front(front.run), health, look_s=0.2)) as failed:
        first = until("it is served", lambda: seen(health))
        shutil.copy(newer[0], cert)
        told = until("a key that does not fit is told", lambda: health.snapshot().notices.get(NOTICE))
        assert "does not belong to" in told
        assert seen(health) == first
        shutil.copy(newer[1], key)
        until("the new one is served", lambda: seen(health) not in ("", first))
        assert not health.snapshot().notices
        front.end()
        until("it is seen that nobody answers", lambda: failed)
        assert "does not answer" in str(failed[0])
    assert seen(health) == ""


@pytest.mark.parametrize(
    ("make", "text"),
    [(lambda folder: pem_of(folder, days=20)[:2], "ends on 20"), (ended_pem_of, "has ended")],
    ids=["soon", "ended"],
)
def test_a_certificate_that_ends_is_told_in_time_until_it_is_renewed(
    tmp_path: Path, front: FrontRig, make: Callable[[Path], tuple[Path, Path]], text: str
) -> None:
    cert, key = make(tmp_path / "owner")
    newer = pem_of(tmp_path / "newer")
    tls = TlsSettings(mode="files", cert_file=str(cert), key_file=str(key), local_port=free_port())
    api, health = ApiSettings(host="127.0.0.1", port=free_port(), tls=tls), Health()
    with working(HttpsWorker(api, Front(front.run), health, look_s=0.2)) as failed:
        told = until("it is told", lambda: health.snapshot().notices.get(NOTICE))
        assert f"the certificate of HTTPS {text}" in told
        first = until("it is served", lambda: seen(health))
        shutil.copy(newer[1], key)
        shutil.copy(newer[0], cert)
        until("the new one is served", lambda: seen(health) not in ("", first))
        until("all is well", lambda: not health.snapshot().notices)
        assert failed == []


def test_a_port_that_another_program_has_is_told(front: FrontRig) -> None:
    with listener() as taken:
        api = ApiSettings(host="127.0.0.1", port=taken, tls=TlsSettings(mode="self-signed", local_port=free_port()))
        with working(HttpsWorker(api, Front(front.run), Health())) as failed:
            until("it fails", lambda: failed)
    assert "HAProxy does not start" in str(failed[0])


@contextmanager
def listener() -> Iterator[int]:
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen()
        port: int = ear.getsockname()[1]
        yield port


def asks(api: ApiSettings, folder: Path, headers: dict[str, str]) -> str:
    """Return what a call learns of who asks, and by which scheme."""

    def who() -> str:
        return f"{request.remote_addr} {request.urlparts.scheme}"

    with device(folder, api=api, channels=[demo_channel()], zone=UTC) as made:
        server = RestServer(made.context, [Route("GET", "/who", who, open=True)])
        stop = threading.Event()
        thread = threading.Thread(target=server.run, args=(stop, lambda: None))
        thread.start()
        try:
            host, port = server.address(10.0)
            asked = urllib.request.Request(f"http://{host}:{port}/who", headers=headers)
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return str(answer.read().decode())
        finally:
            stop.set()
            thread.join(30)


def test_who_asks_is_believed_of_the_front_only(tmp_path: Path) -> None:
    said = {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"}
    plain = ApiSettings(host="127.0.0.1", port=free_port())
    behind = replace(plain, tls=TlsSettings(mode="self-signed", local_port=free_port()))
    assert asks(plain, tmp_path / "plain", said) == "127.0.0.1 http"
    assert asks(behind, tmp_path / "behind", said) == "192.0.2.9 https"


def test_the_front_replaces_what_a_client_says_of_itself(tmp_path: Path, front: FrontRig) -> None:
    api = ApiSettings(host="127.0.0.1", port=free_port(), tls=TlsSettings(mode="self-signed", local_port=free_port()))
    heard: list[dict[str, str]] = []
    health = Health()
    with echo(api.tls.local_port, heard.append), working(HttpsWorker(api, Front(front.run), health)):
        until("it is served", lambda: seen(health))
        context = ssl.create_default_context(cafile=tmp_path / "own/cert.pem")
        context.check_hostname = False
        headers = {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "gopher"}
        asked = urllib.request.Request(f"https://127.0.0.1:{api.port}/", headers=headers)
        urllib.request.urlopen(asked, context=context, timeout=30).close()
    assert {name.lower(): value for name, value in heard[-1].items()}.items() >= {
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
    }


@contextmanager
def echo(port: int, hear: Callable[[dict[str, str]], None]) -> Iterator[None]:
    """Listen as the program would, and hand on the headers of each call."""

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hear(dict(self.headers.items()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Ear) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(10)
