"""The pages in a real Chromium: our own, and the example for clients, which comes from another origin."""

import base64
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from edge.model.event import Direction
from edge.picture.jpeg import encode
from edge.settings import ApiSettings
from tests.support.backups import Site, backed_up
from tests.support.browser import Browser, browser
from tests.support.device import crossing, door_channel, filming, serving_at
from tests.support.pictures import plain_picture
from tests.support.ports import free_port
from tests.support.rest import CHANNEL, Device, serving

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel("<b>Gate</b>")]) as made:
        yield made


def open_page(chromium: Browser, url: str) -> None:
    """Load a page, with nothing of the page before in the records."""
    chromium.open("about:blank")
    chromium.complaints()
    chromium.asked()
    chromium.open(url)


def assert_clean(chromium: Browser, device: Device) -> None:
    assert chromium.complaints() == []
    assert {f"http://{urlsplit(url).netloc}" for url in chromium.asked()} == {device.url}


def test_the_status_page_shows_what_the_device_sees_and_each_event_as_it_comes(
    chromium: Browser, device: Device
) -> None:
    device.commit(crossing(channel_name="<b>Gate</b>"))
    with filming(device):
        open_page(chromium, f"{device.url}/")
        chromium.wait("return document.querySelectorAll('#events li').length === 1")
        chromium.wait("const image = document.querySelector('.view img'); return image && image.naturalWidth > 100")
        first = chromium.run("return document.querySelector('.view img').src")
        chromium.wait(f"return document.querySelector('.view img').src !== '{first}'")
        jpeg = encode(plain_picture(64, 36, (10, 200, 90)), max_width=64, quality=80)
        device.context.log.append([crossing(Direction.B_TO_A)], device.clock.now_us(), jpeg)
        chromium.wait("return document.querySelectorAll('#events li.fresh').length === 1")
        chromium.wait("return document.querySelector('#events li.fresh img').naturalWidth === 64")
        chromium.wait("return document.querySelector('.line .back').textContent === '1'")
        text = chromium.text()
    assert "<b>Gate</b>" in text
    assert "Line crossed" in text
    assert "Pedestrian · Door · B\u00a0→\u00a0A" in text
    assert "all is well" in text
    assert chromium.run("return document.querySelector('.line .forth').textContent") == "1"
    assert_clean(chromium, device)


def test_the_status_page_fits_a_phone(chromium: Browser, device: Device) -> None:
    chromium.size(500, 800)
    with filming(device):
        open_page(chromium, f"{device.url}/")
        chromium.wait("return document.querySelector('.channel h2')")
        assert chromium.run("return document.documentElement.scrollWidth <= innerWidth")
    chromium.size(1280, 900)


def test_without_a_camera_it_says_what_to_do_next(chromium: Browser, device: Device) -> None:
    device.settings.append(replace(device.settings[-1], channels=()))
    open_page(chromium, f"{device.url}/")
    chromium.wait("return document.body.innerText.includes('No camera yet')")
    assert "edge check-config" in chromium.text()
    device.settings.append(replace(device.settings[-1], channels=(door_channel("Yard"),)))
    chromium.wait("return document.querySelector('.channel h2')?.textContent === 'Yard'")
    assert "No camera yet" not in chromium.text()


def test_it_asks_for_a_token_where_everything_needs_one(chromium: Browser, device: Device) -> None:
    device.commit(crossing())
    device.settings.append(replace(device.settings[-1], api=ApiSettings(host="127.0.0.1", port=0, auth="all")))
    token = device.context.tokens.create("page")
    with filming(device):
        open_page(chromium, f"{device.url}/")
        chromium.wait("return !document.querySelector('#access').hidden")
        assert "Gate" not in chromium.text()
        chromium.run("document.querySelector('#token').value = arguments[0]", token)
        chromium.run("document.querySelector('#access button').click()")
        chromium.wait("return document.querySelectorAll('#events li').length === 1")
        chromium.wait("return document.querySelector('.view img')?.naturalWidth > 100")
    chromium.run("sessionStorage.clear()")


