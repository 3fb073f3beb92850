"""Ids after a restore: none is given twice, as far as anybody can know."""

from pathlib import Path

import pytest

from edge.backup.apply import AHEAD_LEAST, AHEAD_MOST, ids_behind
from edge.backup.head import Head
from edge.backup.members import Choice
from edge.store.ids import IdReserve

HEAD = Head(
    device_id="aaaaaaaaaaaa", device_name="north", version="1", time_s=1_780_000_000, events=5, last_event_id=500,
    state_dir="/s", config_dir="/c",
)  # fmt: skip
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("choice", "own", "age_s", "behind"),
    [
        (Choice.SAME, 20_000, DAY_S, 20_000),
        (Choice.SAME, 0, DAY_S, 10_500 + AHEAD_LEAST),
        (Choice.AS_NEW, 0, DAY_S, 10_500),
        (Choice.AS_NEW, 70_000, DAY_S, 70_000),
        (Choice.REPLACE, 0, DAY_S, 10_500 + AHEAD_LEAST),
        (Choice.REPLACE, 2_000_000, 30 * DAY_S, 2_000_000 + round(60 * DAY_S)),
        (Choice.REPLACE, 0, -40 * 365 * DAY_S, 10_500 + AHEAD_LEAST),
        (Choice.REPLACE, 0, 40 * 365 * DAY_S, 10_500 + AHEAD_MOST),
    ],
)
def test_ids_go_on_behind_all_that_may_have_been_given(
    choice: Choice, own: int, age_s: float, behind: int, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    IdReserve(new / "event_ids").put(10_500)
    if own:
        IdReserve(tmp_path / "event_ids").put(own)
    assert ids_behind(HEAD, choice, tmp_path, new, HEAD.time_s + age_s) == behind
