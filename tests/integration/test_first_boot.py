"""The command as systemd calls it, and the device after it: a wrong file never keeps it from serving its page."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from edge.firstboot.status import token_in
from tests.support.appliance import start, until
from tests.support.ports import free_port

BAD = "channels:\n  - name: Door\n    source: {rtsp: {url: 'rtsp://192.0.2.7/'}}\n    ruls: []\n"
HACK = "device: {name: '$(touch hacked)'}\nx: !!python/object/apply:os.system [touch hacked]\n"


def first_boot(folder: Path) -> str:
    words = ["first-boot", "--boot", "boot", "--config", "edge.yaml", "--state", "state", "--first", "first.yaml"]
    done = subprocess.run(
        [sys.executable, "-m", "edge", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(port: int, path: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


@pytest.mark.parametrize("written", [pytest.param(BAD, id="misspelt"), pytest.param(HACK, id="hostile")])
def test_with_a_wrong_file_the_device_serves_its_page_and_tells_the_line(tmp_path: Path, written: str) -> None:
    port = free_port()
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/edge.yaml").write_text(written)
    (tmp_path / "first.yaml").write_text(
        f"state_dir: {tmp_path / 'state'}\napi: {{host: 127.0.0.1, port: {port}, auth: all}}\n"
    )
    told = first_boot(tmp_path)
    text = (tmp_path / "boot/edge-status.txt").read_text()
    line = "edge.yaml:4: channels[0].ruls" if written == BAD else "edge.yaml:"
    assert line in text
    assert line in told
    assert not list(tmp_path.rglob("hacked"))
    token = token_in(text)
    assert token not in told
    with start(["run", "--config", str(tmp_path / "edge.yaml")], tmp_path / "log"):
        until("the page is there", lambda: status(port, "/") == 200)
        assert status(port, "/v1/json/channels") == 401
        assert status(port, "/v1/json/channels", token) == 200
