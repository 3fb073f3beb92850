"""USB cameras: the tests of tests/usb, where the system calls on webcams are answered by tests/support/v4l2_shim.c."""

from pathlib import Path

import pytest

from tests.support.usb_camera import own_dev_unavailable, run_tests, unavailable


@pytest.mark.timeout(200)
def test_the_source(tmp_path: Path) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    run = run_tests("tests/usb/usb_source.py", tmp_path)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


@pytest.mark.timeout(200)
def test_the_command(tmp_path: Path) -> None:
    if reason := unavailable() or own_dev_unavailable():
        pytest.skip(reason)
    run = run_tests("tests/usb/usb_command.py", tmp_path, own_dev=True)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
