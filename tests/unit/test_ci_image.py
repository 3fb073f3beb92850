"""The image's part of CI: says what it does not run, and fails where the image does."""

import shutil
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci" / "image"
SHELL = ("bash", "dirname", "id", "paste", "timeout", "env")
TOOLS = ("mmdebstrap", "qemu-system-aarch64", "qemu-img", "qemu-io", "mcopy")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that stands for PATH: what the script itself needs, and nothing else."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in SHELL:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    return folder


def program(folder: Path, name: str, text: str = "") -> None:
    path = folder / name
    path.unlink(missing_ok=True)  # it may be a link to the system's own
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def ci(programs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(programs)}
    return subprocess.run([str(CI), *words], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_too_little_time_is_said_and_is_no_failure(programs: Path) -> None:
    done = ci(programs, "start", "539")
    assert done.returncode == 0
    assert "The image was NOT built and started: 539 s are left, it may take 540." in done.stderr


def test_tools_that_are_missing_are_named(programs: Path) -> None:
    program(programs, "qemu-img")
    done = ci(programs, "start", "1200")
    assert done.returncode == 0
    assert "qemu-system-aarch64 qemu-io mcopy" in done.stderr
    assert "qemu-img " not in done.stderr


@pytest.mark.parametrize("status", [0, 2])
def test_it_ends_as_the_image_s_tests_do(programs: Path, status: int) -> None:
    for tool in TOOLS:
        program(programs, tool)
    program(programs, "id", "echo 0")
    program(programs, "make", f'echo "$@ $EDGE_BOOT_S"; exit {status}')
    done = ci(programs, "start", "1200")
    assert (done.returncode, done.stdout) == (status, "test-image-start 300\n")


def test_time_that_is_over_is_said_and_is_no_failure(programs: Path) -> None:
    for tool in TOOLS:
        program(programs, tool)
    program(programs, "id", "echo 0")
    program(programs, "timeout", "exit 124")
    done = ci(programs, "start", "1200")
    assert done.returncode == 0
    assert "NOT tested to the end: the 1200 s were over" in done.stderr


def test_what_is_not_known_is_refused(programs: Path) -> None:
    assert ci(programs, "begin").returncode == 2
    assert "seconds" in ci(programs, "start").stderr
