import threading
from collections.abc import Callable
from signal import SIGHUP, SIGTERM

import pytest

from edge.health import Health
from edge.model.errors import StatedError
from edge.supervisor.supervisor import Supervisor
from tests.support.clock import HandClock
from tests.support.supervision import HandSignals, ScriptedWorker, Words


class Rig:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.signals = HandSignals(self.clock)
        self.words = Words()
        self.health = Health()
        self.diary: list[str] = []
        self.supervisor = Supervisor(self.health, self.clock, self.signals, self.words)

    def worker(self, name: str, *, fails: int = 0, hangs: bool = False) -> ScriptedWorker:
        return ScriptedWorker(name, self.diary, fails=fails, hangs=hangs)

    def run(self, *stages: list[ScriptedWorker], tick: Callable[[], bool]) -> int:
        return self.supervisor.run(
            stages, reload=lambda: self.diary.append("reload"), tick=tick, status=lambda: "all is well"
        )

    def stop_after(self, turns: int) -> Callable[[], bool]:
        def tick() -> bool:
            if self.signals.turns >= turns:
                self.signals.send(SIGTERM)
            return True

        return tick


def test_starts_in_order_and_stops_in_reverse() -> None:
    rig = Rig()
    code = rig.run([rig.worker("store")], [rig.worker("rest")], [rig.worker("capture")], tick=rig.stop_after(2))
    assert code == 0
    assert rig.diary == [
        "start store",
        "start rest",
        "start capture",
        "stop capture",
        "stop rest",
        "stop store",
    ]


def test_systemd_hears_ready_watchdog_status_and_stopping_once_each_in_order() -> None:
    rig = Rig()
    rig.run([rig.worker("store")], tick=rig.stop_after(3))
    said = [word for word in rig.words.said if not word.startswith("EXTEND")]
    assert said[0] == "READY=1"
    assert said[-1] == "STOPPING=1"
    assert said.count("STATUS=all is well") == 1
    assert said.count("WATCHDOG=1") >= 2


def test_a_failing_worker_is_started_again_and_the_rest_goes_on() -> None:
    rig = Rig()
    rig.signals.step_s = 0.01  # as fast as the real clock: a backoff waits for real
    flaky = rig.worker("flaky", fails=1)
    steady = rig.worker("steady")
    seen: list[int] = []

    def tick() -> bool:
        if flaky.runs == 2:
            seen.append(rig.health.snapshot().workers["flaky"].restarts)
            rig.signals.send(SIGTERM)
        return True

    assert rig.run([steady, flaky], tick=tick) == 0
    assert steady.runs == 1
    assert seen[0] == 1


def test_a_failure_shows_in_health_until_the_worker_runs_again() -> None:
    rig = Rig()
    states: list[tuple[bool, str]] = []

    def tick() -> bool:
        snapshot = rig.health.snapshot()
        states.append((snapshot.healthy, snapshot.workers["bad"].error))
        rig.signals.send(SIGTERM)
        return True

    rig.run([rig.worker("bad", fails=99)], tick=tick)
    assert states[0] == (False, "RuntimeError: bad broke")


def test_a_worker_that_does_not_advance_ends_the_process_without_a_watchdog_word() -> None:
    rig = Rig()
    code = rig.run([rig.worker("store")], [rig.worker("stuck", hangs=True)], tick=lambda: True)
    assert code == 1
    assert rig.diary[-1] == "stop store"
    assert rig.words.said[-1] == "STOPPING=1"


def test_a_program_that_stood_still_gives_its_workers_time_once(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    frozen = [3, 4, 5]

    def tick() -> bool:
        if rig.signals.turns in frozen:
            rig.clock.move(60.0)
        return True

    assert rig.run([rig.worker("store")], [rig.worker("stuck", hangs=True)], tick=tick) == 1
    assert rig.signals.turns == frozen[1] + 1, "the second time in a row is a fault"
    assert caplog.text.count("the whole program stood still for 60 s") == 1


def test_a_worker_that_does_not_come_back_with_the_program_is_found_out() -> None:
    rig = Rig()

    def tick() -> bool:
        if rig.signals.turns == 1:
            rig.clock.move(60.0)
        return True

    assert rig.run([rig.worker("stuck", hangs=True)], tick=tick) == 1
    assert rig.signals.turns == 8, "one turn a second: 6 s of grace"


def test_hangup_reloads_between_reloading_and_ready() -> None:
    rig = Rig()
    rig.signals.send(SIGHUP)
    rig.run([rig.worker("store")], tick=rig.stop_after(2))
    at = rig.words.said.index("RELOADING=1")
    assert rig.words.said[at + 1] == "READY=1"
    assert rig.diary.count("reload") == 1


def test_a_tick_that_asks_for_the_end_gets_it() -> None:
    rig = Rig()
    assert rig.run([rig.worker("store")], tick=lambda: False) == 1
    assert rig.diary[-1] == "stop store"


def test_a_worker_that_ends_by_itself_is_not_started_again_nor_stalled() -> None:
    rig = Rig()

    class Once:
        name = "once"
        runs = 0

        def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:  # noqa: ARG002 - has nothing to wait for
            beat()
            self.runs += 1

    once = Once()
    code = rig.supervisor.run([[once]], reload=lambda: None, tick=rig.stop_after(40), status=lambda: "")
    assert code == 0
    assert once.runs == 1


def test_workers_come_and_go_while_running() -> None:
    rig = Rig()
    late = rig.worker("late")

    def tick() -> bool:
        if late.runs == 0:
            rig.supervisor.add(late, 1)
        elif "stop late" not in rig.diary:
            assert rig.supervisor.remove("late")
        else:
            rig.signals.send(SIGTERM)
        return True

    assert rig.run([rig.worker("store")], tick=tick) == 0
    assert rig.diary == ["start store", "start late", "stop late", "stop store"]
    assert "late" not in rig.health.snapshot().workers


def test_a_stated_failure_is_logged_as_one_line(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()

    class Taken:
        name = "rest"

        def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:  # noqa: ARG002 - fails before it waits
            raise StatedError("the port is taken; set api.port")

    rig.supervisor.run([[Taken()]], reload=lambda: None, tick=rig.stop_after(1), status=lambda: "")
    (record,) = [record for record in caplog.records if "taken" in record.getMessage()]
    assert not record.exc_info
