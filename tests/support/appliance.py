"""The whole program as a process, with its configuration file, its page and systemd's end of the conversation."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ports import free_port

DEADLINE_S = 60.0


def until(what: str, found: Callable[[], Any], deadline_s: float = DEADLINE_S) -> Any:  # noqa: ANN401 - whatever is found
    """Ask again and again until the answer is true; return it."""
    end_s = time.monotonic() + deadline_s
    while time.monotonic() < end_s:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline_s} s: {what}")


@dataclass
class Appliance:
    """One running `edge`; `config` is its file, to be changed and sent SIGHUP for."""

    config: Path
    port: int
    process: subprocess.Popen[str]
    log: Path
    words: list[str] = field(default_factory=list)

    def get(self, path: str, timeout_s: float = 30.0) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that a call answers; None while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout_s) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            return None

    def text(self, path: str, timeout_s: float = 30.0) -> str:
        """Return the text that a call answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout_s) as answer:
            return str(answer.read().decode())

    def serve(self) -> None:
        """Wait until the API answers."""
        try:
            until("the API answers", lambda: self.get("/v1/json/channels") is not None)
        except AssertionError as late:
            raise AssertionError(f"{late}; its log:\n{self.log.read_text()}") from None

    def hear(self, word: str) -> None:
        """Wait until systemd is told so."""
        until(f"systemd hears {word}", lambda: word in self.words)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(DEADLINE_S)


@contextmanager
def appliance(folder: Path, channels: str, *, port: int | None = None, more: str = "") -> Iterator[Appliance]:
    """Yield `edge run` with these channels (YAML), its state below `folder`, on a free port; killed at the end."""
    port = port or free_port()
    config = folder / "edge.yaml"
    write_config(config, channels, port, more)
    words: list[str] = []
    with (
        listening(folder / "notify", words) as path,
        start(["run", "--config", str(config)], folder / "log", notify=path) as process,
    ):
        yield Appliance(config, port, process, folder / "log", words)


@contextmanager
def listening(path: Path, words: list[str]) -> Iterator[Path]:
    """Be systemd's end: take every word at once, since one who speaks waits while nobody takes them."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(path))

        def hear() -> None:
            while heard := ear.recv(4096).decode().splitlines():
                words.extend(heard)

        thread = threading.Thread(target=hear)
        thread.start()
        try:
            yield path
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
                mouth.sendto(b"", str(path))
            thread.join(10)


def write_config(config: Path, channels: str, port: int, more: str = "") -> None:
    """Write the configuration file; `more` is further YAML for the top level."""
    if "device:" not in more:  # else webhooks would wait on a machine that was started just now and has no time server
        more = f"device: {{clock_wait_s: 0}}\n{more}"
    config.write_text(
        f"state_dir: {config.parent / 'state'}\napi: {{host: 127.0.0.1, port: {port}}}\n{more}\nchannels:\n{channels}"
    )


@contextmanager
def start(words: list[str], log: Path, notify: Path | None = None, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a running `edge WORDS`, its output in `log`, with `more` in its environment; killed at the end."""
    environment = {**os.environ, "NOTIFY_SOCKET": str(notify)} if notify else dict(os.environ)
    environment |= more
    environment.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    with log.open("a") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", *words], stdout=file, stderr=subprocess.STDOUT, env=environment, text=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(DEADLINE_S)
