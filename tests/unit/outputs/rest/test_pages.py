import gzip
import hashlib
import html
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from edge.model.event import EVENT_NAMES
from edge.outputs.rest.pages import FILES, VENDORED, VENDORED_VERSION, read
from edge.settings import ApiSettings, DeviceSettings
from tests.support.calls import call
from tests.support.rest import Device, event, serving

ROOT = Path(__file__).parents[4]
BUNDLE = "/web/swagger-ui-bundle.js"
OWN = [path for path, file in FILES.items() if not file.packed]


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """A device for tests that only look."""
    with serving(tmp_path_factory.mktemp("device")) as made:
        made.commit(event())
        yield made


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path) as made:
        yield made


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_served_with_its_type_and_strict_headers(unchanged: Device, path: str) -> None:
    answer = call(unchanged.port, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == FILES[path].media
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.body


@pytest.mark.parametrize("path", OWN)
def test_our_pages_name_nothing_elsewhere_and_hold_no_script_or_style(path: str) -> None:
    text = read(FILES[path]).decode()
    assert set(re.findall(r"\w+://[\w.]+", text)) <= {"http://www.w3.org", "rtsp://192.0.2.10"}
    assert not re.search(r"\bstyle=|<style|\bon\w+=\"|javascript:|innerHTML", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_what_a_page_refers_to_is_there(unchanged: Device, path: str) -> None:
    page = call(unchanged.port, path).body.decode()
    targets = {html.unescape(found) for found in re.findall(r"(?:href|src)=\"([^\"]+)\"", page)}
    assert len(targets) > 4
    assert {target: call(unchanged.port, f"/{target.removeprefix('.')}").status for target in targets} == dict.fromkeys(
        targets, 200
    )


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("*", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("br", False),
        ("identity", False),
        ("", False),
    ],
)
def test_packed_for_those_who_take_it(unchanged: Device, accepted: str, *, packed: bool) -> None:
    answer = call(unchanged.port, BUNDLE, headers={"Accept-Encoding": accepted})
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert answer.headers["vary"] == "Accept-Encoding"
    body = gzip.decompress(answer.body) if packed else answer.body
    assert hashlib.sha256(body).hexdigest() == VENDORED["vendor/swagger-ui-bundle.js.gz"]


def test_a_page_that_has_not_changed_is_not_sent_again(unchanged: Device) -> None:
    first = call(unchanged.port, BUNDLE, headers={"Accept-Encoding": "gzip"})
    tag = first.headers["etag"]
    again = call(unchanged.port, BUNDLE, headers={"Accept-Encoding": "gzip", "If-None-Match": f'W/"other", {tag}'})
    assert (again.status, again.body) == (304, b"")
    assert call(unchanged.port, BUNDLE, headers={"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_devices_name_is_shown_and_is_no_markup(device: Device, path: str) -> None:
    assert "<title>" in call(device.port, path).body.decode()
    assert "edge-6789ab" in call(device.port, path).body.decode()
    name = DeviceSettings(name='<script>alert("1")</script> & co')
    device.settings.append(replace(device.settings[-1], device=name))
    page = call(device.port, path).body.decode()
    assert html.escape(name.name) in page
    assert name.name not in page


def test_pages_are_open_where_every_call_needs_a_token(device: Device) -> None:
    device.settings.append(replace(device.settings[-1], api=ApiSettings(host="127.0.0.1", port=0, auth="all")))
    assert {path: call(device.port, path).status for path in FILES} == dict.fromkeys(FILES, 200)
    assert call(device.port, "/openapi.json").json["paths"]["/v1/status"]["get"]["security"]
    assert call(device.port, "/v1/status").status == 401


@pytest.mark.parametrize("name", VENDORED)
def test_what_others_wrote_is_the_recorded_version_with_its_licence(name: str) -> None:
    folder = resources.files("edge.outputs.web")
    content = folder.joinpath(name).read_bytes()
    assert len(content) < 2**20
    assert hashlib.sha256(gzip.decompress(content)).hexdigest() == VENDORED[name]
    assert "Apache License" in folder.joinpath("vendor/LICENSE.txt").read_text()
    assert "SmartBear" in folder.joinpath("vendor/NOTICE.txt").read_text()
    bundle = gzip.decompress(folder.joinpath("vendor/swagger-ui-bundle.js.gz").read_bytes()).decode()
    assert f'"{VENDORED_VERSION}"' in bundle


def test_the_page_calls_events_by_their_names() -> None:
    script = read(FILES["/web/event-names.js"]).decode()
    names = json.loads(script[script.index("{") : script.rindex("}") + 1])
    assert names == {kind.value: name for kind, name in EVENT_NAMES.items()}


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_installed_with_the_program(path: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = settings["tool"]["setuptools"]["package-data"]["edge"]
    name = Path("outputs/web") / FILES[path].name
    assert any(name.match(pattern) for pattern in patterns)
