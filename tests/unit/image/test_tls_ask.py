"""The script that takes a wish for HTTPS as root: what it writes down, and that it takes nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

ASK = Path(__file__).parents[3] / "systemd/tls/edge-tls-ask"
PLACES = "0.0.0.0:48462"
OWN = "-----BEGIN EC PRIVATE KEY-----\nown\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "device.pem").write_text(OWN)
    return tmp_path


def ask(folder: Path, wish: str, haproxy: str = "/bin/sh") -> subprocess.CompletedProcess[str]:
    words = [str(ASK), str(folder / "run"), str(folder / "device.pem")]
    surroundings = {**os.environ, "EDGE_HAPROXY": haproxy}
    return subprocess.run(words, input=wish, capture_output=True, text=True, timeout=30, check=False, env=surroundings)


def left(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "run").iterdir()}


def test_the_device_s_own_certificate_is_handed_on(folder: Path) -> None:
    done = ask(folder, f"self-signed {PLACES},::1:48462 48463\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert left(folder) == {
        "wanted": f"EDGE_TLS_BIND={PLACES},::1:48462\nEDGE_LOCAL_PORT=48463\n",
        "device.pem": OWN,
    }
    assert (folder / "run/device.pem").stat().st_mode & 0o777 == 0o600
    assert (folder / "run/wanted").stat().st_mode & 0o777 == 0o644


def test_the_owner_s_files_are_taken_whole(folder: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nnone\n-----END PRIVATE KEY-----\n"
    assert ask(folder, f"files {PLACES} 48463\n{pem}").returncode == 0
    assert left(folder)["device.pem"] == pem


def test_none_leaves_nothing(folder: Path) -> None:
    ask(folder, f"self-signed {PLACES} 48463\n")
    assert ask(folder, "none\n").returncode == 0
    assert left(folder) == {}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        pytest.param("", "nothing was asked for", id="nothing"),
        pytest.param("acme 0.0.0.0:1 2\n", "knows none, self-signed and files", id="mode"),
        pytest.param("self-signed /etc/passwd 2\n", "addresses", id="path"),
        pytest.param("self-signed $(reboot):1 2\n", "addresses", id="command"),
        pytest.param("self-signed\n", "addresses", id="no-address"),
        pytest.param("self-signed 0.0.0.0:1 2x\n", "local port", id="port"),
        pytest.param("self-signed 0.0.0.0:1 123456\n", "local port", id="long-port"),
        pytest.param("self-signed 0.0.0.0:1\n", "local port", id="no-port"),
        pytest.param("self-signed 0.0.0.0:1 2 LD_PRELOAD=/tmp/x\n", "not as expected", id="more"),
    ],
)
def test_another_wish_changes_nothing(folder: Path, wish: str, said: str) -> None:
    ask(folder, f"self-signed {PLACES} 48463\n")
    before = left(folder)
    done = ask(folder, wish)
    assert done.returncode == 1
    assert said in done.stdout
    assert left(folder) == before


def test_without_haproxy_it_is_said_what_to_install(folder: Path) -> None:
    done = ask(folder, f"self-signed {PLACES} 48463\n", "/nowhere/haproxy")
    assert "apt install haproxy openssl" in done.stdout
    assert left(folder) == {}
