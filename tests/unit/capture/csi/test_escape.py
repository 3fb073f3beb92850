import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.capture.csi.escape import Escape

ROOT = Path(__file__).parents[4]
HANGS = """
import ctypes, sys, threading
from pathlib import Path
from edge.capture.csi.escape import Escape

def call_that_never_comes_back():
    with Escape(Path(sys.argv[1])).within("gate", 0.5):
        ctypes.PyDLL(None).sleep(30)  # as libcamera does: with the interpreter's lock

threading.Thread(target=call_that_never_comes_back, daemon=True).start()
threading.Event().wait(20)
print("somebody else ran on")
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=25, check=False)


def test_a_call_that_keeps_the_interpreter_ends_the_process_and_says_where_it_stood(tmp_path: Path) -> None:
    ended = run(HANGS, tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    stood = Escape(tmp_path).left("gate")
    assert "call_that_never_comes_back" in stood
    assert Escape(tmp_path).left("gate") == ""
    assert Escape(tmp_path).left("yard") == ""


def test_without_a_folder_it_says_so_on_standard_error(tmp_path: Path) -> None:
    ended = run(HANGS.replace("Path(sys.argv[1])", ""), tmp_path)
    assert ended.returncode == 1
    assert "call_that_never_comes_back" in ended.stderr


def test_what_comes_back_in_time_leaves_nothing(tmp_path: Path) -> None:
    escape = Escape(tmp_path)
    with escape.within("gate", 60.0), escape.within("yard", 60.0):
        pass
    with pytest.raises(OSError, match="busy"), escape.within("gate", 60.0):
        raise OSError("busy")
    assert escape.left("gate") == ""
    assert Escape(tmp_path).left("gate") == ""


STAYS = """
import sys, time
from pathlib import Path
from edge.capture.csi.escape import Escape

escape = Escape(Path(sys.argv[1]))
with escape.within("slow", 30.0):
    with escape.within("gate", 0.3):
        escape.stay("gate")
        time.sleep(0.6)
    with escape.within("yard", 0.3):
        time.sleep(20)
"""


def test_one_that_is_told_otherwise_does_not_end_the_process_and_the_earliest_does(tmp_path: Path) -> None:
    began_s = time.monotonic()
    assert run(STAYS, tmp_path).returncode == 1
    assert time.monotonic() - began_s < 15.0
    escape = Escape(tmp_path)
    assert [bool(escape.left(name)) for name in ("slow", "gate", "yard")] == [False, False, True]


def test_a_folder_that_cannot_be_written_costs_only_the_telling(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    escape = Escape(tmp_path / "gone")
    with escape.within("gate", 60.0):
        pass
    assert "that is not told" in caplog.text
    assert escape.left("gate") == ""


def test_a_call_that_may_take_long_asks_for_patience_and_a_short_one_does_not() -> None:
    asked: list[float] = []
    escape = Escape(None, asked.append)
    with escape.within("gate", 8.0):
        pass
    assert asked == []
    with escape.within("gate", 300.0):
        with escape.within("yard", 8.0):
            pass
        with escape.within("porch", 30.0):
            assert asked == [300.0]
    assert asked == [300.0, 0.0]
