"""One run of a real program."""

import os
import signal
import time
from pathlib import Path

import pytest

from edge.outputs.programs.child import ENVIRONMENT, OUTPUT_KEPT, End, Run, run_child
from tests.support.programs import alive, script, until


def run(*command: str, given: bytes = b"", timeout_s: float = 20.0, grace_s: float = 0.2) -> Run:
    return run_child(command, given, timeout_s=timeout_s, go_on=lambda: True, grace_s=grace_s)


def test_it_gets_its_input_and_its_end_is_told(tmp_path: Path) -> None:
    told = run(script(tmp_path / "p", f"cat > {tmp_path}/got; exit 3"), given=b'{"event_id":1}\n')
    assert told == Run(end=End.BY_ITSELF, code=3)
    assert not told.well
    assert (tmp_path / "got").read_bytes() == b'{"event_id":1}\n'


def test_no_shell_sees_the_arguments(tmp_path: Path) -> None:
    words = ("$(id)", "a b", "; rm -rf /", "*", "")
    told = run(script(tmp_path / "p", 'for word in "$@"; do echo "<$word>"; done'), *words)
    assert told.output.decode().splitlines() == [f"<{word}>" for word in words]


def test_both_outputs_are_heard_and_only_the_end_is_kept(tmp_path: Path) -> None:
    told = run(script(tmp_path / "p", "yes abc | head -c 300000; echo oops >&2"))
    assert told.well
    assert len(told.output) == OUTPUT_KEPT
    assert told.output.endswith(b"oops\n")


def test_its_environment_is_small_and_its_folder_the_root(tmp_path: Path) -> None:
    os.environ["EDGE_TEST_SECRET"] = "s3cr3t"
    try:
        told = run(script(tmp_path / "p", "env; pwd"))
    finally:
        del os.environ["EDGE_TEST_SECRET"]
    *variables, folder = told.output.decode().splitlines()
    assert {line.partition("=")[0] for line in variables} - {"PWD", "SHLVL", "_", "OLDPWD"} == set(ENVIRONMENT)
    assert folder == "/"


def test_one_that_does_not_read_is_no_fault(tmp_path: Path) -> None:
    assert run(script(tmp_path / "p", "exec <&-; sleep 0.1"), given=b"x" * 500_000).well


def test_a_large_input_is_given_while_output_comes(tmp_path: Path) -> None:
    told = run(script(tmp_path / "p", "cat"), given=b"x" * 500_000 + b"end")
    assert told.well
    assert told.output == (b"x" * OUTPUT_KEPT + b"end")[-OUTPUT_KEPT:]


@pytest.mark.parametrize(
    ("name", "text", "mode", "problem"),
    [
        ("none", None, 0, "there is no such file"),
        ("plain", "#!/bin/sh\n", 0o644, "may not be executed"),
        ("words", "just words\n", 0o755, "it is no program"),
        ("lost", "#!/no/such/interpreter\n", 0o755, "not the interpreter"),
    ],
)
def test_what_cannot_be_started_says_why(tmp_path: Path, name: str, text: str | None, mode: int, problem: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    told = run(str(tmp_path / name))
    assert (told.end, told.code) == (End.NOT_STARTED, None)
    assert problem in told.problem


def test_a_folder_and_an_empty_name_are_no_programs(tmp_path: Path) -> None:
    assert run(str(tmp_path)).end is End.NOT_STARTED
    assert run("").end is End.NOT_STARTED


def test_the_end_by_a_signal_is_told() -> None:
    assert run("sh", "-c", "kill -SEGV $$").code == -signal.SIGSEGV


def test_the_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    text = f"sleep 1000 & echo $! > {tmp_path}/child; echo begun; wait"
    began_s = time.monotonic()
    told = run(script(tmp_path / "p", text), timeout_s=0.5)
    assert (told.end, told.code, told.output) == (End.TIME_LIMIT, -signal.SIGTERM, b"begun\n")
    assert time.monotonic() - began_s < 5
    child = int((tmp_path / "child").read_text())
    until(lambda: not alive(child))


def test_one_that_does_not_heed_sigterm_is_killed(tmp_path: Path) -> None:
    text = f"trap 'echo heard >> {tmp_path}/heard' TERM; while :; do sleep 0.05; done"
    told = run(script(tmp_path / "p", text), timeout_s=0.5, grace_s=0.5)
    assert (told.end, told.code) == (End.TIME_LIMIT, -signal.SIGKILL)
    assert (tmp_path / "heard").read_text() == "heard\n"


def test_one_that_stands_still_is_killed_too(tmp_path: Path) -> None:
    assert run(script(tmp_path / "p", "kill -STOP $$"), timeout_s=0.3).code == -signal.SIGKILL


def test_one_that_never_stops_writing_keeps_its_time_limit() -> None:
    told = run("yes", timeout_s=0.5)
    assert told.end is End.TIME_LIMIT
    assert len(told.output) == OUTPUT_KEPT


def test_what_it_leaves_behind_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    text = f"trap '' TERM; sleep 1000 & echo $! > {tmp_path}/child; echo done"
    began_s = time.monotonic()
    told = run(script(tmp_path / "p", text))
    assert (told.well, told.output) == (True, b"done\n")
    assert time.monotonic() - began_s < 10
    child = int((tmp_path / "child").read_text())
    until(lambda: not alive(child))


def test_it_is_ended_where_the_device_stops() -> None:
    asked = iter([True, False])
    told = run_child(["sleep", "1000"], b"", timeout_s=900, go_on=lambda: next(asked, False))
    assert told.end is End.STOPPED


def test_a_fault_while_it_runs_ends_it_too(tmp_path: Path) -> None:
    name = script(tmp_path / "p", f"echo $$ > {tmp_path}/pid; exec sleep 1000")

    def fail() -> bool:
        until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        raise RuntimeError("fault")

    with pytest.raises(RuntimeError, match="fault"):
        run_child([name], b"", timeout_s=900, go_on=fail)
    until(lambda: not alive(int((tmp_path / "pid").read_text())))


def test_nothing_stays_open() -> None:
    run("true")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        run("true")
        run("/no/such/program")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
