"""How a program that is not up is told: one line with the reason, from what systemd and the journal know."""

import pytest

from edge.firstboot.program import STARTING, program_state, why_not_up

AGAIN = {"ActiveState": "activating", "SubState": "auto-restart", "NRestarts": "4"}


@pytest.mark.parametrize(
    ("facts", "words", "said"),
    [
        pytest.param(
            {"ActiveState": "activating", "SubState": "start", "Result": "success"}, [], STARTING, id="begins"
        ),
        pytest.param(
            AGAIN | {"Result": "exit-code"},
            ["INFO edge.app: begins", "edge: cannot use /var/lib/edge (Read-only file system); see state_dir", "bye"],
            "NOT up: it ended by itself, and is tried again: cannot use /var/lib/edge (Read-only file system)"
            "; see state_dir",
            id="said why",
        ),
        pytest.param(
            AGAIN | {"SubState": "start", "Result": "success"},
            ["Traceback (most recent call last):", '  File "x.py"', "ValueError: seven", "INFO edge.app: begins"],
            "NOT up: it ended by itself, and is tried again: ValueError: seven",
            id="begun again",
        ),
        pytest.param(
            AGAIN | {"Result": "timeout"}, ["INFO edge.app: begins"], "NOT up: it did not come up in time", id="hangs"
        ),
        pytest.param(
            {"ActiveState": "failed", "SubState": "failed", "Result": "core-dump", "NRestarts": "0"},
            [],
            "NOT up: it was ended by a fault",
            id="crashed",
        ),
        pytest.param(
            {"ActiveState": "inactive", "SubState": "dead", "Result": "success", "NRestarts": "0"},
            [],
            "NOT up: it was not started",
            id="not started",
        ),
        pytest.param({}, [], "NOT up: systemd does not answer", id="nobody to ask"),
    ],
)
def test_the_reason_is_told_in_one_line(facts: dict[str, str], words: list[str], said: str) -> None:
    assert why_not_up(facts, words) == said


def test_where_nobody_can_be_asked_it_counts_as_not_up() -> None:
    assert not program_state("edge-of-nowhere.service").up