def test_a_backup_is_saved_and_another_one_restored_on_the_page(
    chromium: Browser, device: Device, tmp_path: Path
) -> None:
    """With a token asked for only where it is needed: looking is free here."""
    north = backed_up(Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 4), tmp_path / "x.backup")
    token = device.context.tokens.create("page")
    said = "document.querySelector('#backup-said').textContent"
    open_page(chromium, f"{device.url}/")
    chromium.run("document.querySelector('#backup').open = true; document.querySelector('#save-backup').click()")
    chromium.wait(f"return {said}.startsWith('Enter a token')")
    assert chromium.run("return !document.querySelector('#access').hidden")
    chromium.run("document.querySelector('#token').value = arguments[0]", token)
    chromium.run("document.querySelector('#access button').click()")
    chromium.wait("return sessionStorage.getItem('token') && window.EVENT_NAMES && document.readyState === 'complete'")
    chromium.complaints()
    chromium.run("document.querySelector('#backup').open = true; document.querySelector('#save-backup').click()")
    chromium.wait(f"return {said}.startsWith('Saved as edge-6789ab-')")
    chromium.run(
        """
        const bytes = Uint8Array.from(atob(arguments[0]), (each) => each.charCodeAt(0));
        const list = new DataTransfer();
        list.items.add(new File([bytes], "x.backup"));
        document.querySelector("#backup-file").files = list.files;
        document.querySelector("#backup-file").dispatchEvent(new Event("change"));""",
        base64.b64encode(north.read_bytes()).decode(),
    )
    chromium.wait("return !document.querySelector('#offer').hidden")
    text = chromium.text()
    assert "Backup of edge-aaaaaa" in text
    assert "4 events, 3 pictures" in text
    assert "keeps its id (0123456789ab)" in text
    chromium.run("document.querySelector('#offer [value=replace]').click()")
    chromium.run("document.querySelector('#restore-backup').click()")
    chromium.wait(f"return {said}.startsWith('The device restarts')")
    assert device.restarted.is_set()
    assert_clean(chromium, device)
    chromium.run("sessionStorage.clear()")


def test_live_pictures_show_in_an_img_element(chromium: Browser, device: Device) -> None:
    with filming(device):
        open_page(chromium, f"{device.url}/")
        chromium.wait("return document.querySelector('.view img')?.naturalWidth > 100")
        live = f"/v1/mjpeg/{CHANNEL}?width=320&overlay=1&fps=10"
        chromium.run("window.live = new Image(); live.src = arguments[0]; document.body.append(live)", live)
        chromium.wait("return live.naturalWidth === 320")
        pixels = """
            const canvas = new OffscreenCanvas(320, 180).getContext('2d');
            canvas.drawImage(live, 0, 0);
            return canvas.getImageData(0, 0, 320, 180).data.slice(0, 40000).join()"""
        first = chromium.run(pixels)
        chromium.wait(f"const now = (() => {{ {pixels} }})(); return now !== '{first}'")
        chromium.run("live.remove(); live.src = ''")


def test_the_reference_works_from_the_device_alone(chromium: Browser, device: Device) -> None:
    device.commit(crossing())
    open_page(chromium, f"{device.url}/docs")
    chromium.wait("return document.querySelectorAll('.opblock').length >= 12")
    chromium.run("document.querySelector('#operations-Events-getEvents .opblock-summary-control').click()")
    chromium.wait("return document.querySelector('.try-out__btn')")
    assert "TripwireCrossed" in chromium.wait("return document.querySelector('.opblock-body')?.innerText")
    chromium.run("document.querySelector('.try-out__btn').click()")
    chromium.wait("return document.querySelector('.execute')")
    chromium.run("document.querySelector('.execute').click()")
    chromium.wait("return document.querySelector('.live-responses-table')?.innerText.includes('event_id')")
    assert_clean(chromium, device)


def test_a_page_from_another_origin_receives_events(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with elsewhere(DOCS) as origin:
        with serving_at(port, tmp_path) as device:
            device.commit(crossing())
            open_page(chromium, f"{origin}/client.html?device={quote(device.url, safe='')}")
            chromium.wait("return document.getElementById('event-1')")
            device.commit(crossing(), crossing())
            chromium.wait("return document.getElementById('event-3')")
            assert f"Receiving from {device.url}" in chromium.text()
            assert chromium.complaints() == []
        chromium.wait("return document.getElementById('state').textContent.startsWith('No answer')")
        with serving_at(port, tmp_path) as device:
            device.commit(crossing())
            chromium.wait("return document.getElementById('event-4')")
    assert chromium.run("return document.querySelectorAll('#events tr').length") == 4


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Serve a folder's files at an origin of their own."""
    files = functools.partial(QuietFiles, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(30)


class QuietFiles(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
