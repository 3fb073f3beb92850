"""What has become of an update, judged by the slots after a start."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.update.attempt import LAST_FILE, OPEN_FILE, Attempt, Attempts, Stage, judge
from edge.update.slots import SlotState

TRIAL = Attempt(stage="trial", before="0.1.0", version="0.2.0", slot="b", bundle="x", boot_id="then")
WRITING = replace(TRIAL, stage="writing")

CASES: dict[str, tuple[Attempt, SlotState, str, Stage]] = {
    "not started anew yet": (TRIAL, SlotState("a", "a", "b", 3), "then", "trial"),
    "started from the new one": (TRIAL, SlotState("b", "a", "b", 2), "now", "trial"),
    "found good": (TRIAL, SlotState("b", "b"), "now", "good"),
    "good for long": (replace(TRIAL, stage="good"), SlotState("a", "a"), "now", "good"),
    "back in the old one": (TRIAL, SlotState("a", "a"), "now", "rolled back"),
    "a start of the old one between two tries": (TRIAL, SlotState("a", "a", "b", 1), "now", "trial"),
    "being written": (WRITING, SlotState("a", "a"), "then", "writing"),
    "power failed while it was written": (WRITING, SlotState("a", "a"), "now", "interrupted"),
    "power failed before it was noted as on trial": (WRITING, SlotState("b", "a", "b", 2), "now", "trial"),
}


@pytest.mark.parametrize(("attempt", "state", "boot_id", "stage"), CASES.values(), ids=CASES)
def test_it_is_judged_by_the_slots(attempt: Attempt, state: SlotState, boot_id: str, stage: Stage) -> None:
    assert judge(attempt, state, boot_id) == replace(attempt, stage=stage)


def test_the_words_say_what_runs_and_why() -> None:
    assert replace(TRIAL, stage="good").text() == "updated to 0.2.0 (slot b)"
    assert "rolled back to 0.1.0" in replace(TRIAL, stage="rolled back").text()


def test_the_newest_is_remembered(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path / "update")
    assert attempts.newest() is None
    attempts.begin(WRITING)
    attempts.begin(TRIAL)
    assert attempts.open() == attempts.newest() == TRIAL
    ended = replace(TRIAL, stage="good")
    attempts.end(ended)
    assert (attempts.open(), attempts.newest()) == (None, ended)
    attempts.begin(WRITING)
    attempts.forget()
    assert attempts.newest() == ended


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stage": "trial"}', '{"stage": 1}', "null"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    for name in (OPEN_FILE, LAST_FILE):
        (tmp_path / name).write_text(text)
    assert Attempts(tmp_path).newest() is None
