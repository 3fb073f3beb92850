"""`edge replay` as people run it: the program, real clips, its output."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import av
import pytest

from tests.support.shared_data import shared
from tests.support.walkers import FPS, write_walk

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 150

LINE = """
device: {timezone: Europe/Berlin}
channels:
  - name: Other
    source: {demo: {}}
  - name: Street
    source: {file: {path: nowhere.mp4, start_time: "2026-03-29T01:59:55+01:00"}}
    analysis: {fps: RATE}
    rules:
      - {line: Middle, points: [[X, 0.0], [X, 1.0]]}
"""


def replay(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "edge", "replay", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def config(folder: Path, x: float, fps: float = 10) -> Path:
    """Write a configuration with a line down the picture at x."""
    path = folder / "edge.yaml"
    path.write_text(LINE.replace("X", str(x)).replace("RATE", str(fps)), encoding="utf-8")
    return path


def crossings(answer: subprocess.CompletedProcess[str]) -> Counter[tuple[str, str]]:
    """Count the crossings of an answer with --json, by line and direction."""
    assert answer.returncode == 0, answer.stderr
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    crossed = [event for event in events if event["type"] == "TripwireCrossed"]
    return Counter((event["rule_name"], event["direction"]) for event in crossed)


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    path = tmp_path / "walk.mp4"
    write_walk(path)
    return path


def test_a_walk_gives_appear_crossing_and_disappear_in_the_form_of_rest(walk: Path, tmp_path: Path) -> None:
    answer = replay(walk, "--config", config(tmp_path, 0.5), "--channel", "Street", "--json")
    assert answer.returncode == 0, answer.stderr
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [event["type"] for event in events] == ["ObjectAppear", "TripwireCrossed", "ObjectDisappear"]
    assert [event["event_id"] for event in events] == [1, 2, 3]
    crossed = events[1]
    assert crossed["rule_name"] == "Middle"
    assert crossed["direction"] == "b_to_a"
    assert crossed["object_id"] == "1"
    assert crossed["channel_name"] == "Street"
    assert float(crossed["timestamp"]) == pytest.approx(7.0, abs=0.5)
    assert crossed["time"].startswith("2026-03-29T03:00:0")  # the clip's clock, over the change to summer time
    assert crossed["time_utc"].startswith("2026-03-29T01:00:0")
    assert "1  TripwireCrossed  Middle  b_to_a" in answer.stderr


def test_the_answer_is_the_same_every_time(walk: Path, tmp_path: Path) -> None:
    words = (walk, "--config", config(tmp_path, 0.4), "--channel", "Street", "--json")
    assert replay(*words).stdout == replay(*words).stdout


def test_without_a_configuration_events_are_lines_for_people(walk: Path) -> None:
    answer = replay(walk)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    # its only rule is motion anywhere
    came = ["ObjectAppear", "MotionInRegionOn", "ObjectDisappear", "MotionInRegionOff"]
    assert sorted(line.split()[1] for line in lines) == sorted(came)
    assert lines[0].startswith("00:0")
    assert answer.stderr.startswith("played 1")


def test_the_annotated_clip_plays_and_is_as_long(walk: Path, tmp_path: Path) -> None:
    out = tmp_path / "seen.mp4"
    answer = replay(walk, "--config", config(tmp_path, 0.5), "--channel", "Street", "--annotate", out)
    assert answer.returncode == 0, answer.stderr
    with av.open(str(walk)) as before, av.open(str(out)) as after:
        seen = [frame.to_ndarray(format="rgb24") for frame in after.decode(video=0)]
        played = [frame.to_ndarray(format="rgb24") for frame in before.decode(video=0)]
    assert len(seen) == len(played)
    changed = [abs(one.astype(int) - other).max() > 60 for one, other in zip(seen, played, strict=True)]
    assert all(changed[: 2 * FPS])  # the line is there from the first frame


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.mp4"], "there is no such file"),
        (["WALK", "--calibrate", "--annotate", "out.mp4"], "writes no clip"),
        (["WALK", "--channel", "Garage"], 'there is no channel "Garage"'),
        (["WALK", "--config", "missing.yaml"], "there is no missing.yaml"),
        (["WALK", "--annotate", "/proc/no/where.mp4"], "cannot be written"),
        (["WALK", "--annotate", "WALK"], "is the clip itself"),
        ([str(Path(__file__))], "is not a video"),
    ],
    ids=["no-clip", "calibrate", "no-channel", "no-config", "no-place", "itself", "no-video"],
)
def test_a_misuse_gets_one_line(walk: Path, words: list[str], said: str) -> None:
    answer = replay(*[str(walk) if word == "WALK" else word for word in words])
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr
    assert answer.stdout == ""


def test_a_reader_that_has_enough_ends_it(walk: Path) -> None:
    command = [sys.executable, "-m", "edge", "replay", str(walk)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert "ObjectAppear" in program.stdout.readline()
        program.stdout.close()
        said = program.stderr.read()
        assert program.wait(TIMEOUT_S) == 0
    assert "Traceback" not in said


def test_an_interrupted_replay_gives_its_totals(tmp_path: Path) -> None:
    path = tmp_path / "walk.mp4"
    write_walk(path, there_and_back=True)
    command = [sys.executable, "-m", "edge", "replay", str(path), "--annotate", str(tmp_path / "seen.mp4")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert "ObjectAppear" in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        said = program.stderr.read()
        code = program.wait(TIMEOUT_S)
    assert (code, said.split()[0]) in [(130, "interrupted"), (0, "played")]
    assert "Traceback" not in said
    with av.open(str(tmp_path / "seen.mp4")) as seen:
        assert next(seen.decode(video=0)).width > 0


def test_a_terminal_sees_a_bar_and_then_the_totals(walk: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edge", "replay", str(walk)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs) as program:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # the terminal is gone when the program has ended
            while block := os.read(ours, 4096):
                said += block
        assert program.wait(TIMEOUT_S) == 0
    os.close(ours)
    assert b"s of video [" in said
    assert b"\rplayed" in said


@pytest.mark.parametrize("fps", [5, 10])
def test_vtest_has_the_true_counts_within_one(tmp_path: Path, fps: float) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(
        f"""
channels:
  - name: Campus
    source: {{demo: {{}}}}
    analysis: {{fps: {fps}}}
    rules:
      - {{line: A, points: [[{255 / 768}, {190 / 576}], [{255 / 768}, {420 / 576}]]}}
      - {{line: C, points: [[{60 / 768}, {330 / 576}], [{420 / 768}, {330 / 576}]]}}
""",
        encoding="utf-8",
    )
    counts = crossings(replay(shared("data/video/vtest.avi"), "--config", path, "--json"))
    truth = {("A", "a_to_b"): 9, ("A", "b_to_a"): 6, ("C", "a_to_b"): 1, ("C", "b_to_a"): 3}
    assert sum(abs(counts[key] - truth[key]) for key in truth) <= 1, counts


@pytest.mark.parametrize("fps", [5, 10])
def test_road_has_five_to_the_right_and_none_back(tmp_path: Path, fps: float) -> None:
    words = ("--config", config(tmp_path, 0.55, fps), "--channel", "Street", "--json")
    assert crossings(replay(shared("data/video/road.avi"), *words)) == {("Middle", "b_to_a"): 5}


def test_bottles_are_neither_people_nor_vehicles() -> None:
    answer = replay(shared("data/video/bottle-detection.mp4"), "--json")
    assert answer.returncode == 0, answer.stderr
    origins = {json.loads(line)["origin"] for line in answer.stdout.splitlines()}
    assert origins <= {"Unknown"}
