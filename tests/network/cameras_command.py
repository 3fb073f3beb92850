"""`edge cameras` in a network of its own. Run by tests/integration/test_onvif_network.py."""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from edge.config.loader import load
from tests.support.network import FAR, FIRST, MOVED, SECOND
from tests.support.onvif_camera import OnvifCamera

ENDPOINT = "urn:uuid:5f5a69c2-e0ae-504f-829b-00000000000"


def edge(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_all_are_listed_ready_to_paste_within_ten_seconds(tmp_path: Path) -> None:
    secret, written = tmp_path / "secret", tmp_path / "edge.yaml"
    secret.write_text("secret\n")
    cameras = [
        OnvifCamera(host=FIRST, endpoint=f"{ENDPOINT}1", name="Front door"),
        OnvifCamera(host=SECOND, endpoint=f"{ENDPOINT}2", name="Front door", password="another"),
        OnvifCamera(host=MOVED, endpoint=f"{ENDPOINT}3", discovery="malformed"),
        OnvifCamera(host=FAR, endpoint=f"{ENDPOINT}4", name="Never answers: a #1 case", fault="silent"),
    ]
    with ExitStack() as there:
        for camera in cameras:
            there.enter_context(camera)
        begun_s = time.monotonic()
        run = edge("cameras", "--user", "admin", "--password-file", str(secret))
        assert time.monotonic() - begun_s < 13.0  # ten, and the start of the program on a loaded machine
    assert run.returncode == 0, run.stderr
    assert "secret" not in run.stdout.replace(str(secret), "")
    written.write_text(run.stdout)
    channels = load(written).channels
    assert [channel.name for channel in channels] == ["Front door", "Front door 2", "Never answers: a #1 case"]
    assert [channel.source.onvif.port for channel in channels if channel.source.onvif] == [
        camera.port for camera in cameras if camera.discovery == "right"
    ]
    assert "# * sub: 640x360 H264, 10 fps" in run.stdout
    assert f"#   http://{FIRST}:{cameras[0].port}/snapshot/sub" in run.stdout
    assert "refuses the user name or password" in run.stdout
    assert "does not answer in time" in run.stdout
    assert cameras[1].failed == 1
    checked = edge("check-config", "--config", str(written))
    assert (checked.returncode, "3 channels" in checked.stdout) == (0, True)


def test_none_is_a_failure_that_says_what_to_do() -> None:
    run = edge("cameras")
    assert run.returncode == 1
    assert "no camera answered" in run.stderr
