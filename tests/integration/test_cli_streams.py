"""Commands whose output nobody can take: closed, broken off, a full disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDGE = f"{sys.executable} -m edge"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell; the exit code of its first program counts."""
    command = ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", ["openapi", "show-config --config /dev/null", "--help"])
def test_who_has_enough_may_go(words: str) -> None:
    result = shell(f"(sleep 1; {EDGE} {words}) | true")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("words", ["openapi", "show-config --config /dev/null", "check-config --config /dev/null"])
def test_a_full_disk_is_told_in_one_line(words: str) -> None:
    result = shell(f"{EDGE} {words} > /dev/full")
    assert result.returncode == 1
    assert result.stderr == (
        "edge: standard output: No space left on device; look at its permissions and at the room on its disk\n"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(closed: str) -> None:
    result = shell(f"{EDGE} check-config --config /dev/null {closed}")
    assert (result.returncode, result.stderr) == (0, "")
