"""The whole program with webhooks: they come and go with the settings, tell no secret, and stop in time."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.appliance import Appliance, appliance, until, write_config
from tests.support.receivers import Receiver, answer, hang
from tests.support.typed import AggregateHook, EventHook
from tests.support.walkers import write_walk

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "walk.mp4"
    write_walk(path, there_and_back=True)
    return path


def channel(clip: Path) -> str:
    return (
        f"  - name: Gate\n    source: {{file: {{path: {clip}, loop: true, realtime: false}}}}\n"
        "    rules: [{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}]\n"
    )


def hooks(*entries: str) -> str:
    return "webhooks:\n" + "".join(f"  - {entry}\n" for entry in entries)


def edge(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def receivers(running: Appliance) -> list[dict[str, object]]:
    told = edge(["status", "--state", str(running.config.parent / "state"), "--json"])
    found = json.loads(told.stdout)["receivers"]
    assert isinstance(found, list)
    return found


def test_webhooks_come_and_go_with_the_settings(tmp_path: Path, clip: Path) -> None:
    with Receiver() as all_events, Receiver() as crossings, Receiver(hang) as hangs:
        first = hooks(f'{{url: "{all_events.url}", headers: {{X-Key: topsecret}}}}', f'{{url: "{hangs.url}"}}')
        with appliance(tmp_path, channel(clip), more=first) as running:
            running.serve()
            until("events arrive", lambda: len(all_events.received) > 10)
            second = hooks(f'{{url: "{crossings.url}", events: [TripwireCrossed]}}')
            write_config(running.config, channel(clip), running.port, second)
            running.process.send_signal(signal.SIGHUP)
            until("crossings arrive", lambda: len(crossings.received) > 3)
            count = len(all_events.received)
            until("more crossings arrive", lambda: len(crossings.received) > 10)
            assert len(all_events.received) == count
            write_config(running.config, channel(clip), running.port, first)
            running.process.send_signal(signal.SIGHUP)
            until("all arrive again", lambda: len(all_events.received) > count + 10)
            begun_s = time.monotonic()
            assert running.stop() == 0
            assert time.monotonic() - begun_s < 20
    ids = all_events.event_ids()
    assert ids == list(range(ids[0], ids[0] + len(ids)))  # while it was away nothing was lost
    assert {each.json["event_type"] for each in crossings.received} == {"TripwireCrossed"}
    for each in [*all_events.received, *crossings.received]:
        EventHook.parse(each.body)
    log = running.log.read_text()
    assert "s3cret" not in log
    assert "topsecret" not in log
    assert f"webhook:127.0.0.1:{hangs.port}" in log


def test_two_of_one_url_each_get_their_own_once_whatever_is_done_to_the_settings(tmp_path: Path, clip: Path) -> None:
    """They are swapped and get other filters while it runs and while it is off; the clip goes on all the time."""
    with Receiver() as receiver:
        crossings = f'{{url: "{receiver.url}", events: [TripwireCrossed], headers: {{X-Who: crossings}}}}'
        appears = f'{{url: "{receiver.url}", events: [ObjectAppear], headers: {{X-Who: objects}}}}'
        objects = f'{{url: "{receiver.url}", events: [ObjectAppear, ObjectDisappear], headers: {{X-Who: objects}}}}'

        def ids(who: str, kind: str) -> list[int]:
            """Which events of a kind one of the two got."""
            mine = (each for each in receiver.received if each.headers["x-who"] == who)
            return [int(each.headers["x-edge-event-id"]) for each in mine if each.json["event_type"] == kind]

        def more_arrive() -> None:
            counts = len(ids("crossings", "TripwireCrossed")), len(ids("objects", "ObjectAppear"))
            until("more crossings arrive", lambda: len(ids("crossings", "TripwireCrossed")) > counts[0])
            until("more objects arrive", lambda: len(ids("objects", "ObjectAppear")) > counts[1])

        with appliance(tmp_path, channel(clip), more=hooks(crossings, appears)) as running:
            running.serve()
            more_arrive()
            write_config(running.config, channel(clip), running.port, hooks(objects, crossings))
            running.process.send_signal(signal.SIGHUP)
            until("the other filters are in force", lambda: ids("objects", "ObjectDisappear"))
            more_arrive()
            running.stop()
        with appliance(tmp_path, channel(clip), more=hooks(crossings, appears)) as running:
            running.serve()
            more_arrive()
            running.stop()
        for who, kind in (("crossings", "TripwireCrossed"), ("objects", "ObjectAppear")):
            got = ids(who, kind)
            assert got == [event_id for event_id in kept(tmp_path, kind) if got[0] <= event_id <= got[-1]]
    assert {each.json["event_type"] for each in receiver.received if each.headers["x-who"] == "crossings"} == {
        "TripwireCrossed"
    }


def kept(folder: Path, kind: str) -> list[int]:
    """Return the ids of all events of a kind in the log."""
    said = edge(["events", "--state", str(folder / "state"), "--json", "--limit", "100000"])
    events = [json.loads(line) for line in said.stdout.splitlines()]
    return [each["event_id"] for each in events if each["type"] == kind]


def test_dead_letters_are_listed_and_sent_again(tmp_path: Path, clip: Path) -> None:
    state = ["--state", str(tmp_path / "state")]
    with Receiver(answer(404)) as receiver:
        hook = hooks(f'{{url: "{receiver.url}", events: [TripwireCrossed]}}')
        with appliance(tmp_path, channel(clip), more=hook) as running:
            running.serve()
            until("some are refused", lambda: int(str(receivers(running)[0]["dead"])) > 2)
            listed = json.loads(edge(["deliveries", "list", *state, "--json"]).stdout)["deliveries"]
            letter = listed[-1]
            assert letter["problem"] == "HTTP 404"
            receiver.behaviour = answer(200)
            assert edge(["deliveries", "retry", str(letter["delivery_id"]), *state]).stdout == "1 is sent once more\n"
            sent = [letter["event_id"]]
            until("it is sent again", lambda: receiver.event_ids().count(sent[0]) == 2)
            assert edge(["deliveries", "retry", "999999", *state]).returncode == 1
            assert edge(["deliveries", "retry", *state]).returncode == 1
            receiver.behaviour = answer(404)
            until("more are refused", lambda: int(str(receivers(running)[0]["dead"])) > 4)
            words = edge(["deliveries", "list", *state])
            assert "dead letters" in words.stdout
            assert "s3cret" not in words.stdout
            running.stop()
        offline = edge(["deliveries", "list", *state])
        assert "Line crossed, Gate" in offline.stdout
        assert edge(["deliveries", "retry", "--all", *state]).stdout.endswith("when the device runs\n")
        receiver.behaviour = answer(200)
        with appliance(tmp_path, "  []\n", more=hook) as running:
            running.serve()
            until("all are sent again", lambda: receivers(running)[0]["dead"] == receivers(running)[0]["waiting"] == 0)


def test_sums_arrive_after_the_full_hour_also_those_missed_while_it_was_off(tmp_path: Path) -> None:
    """The clock of the machine is not set for this: rows are put back by hours, as if the power had been off."""
    channels = "  - {name: Gate, source: {file: {path: /nowhere.mp4}}}\n"
    with Receiver() as receiver:
        hook = hooks(f'{{url: "{receiver.url}", when: hourly, extended: true}}')
        with appliance(tmp_path, channels, more=hook) as running:
            running.serve()
            until("it has begun", lambda: rows(tmp_path / "state", "window"))
            running.stop()
        with sqlite3.connect(tmp_path / "state" / "deliveries.db") as file:
            file.execute("UPDATE window SET until_us = until_us - 3 * 3600000000, sure = 1")
        file.close()
        with appliance(tmp_path, channels, more=hook) as running:
            running.serve()
            until("three arrive", lambda: len(receiver.received) >= 3)
            until("their answers have arrived, too", lambda: not rows(tmp_path / "state", "delivery"))
            running.stop(signal.SIGKILL)
        with appliance(tmp_path, channels, more=hook) as running:
            running.serve()
            time.sleep(2)  # nothing is to come: there is nothing to wait for
            assert running.stop() == 0
    sums = [AggregateHook.parse(each.body) for each in receiver.received]
    starts = [each.since_time for each in sums]
    assert starts == sorted(set(starts))
    assert len(sums) in (3, 4)  # the hour may have been full meanwhile
    assert receiver.received[0].json["observed_seconds"] == 0
    assert "x-edge-event-id" not in receiver.received[0].headers


def rows(state: Path, table: str) -> int:
    if not (state / "deliveries.db").exists():
        return 0
    with closing(sqlite3.connect(state / "deliveries.db")) as file:
        return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
