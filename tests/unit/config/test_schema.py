"""The generated files are current, and the schema agrees with the loader as far as a schema can."""

from pathlib import Path

import jsonschema
import pytest

from edge.config.generate import main, pages
from edge.config.loader import ConfigErrors, loads
from edge.config.nodes import compose
from edge.config.places import plain
from edge.config.schema import schema_of
from edge.settings import Settings

ROOT = Path(__file__).parents[3]
CONTRACT = Path(__file__).with_name("contract.yaml")
CHANNEL = "channels:\n- name: A\n  source: {demo: {}}\n"
LINE = f"{CHANNEL}  rules:\n  - {{line: L, points: [[0, 0], [1, 1]]"


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_file_is_current(name: str) -> None:
    stored = (ROOT / name).read_text(encoding="utf-8")
    assert stored == pages()[name], "call `python -m edge.config.generate`"


def test_files_are_written_under_the_folder(tmp_path: Path) -> None:
    for name in pages():
        (tmp_path / name).parent.mkdir()
    main(tmp_path)
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in pages()} == pages()


def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(Settings, "edge.yaml"))


def schema_accepts(text: str) -> bool:
    root = compose(text)
    return schema().is_valid(plain(root) if root else None)


def loader_accepts(text: str) -> bool:
    try:
        loads(text, "edge.yaml")
    except ConfigErrors:
        return False
    return True


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(Settings, "edge.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        CHANNEL,
        f"{LINE}}}",
        f"{LINE}, objects: [Vehicle], direction: a_to_b, min_size: 0.5}}",
        f"{LINE}, tailgating: false, schedule: []}}",
        f"{CHANNEL}  sabotage: false\n  disconnect: false\n  objects: false\n  masks: []",
        f"{CHANNEL}  sabotage: {{seconds: 5}}",
        f"{CHANNEL}  masks: [{{kind: exclude, polygon: [[0, 0], [1, 0], [1, 1]]}}]",
        f"{CHANNEL}  rules: [{{zone: Z, polygon: [[0, 0], [1, 0], [1, 1]]}}]",
        f"{LINE}, tailgating: {{}}}}",
        "retention: {tracks_h: 24}",
        f"{CHANNEL}  analysis:\n  calibration: [{{foot: [0.5, 0.5], height: 0.5}}]",
        "api: {tls: {mode: none, cert_file: ''}}",
        "webhooks: [{url: 'http://h/', headers: {X-Y: a}}]",
        "mqtt: {host: h, topic_prefix: a/b, username: u, password_file: /p}",
        "webhooks: []\nmqtt: false\nprograms: []",
        "device: {name: '', timezone: ''}",
        "programs: [{command: [/bin/true, ''], events: [Sabotage], timeout_s: 2}]",
        "channels: [{name: A, id: '', source: {rtsp: {url: 'rtsp://192.0.2.7:554/a', password_file: x}}}]",
    ],
)
def test_both_accept(text: str) -> None:
    assert loader_accepts(text)
    assert schema_accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "nothing",
        "stat_dir: x",
        "state_dir: ''",
        "state_dir: 5",
        "api: {port: 0}",
        "api: {port: 80.5}",
        "api: {port: '80'}",
        "api: {enabled: yes}",
        "api: {auth: wrtes}",
        "api: {tls: {mode: file}}",
        "api: {tls: {local_port: 0}}",
        "device: {name: a b}",
        "mqtt: {host: h, version: 4}",
        "mqtt: {host: h, topic_prefix: 'a/+/b'}",
        "mqtt: {host: h, topic_prefix: /a}",
        "mqtt: {host: h, topic_prefix: $SYS}",
        "programs: [{command: []}]",
        "programs: [{command: /bin/true}]",
        "programs: [{command: [/bin/true], timeout_s: 0}]",
        "webhooks: [{url: 'ftp://h/'}]",
        "webhooks: [{url: 'http://h/', headers: {'X Y': a}}]",
        "channels: [{source: {demo: {}}}]",
        "channels: [{name: A}]",
        "channels: [{name: A, source: {}}]",
        "channels: [{name: A, source: {demo: {}, file: {path: x}}}]",
        "channels: [{name: ' A', source: {demo: {}}}]",
        "channels: [{name: A, id: a/b, source: {demo: {}}}]",
        "channels: [{name: A, source: {rtsp: {url: 'http://h/'}}}]",
        "channels: [{name: A, source: {rtsp: {url: 'rtsp://u:p@h/'}}}]",
        f"{CHANNEL}  detector: {{kind: onnx}}",
        f"{CHANNEL}  calibration: [{{foot: [0.5], height: 0.5}}]",
        f"{CHANNEL}  rules: [{{line: L}}]",
        f"{CHANNEL}  rules: [{{line: L, points: [[0, 0]]}}]",
        f"{LINE}, objects: []}}",
        f"{LINE}, objects: [Car]}}",
        f"{LINE}, polygon: []}}",
        f"{LINE}, margin: 0.6}}",
    ],
)
def test_both_refuse(text: str) -> None:
    assert not loader_accepts(text)
    assert not schema_accepts(text)


def places(error: jsonschema.ValidationError) -> set[str]:
    """Return where a mistake truly is: under the alternatives, at the deepest place."""
    found = {place for inner in error.context or () for place in places(inner)}
    deeper = {place for place in found if place != error.json_path}
    return deeper or {error.json_path}


def test_schema_accepts_the_contract_example() -> None:
    root = compose(CONTRACT.read_text(encoding="utf-8"))
    assert root is not None
    assert {place for error in schema().iter_errors(plain(root)) for place in places(error)} == set()


def test_example_file_is_right() -> None:
    text = (ROOT / "config" / "edge.yaml").read_text(encoding="utf-8")
    assert loader_accepts(text)
    assert schema_accepts(text)
