"""The example client in a real Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.calls import eventually
from tests.support.device import crossing, serving_at
from tests.support.ports import free_port
from tests.support.rest import Device

CLIENT = Path(__file__).parents[2] / "docs" / "client.mjs"


class Running:
    """The script with what it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def next(self) -> Any:  # noqa: ANN401 - JSON
        """Return the next event it prints."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def said(self) -> str:
        """Return its next remark."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().strip()


@contextmanager
def script(*words: str, token: str = "") -> Iterator[Running]:
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed (apt: nodejs)")
    pipe = subprocess.PIPE
    environment = {**os.environ, "EDGE_TOKEN": token}
    command = [program, str(CLIENT), *words]
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def waits(device: Device) -> None:
    """Wait until the script waits for the next event."""
    eventually(lambda: device.context.log.waiting() == 1)


def nobody_waits(device: Device) -> None:
    """Wait until the device has noticed that its client is gone."""
    eventually(lambda: device.context.log.waiting() == 0)


def test_it_prints_each_event_as_it_comes_and_survives_restarts_of_the_device(tmp_path: Path) -> None:
    port = free_port()
    with script(f"http://127.0.0.1:{port}", "0") as client:
        assert client.said().startswith("no answer (ECONNREFUSED)")
        with serving_at(port, tmp_path) as device:
            device.commit(crossing())
            assert client.said() == "the device is back"
            first = client.next()
            assert (first["event_id"], first["type"], first["direction"]) == (1, "TripwireCrossed", "a_to_b")
            waits(device)
            device.commit(crossing(), crossing())
            assert [client.next()["event_id"] for _ in range(2)] == [2, 3]
        assert client.said().startswith("no answer")
        with serving_at(port, tmp_path) as device:
            device.commit(crossing())
            assert client.next()["event_id"] == 4
            assert client.said() == "the device is back"


def test_it_resumes_where_it_was(tmp_path: Path) -> None:
    with serving_at(0, tmp_path) as device:
        device.commit(crossing(), crossing(), crossing())
        with script(device.url, "1") as client:
            assert [client.next()["event_id"] for _ in range(2)] == [2, 3]
        nobody_waits(device)  # else the ended script's poll is taken for the next one's
        with script(device.url) as client:
            waits(device)
            device.commit(crossing())
            assert client.next()["event_id"] == 4


def test_it_begins_anew_with_a_device_that_was_set_up_anew(tmp_path: Path) -> None:
    port = free_port()
    with script(f"http://127.0.0.1:{port}", "0") as client:
        client.said()
        with serving_at(port, tmp_path / "old") as device:
            device.commit(crossing(), crossing())
            assert [client.next()["event_id"] for _ in range(2)] == [1, 2]
            waits(device)
        with serving_at(port, tmp_path / "new") as device:
            device.commit(crossing())
            assert client.next()["event_id"] == 1


def test_it_shows_a_token_where_one_is_needed(tmp_path: Path) -> None:
    with serving_at(0, tmp_path, auth="all") as device:
        device.commit(crossing())
        with script(device.url, "0") as client:
            assert "401" in client.said()
        with script(device.url, "0", token=device.context.tokens.create("script")) as client:
            assert client.next()["event_id"] == 1


@pytest.mark.parametrize("words", [[], ["nowhere"], ["ftp://x"], ["http://127.0.0.1:1", "last"]])
def test_a_wrong_call_gets_one_line(words: list[str]) -> None:
    with script(*words) as client:
        assert client.said().startswith("usage: node client.mjs")
        assert client.process.wait(30) == 2
