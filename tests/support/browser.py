"""A real browser: Chromium without a window, driven through chromedriver's own HTTP protocol (W3C WebDriver)."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """One session of the browser."""

    def __init__(self, session_url: str) -> None:
        self._session_url = session_url

    def open(self, url: str) -> None:
        """Load a page."""
        self._post("/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the page gives
        """Return what a script with `return` gives."""
        return self._post("/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, timeout_s: float = 60.0) -> Any:  # noqa: ANN401 - whatever the page gives
        """Return what a script gives as soon as it is truthy; fail where it never is."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if found := self.run(script):
                return found
            time.sleep(0.05)
        pytest.fail(f"the page never came to {script!r}; it shows:\n{self.text()}\n{self.complaints()}")

    def text(self) -> str:
        """Return the visible text of the page."""
        return str(self.run("return document.body.innerText"))

    def complaints(self) -> list[str]:
        """Return what the console has said since the last call: errors, refusals of the security policy."""
        return [entry["message"] for entry in self._log("browser") if entry["level"] in {"SEVERE", "WARNING"}]

    def asked(self) -> list[str]:
        """Return the addresses asked for over the network since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if urlsplit(url).scheme not in {"data", "blob", "chrome"}]

    def size(self, width: int, height: int) -> None:
        """Set the size of the window in pixels."""
        self._post("/window/rect", {"width": width, "height": height})

    def emulate(self, **media: str) -> None:
        """Set media features, such as prefers_color_scheme="dark"."""
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self._post(
            "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"media": "", "features": features}}
        )

    def screenshot(self, path: Path) -> None:
        """Write a picture of the window as PNG."""
        path.write_bytes(base64.b64decode(_call("GET", f"{self._session_url}/screenshot")))

    def _log(self, kind: str) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self._post("/se/log", {"type": kind}))

    def _post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the driver answers
        return _call("POST", self._session_url + path, body)


@contextmanager
def browser(*switches: str) -> Iterator[Browser]:
    """Yield a browser with a profile of its own; skip the test where there is none."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        pytest.skip("chromium and chromedriver are not installed (apt: chromium chromium-driver)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, _driver(driver) as address:
        capabilities = _capabilities(chromium, [*SWITCHES, f"--user-data-dir={profile}", *switches])
        session = _call("POST", f"{address}/session", capabilities)["sessionId"]
        session_url = f"{address}/session/{session}"
        try:
            yield Browser(session_url)
        finally:
            _call("DELETE", session_url)


def _capabilities(chromium: str, switches: Sequence[str]) -> dict[str, Any]:
    options = {"binary": chromium, "args": list(switches)}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    return {"capabilities": {"alwaysMatch": wanted}}


@contextmanager
def _driver(program: str) -> Iterator[str]:
    """Yield the address of a driver on a free port."""
    with subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        try:
            assert running.stdout is not None
            yield f"http://127.0.0.1:{_port(running.stdout.readline)}"
        finally:
            running.terminate()


def _port(next_line: Callable[[], bytes]) -> int:
    while line := next_line():
        if found := re.search(rb"started successfully on port (\d+)", line):
            return int(found[1])
    pytest.fail("chromedriver did not start")


def _call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - whatever it answers
    content = None if body is None else json.dumps(body).encode()
    request = Request(url, content, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=120) as answer:
        return json.load(answer)["value"]
