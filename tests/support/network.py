"""A network of its own for tests that ask everybody in it: nothing of the real one is seen or disturbed."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

FIRST, SECOND, MOVED, FAR = "127.0.0.1", "198.51.100.1", "198.51.100.2", "203.0.113.1"
"""Addresses in it: of the loopback interface, twice of a second one, of a third one."""
_SET_UP = """
set -e
ip link set lo up
ip link set lo multicast on
ip link add cam0 type veth peer name cam1
ip address add 198.51.100.1/24 dev cam0
ip address add 198.51.100.2/24 dev cam0
ip address add 203.0.113.1/24 dev cam1
ip link set cam0 up
ip link set cam1 up
exec "$@"
"""
NOTHING = 'exec "$@"'
"""A network without any address: even the loopback interface is down."""
_ROOT = Path(__file__).parents[2]


@cache
def unavailable() -> str:
    """Why there can be no network of its own on this machine; empty where there can."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "unshare (util-linux) or ip (iproute2) is not installed"
    tried = subprocess.run(_command("true"), capture_output=True, check=False, text=True)
    return f"this machine allows no network namespace: {tried.stderr.strip()}" if tried.returncode else ""


def run_tests(path: str, set_up: str = _SET_UP) -> subprocess.CompletedProcess[str]:
    """Run a file of tests in a network of its own, and with a folder of its own: pytest tidies up after others."""
    with TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", f"{folder}/tests", path]
        environment = os.environ | {"PYTHONPATH": str(_ROOT)}
        return subprocess.run(
            _command(*words, set_up=set_up),
            capture_output=True,
            check=False,
            text=True,
            cwd=_ROOT,
            env=environment,
            timeout=150,
        )


def _command(*words: str, set_up: str = _SET_UP) -> list[str]:
    return ["unshare", "--map-root-user", "--net", "sh", "-c", set_up, "network", *words]
