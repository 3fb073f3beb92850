"""systemd's part in HTTPS, stood in for: each connection runs the real script, and HAProxy is started as its unit says.

The script, HAProxy's configuration and HAProxy itself are the real ones.
"""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.picture_server import certificate

TLS = Path(__file__).parents[2] / "systemd" / "tls"
START_S = 30.0


def haproxy() -> str:
    """Return where it is; skip where it is not."""
    path = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        pytest.skip("haproxy is not installed (apt-get install haproxy)")
    return path


def pem_of(folder: Path, days: int = 90) -> tuple[Path, Path, str]:
    """Make a certificate and a key in `folder`; return both files and what `device.pem` would hold."""
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = certificate(folder, days)
    return cert, key, key.read_text() + cert.read_text()


def ended_pem_of(folder: Path) -> tuple[Path, Path]:
    """The same of a certificate that has ended."""
    cert, key, _ = pem_of(folder)
    settings, request = folder / "ca.cnf", folder / "request.pem"
    (folder / "index").touch()
    settings.write_text(
        f"[ca]\ndefault_ca = d\n[d]\ndatabase = {folder}/index\nnew_certs_dir = {folder}\nserial = {folder}/serial\n"
        "policy = p\ndefault_md = sha256\n[p]\ncommonName = supplied\n"
    )
    dates = "-startdate 20200101000000Z -enddate 20210101000000Z"
    for words in (
        f"req -new -key {key} -subj /CN=camera -out {request}",
        f"ca -batch -selfsign -rand_serial -notext -config {settings} -keyfile {key} {dates} -in {request} -out {cert}",
    ):
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
    return cert, key


@dataclass
class FrontRig:
    """`run` is the folder that the program is told of; `own` the device's own certificate, made before."""

    run: Path
    own: Path
    program: str
    asked: list[str] = field(default_factory=list)
    running: subprocess.Popen[bytes] | None = None

    def answer(self, connection: socket.socket) -> None:
        """Do what edge-tls-ask@.service does with one connection."""
        words = [str(TLS / "edge-tls-ask"), str(self.run), str(self.own)]
        surroundings = {**os.environ, "EDGE_HAPROXY": self.program}
        done = subprocess.run(
            words, stdin=connection.fileno(), stdout=connection.fileno(), env=surroundings, timeout=60, check=False
        )
        wanted = self.run / "wanted"
        self.asked.append(wanted.read_text() if wanted.exists() else "none")
        if done.returncode == 0:
            connection.sendall(b"ok\n" if self._restart(wanted) else b"HAProxy does not start\n")

    def _restart(self, wanted: Path) -> bool:
        self.end()
        if not wanted.exists():
            return True
        settings = dict(line.split("=", 1) for line in wanted.read_text().splitlines())
        notify = self.run / "notify"
        notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(notify))
            ear.settimeout(0.1)
            surroundings = {**os.environ, **settings, "CREDENTIALS_DIRECTORY": str(self.run)}
            surroundings["NOTIFY_SOCKET"] = str(notify)
            with (self.run.parent / "haproxy.log").open("ab") as log:
                words = [self.program, "-Ws", "-f", str(TLS / "edge-tls.cfg")]
                self.running = subprocess.Popen(words, stdout=log, stderr=log, env=surroundings)
            return self._ready(ear)

    def _ready(self, ear: socket.socket) -> bool:
        for _ in range(int(START_S / 0.1)):
            try:
                if b"READY=1" in ear.recv(4096):
                    return True
            except TimeoutError:
                pass
            if self.running is None or self.running.poll() is not None:
                return False
        return False

    def stands(self) -> bool:
        """Tell whether HAProxy runs."""
        return self.running is not None and self.running.poll() is None

    def end(self) -> None:
        """End HAProxy, as its unit is ended."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait(START_S)
            self.running = None


@contextmanager
def https_front(folder: Path) -> Iterator[FrontRig]:
    """Yield it, listening for wishes."""
    program = haproxy()
    run = folder / "edge-tls"
    run.mkdir()
    own = folder / "device.pem"
    own.write_text(pem_of(folder / "own")[2])
    rig = FrontRig(run, own, program)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.bind(str(run / "ask.sock"))
        ear.listen()

        def serve() -> None:
            while True:
                connection, _ = ear.accept()
                with connection:
                    if connection.recv(4, socket.MSG_PEEK) == b"end\n":
                        return
                    rig.answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield rig
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
                last.connect(str(run / "ask.sock"))
                last.sendall(b"end\n")
            thread.join(60)
            rig.end()
