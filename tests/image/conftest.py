"""One machine serves all tests of `make test-image`; each begins and ends with a device that is up, in any order.

Every test of the image leaves its result in docs/image-results.md. Of the long ones, those that have passed with this
image are not run again, so that a run that was broken off goes on; EDGE_AGAIN=1 runs them.
"""

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.image import results
from tests.image.device import BOOT_S, IMAGE, hash_of_image, manifest, new_machine, power_on
from tests.image.machine import Machine
from tests.support.ports import free_port

HERE = Path(__file__).parent
MQTT = 1883
SECRET = "correct horse\n"
MISSPELT = "api: {auth: all}\nchannels:\n  - nam: Door\n    source: {demo: {scene: street}}\n"


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A device whose owner has put settings with a wrong line on the card, and a password."""
    with new_machine(tmp_path_factory.mktemp("machine"), reachable={MQTT: free_port()}) as machine:
        machine.put_on_card("edge.yaml", MISSPELT)
        machine.put_on_card("secrets/broker", SECRET)
        note("first start of a card, to events", "passed", power_on(machine))
        yield machine


@pytest.fixture
def device(started: Machine) -> Machine:
    started.wait_for("the device is up", lambda: started.get("/healthz"), BOOT_S)
    return started


def image_name() -> str:
    """Name the image that is tested, as results do; empty where there is none."""
    if not (IMAGE / "manifest.json").exists():
        return ""
    noted = manifest()
    return f"{noted['version']}+{noted['commit']} {hash_of_image()}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test of the image ended, as soon as it did."""
    report = yield
    if report.when == "call" or (report.failed and report.when == "setup"):
        note(f"{item.path.relative_to(HERE)}::{item.name}", report.outcome, call.duration)
    return report


def note(name: str, outcome: str, took_s: float) -> None:
    """Put a result in place of the one before it."""
    day = f"{datetime.now(tz=UTC):%Y-%m-%d}"
    row = results.Result(name, outcome, f"{took_s:.0f}", image_name(), day)
    results.write(results.read() | {name: row})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has passed already, of the long tests."""
    if os.environ.get("EDGE_AGAIN"):
        return
    image, told = image_name(), results.read()
    done = [item for item in items if HERE / "long" in item.path.parents and passed(item, told, image)]
    if done:
        print(f"passed already with this image: {len(done)} (EDGE_AGAIN=1 runs them again)")  # noqa: T201 - for who runs it
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item not in done]


def passed(item: pytest.Item, told: dict[str, results.Result], image: str) -> bool:
    row = told.get(f"{item.path.relative_to(HERE)}::{item.name}")
    return row is not None and (row.result, row.image) == ("passed", image)
