"""docs/operations.md speaks of every status, fault, file and bound, with the values in force."""

import re
from pathlib import Path

import pytest

from edge.analysis.load import FLOOR_FPS
from edge.app import appliance, compose, configuration, identity, load, restore
from edge.backup.members import MOST_BYTES
from edge.backup.unpack import LEFT_FREE
from edge.capture.onvif import known
from edge.capture.source import CameraStatus
from edge.cli.main import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from edge.outputs.control import SOCKET_NAME
from edge.outputs.mqtt import kept, link, refusals
from edge.outputs.programs import backlog, child, spoken
from edge.outputs.rest import backup, csv_events, pictures, query, sse
from edge.settings import ApiSettings
from edge.store import committer, inbox, outbox, places
from edge.store.database import FILE_NAME
from edge.store.outbox_file import FILE_NAME as OUTBOX
from edge.supervisor.supervisor import STALL_S

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FILES = [
    FILE_NAME,
    SOCKET_NAME,
    compose.TOKENS_FILE,
    configuration.LAST_GOOD,
    known.FILE_NAME,
    identity.ID_FILE,
    "event_ids",
    "ballast",
    OUTBOX,
    kept.FILE_NAME,
    "restore/",
]
FLAGS = [
    configuration.FLAG,
    load.FLAG,
    restore.FLAG,
    committer.FLAG_WAITING,
    committer.FLAG_LOST,
    committer.FLAG_REPAIRED,
    places.FLAG,
    outbox.FLAG_WAITING,
    outbox.FLAG_ANEW,
    refusals.FLAG,
    outbox.FLAG_GIVEN_UP,
    "analysis of NAME",
    "program N",
]
BOUNDS = [
    f"| {link.WINDOW}, or as few as the broker allows |",
    f"tried again after {link.Pace().first_retry_s} to {link.Pace().longest_retry_s} s",
    f"| {backlog.MOST}, none for longer than {backlog.OLDEST_S / 3600:.0f} hour |",
    f"SIGKILL {child.GRACE_S:.0f} s later",
    f"at most {spoken.MOST_LINES} lines of {spoken.MOST_CHARACTERS} characters",
    f"`api.max_waiting`, {ApiSettings().max_waiting:,}",
    f"`api.max_wait_s`, {ApiSettings().max_wait_s:.0f} s",
    f"| {query.MAX_LIMIT:,} |",
    f"(CSV) being sent | {csv_events.MAX_DOWNLOADS} |",
    f"| {sse.MAX_VIEWERS} |",
    f"by the API | {backup.MAX_BACKUPS} |",
    f"{MOST_BYTES // 2**30} GB, and what the disk has free but for {LEFT_FREE // 2**20} MB",
    f"| {pictures.MAX_VIEWERS}, and {pictures.MAX_VIEWERS_A_CHANNEL} on one channel |",
    f"| {inbox.MAX_EVENTS:,}, and {inbox.MAX_PICTURE_BYTES // 2**20} MB of pictures |",
    f"for {STALL_S:.0f} s; ending",
    f"trial for\n{configuration.TRIAL_S:.0f} s",
    f"Down to {FLOOR_FPS:g} pictures a second events stay right",
    f"at the start (up to {committer.CHECK_AT_OPEN_BYTES // 2**20} MB)",
]


@pytest.mark.parametrize("status", CameraStatus)
def test_every_status_of_a_camera_has_a_row(status: CameraStatus) -> None:
    assert re.search(rf"^\| `{status}` \| .+ \| .+ \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("flag", FLAGS)
def test_every_fault_has_a_row(flag: str) -> None:
    assert re.search(rf"^\| `{flag}` \| .+ \| .+ \| .+ \|$", TEXT, re.MULTILINE)


def test_no_fault_is_raised_that_this_test_does_not_know() -> None:
    raised = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in sorted((ROOT / "edge").rglob("*.py"))
        for name in re.findall(r"\.raise_flag\(([\w.]+)", path.read_text(encoding="utf-8"))
    ]
    assert set(raised) == {
        ("edge/analysis/worker.py", "_flag"),
        ("edge/app/configuration.py", "FLAG"),
        ("edge/app/load.py", "FLAG"),
        ("edge/app/run.py", "FLAG_MENDED"),
        ("edge/app/restore.py", "FLAG"),
        ("edge/outputs/mqtt/refusals.py", "FLAG"),
        ("edge/outputs/mqtt/worker.py", "FLAG"),
        ("edge/outputs/programs/report.py", "flag"),
        ("edge/store/committer.py", "FLAG_LOST"),
        ("edge/store/committer.py", "FLAG_REPAIRED"),
        ("edge/store/committer.py", "FLAG_WAITING"),
        ("edge/store/outbox.py", "FLAG_ANEW"),
        ("edge/store/outbox.py", "FLAG_GIVEN_UP"),
        ("edge/store/outbox.py", "FLAG_WAITING"),
    }


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_state_has_a_row(name: str) -> None:
    assert re.search(rf"^\| [^|]*`{re.escape(name)}`", TEXT, re.MULTILINE)


@pytest.mark.parametrize("bound", BOUNDS)
def test_bounds_are_those_in_force(bound: str) -> None:
    assert bound in TEXT


@pytest.mark.parametrize("code", [0, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED])
def test_every_exit_code_has_a_row(code: int) -> None:
    assert re.search(rf"^\| {code} \| ", TEXT, re.MULTILINE)


def test_every_log_line_is_still_written() -> None:
    """The constant words of each line stand in the source."""
    source = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "edge").rglob("*.py"))
    for line in re.findall(r"^\| `edge\.\w+: ([^`]+)` \|", TEXT, re.MULTILINE):
        words = re.split(r"[A-Z]{4,}(?::[A-Z]+)?|\b\d\w*|\.\.\.|\bN\b|: ", line)
        for part in (word.strip(" :;") for word in words):
            assert part in source, line


def test_stages_stop_in_the_told_order() -> None:
    assert appliance.STORE < appliance.OUTPUTS < appliance.ANALYSIS < appliance.CAPTURE
