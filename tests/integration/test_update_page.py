"""An update from the status page, in a real Chromium, by the real service."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.appliance import until
from tests.support.browser import Browser, browser
from tests.support.device import filming
from tests.support.rest import Device
from tests.support.updates import NEW, OTHER_KEY, Rig, bundle_of, device, system
from tests.support.updates_served import api

CHOOSE = """
    const bytes = Uint8Array.from(atob(arguments[0]), (each) => each.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "edge-test-0.2.0.edgeup"));
    document.querySelector("#bundle").files = files.files;
    document.querySelector("#install").click();"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with device(tmp_path) as made:
        yield made


def opened(chromium: Browser, made: Device) -> None:
    chromium.open("about:blank")
    chromium.complaints()
    chromium.open(f"{made.url}/")
    chromium.wait("return document.querySelector('#system').textContent.includes('0.1.0+aaaa')")
    chromium.run("document.querySelector('#update').open = true")


def choose(chromium: Browser, bundle: bytes) -> None:
    chromium.run(CHOOSE, base64.b64encode(bundle).decode())


def told(chromium: Browser, text: str) -> None:
    chromium.wait(f"return document.querySelector('#update-text').textContent.includes({text!r})")


def test_a_file_is_chosen_sent_and_installed(chromium: Browser, rig: Rig) -> None:
    with api(rig) as made, filming(made):
        opened(chromium, made)
        assert "slot a" in chromium.text()
        choose(chromium, bundle_of(system(3), key=OTHER_KEY))
        told(chromium, "Not updated: the signature is not by the key")
        choose(chromium, bundle_of(system(2)))
        told(chromium, "restarting")
        assert (rig.content("b"), rig.restarts()) == (system(2), 1)
        complaints = [each for each in chromium.complaints() if "422" not in each]
        assert complaints == []


def test_it_asks_for_a_token_and_says_what_was_rolled_back(chromium: Browser, rig: Rig) -> None:
    rig.send(bundle_of(system(2)), restart=False)
    attempt = rig.attempts.open()
    assert attempt is not None
    rig.attempts.end(replace(attempt, stage="rolled back"))
    (rig.folder / "run/progress.json").unlink()
    with api(rig, "writes") as made:
        opened(chromium, made)
        told(chromium, "rolled back to 0.1.0+aaaa")
        assert "rolled back" in chromium.run("return document.querySelector('#notices').innerText")
        choose(chromium, bundle_of(system(2)))
        told(chromium, "Not updated: This call needs")
        chromium.run("document.querySelector('#token').value = arguments[0]", made.context.tokens.create("page"))
        chromium.run("document.querySelector('#access button').click()")
        chromium.wait("return document.querySelector('#system').textContent.includes('0.1.0')")
        choose(chromium, bundle_of(system(2)))
        until("it is tried", lambda: rig.slots.state().trial == "b", 60)
        told(chromium, NEW.version)
    chromium.run("sessionStorage.clear()")


def test_a_plain_debian_is_told_of_apt(chromium: Browser, rig: Rig) -> None:
    (rig.folder / "os-release").write_text("ID=debian\n")
    with api(rig) as made:
        chromium.open(f"{made.url}/")
        told(chromium, "apt install")
        assert chromium.run("return document.querySelector('#bundle-form').hidden")
