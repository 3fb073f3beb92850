"""Cameras that are looked for in the network: the tests of tests/network, in a network of their own."""

import pytest

from tests.support.network import run_tests, unavailable


@pytest.mark.parametrize("file", ["onvif_discovery.py", "onvif_moves.py", "onvif_device.py", "cameras_command.py"])
def test_in_a_network_of_its_own(file: str) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    run = run_tests(f"tests/network/{file}")
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
