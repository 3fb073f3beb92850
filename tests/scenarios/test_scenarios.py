"""Every YAML file of this folder is a test: boxes over time, and the events that must follow."""

from pathlib import Path

import pytest

from edge.model.event import EventType
from tests.support.balance import assert_balanced, assert_in_order
from tests.support.played import play
from tests.support.scenarios import read_scenario, unmatched

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
COMINGS = {EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR}


@pytest.mark.parametrize("mirror", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, *, mirror: bool) -> None:
    scenario = read_scenario(path, mirror=mirror)
    named = any(one.type in COMINGS for one in scenario.expected)
    unwatched = set() if named or not scenario.channel.objects else COMINGS
    for fps in scenario.fps:
        played = play(scenario, fps)
        assert_in_order(played.groups)
        assert_balanced(played.events)
        missing, unexpected = unmatched(
            scenario.expected, [event for event in played.events if event.type not in unwatched]
        )
        assert not missing, f"at {fps} fps these did not come: {missing}; instead {unexpected}"
        assert not unexpected, f"at {fps} fps these came unexpected: {unexpected}"
        if scenario.suppressed is not None:
            missing, unexpected = unmatched(
                scenario.suppressed, [each for each in played.suppressed if each.type not in unwatched]
            )
            assert not missing, f"at {fps} fps these were not suppressed: {missing}; instead {unexpected}"
            assert not unexpected, f"at {fps} fps these were suppressed unexpected: {unexpected}"
