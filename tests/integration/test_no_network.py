"""A device that starts without any network: the tests of tests/network/no_network.py, where even lo is down."""

import pytest

from tests.support.network import NOTHING, run_tests, unavailable


def test_without_a_network_it_starts_and_catches_up_once_there_is_one() -> None:
    if reason := unavailable():
        pytest.skip(reason)
    run = run_tests("tests/network/no_network.py", NOTHING)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert "1 passed" in run.stdout
