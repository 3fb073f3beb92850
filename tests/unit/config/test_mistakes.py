"""Each mistake gets its line, its path and words that help."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from edge.config.loader import ConfigError, ConfigErrors, loads
from edge.config.reader import read
from edge.settings.marks import Doc, NotYet

CHANNEL = "channels:\n  - name: A\n    source: {demo: {}}\n"
RULES = f"{CHANNEL}    rules:\n"
RTSP = "channels:\n  - name: A\n    source:\n      rtsp:\n"
ID_X = "id: x, points: [[0, 0], [1, 1]]"
ZONE = f"{RULES}      - zone: Z\n        polygon: "
HOOK = "webhooks:\n  - "


@dataclass(frozen=True, slots=True, kw_only=True)
class StillToCome:
    """A section with a key that a later version has."""

    key: Annotated[str, Doc("what for"), NotYet()] = ""


def mistakes(text: str) -> list[ConfigError]:
    with pytest.raises(ConfigErrors) as caught:
        loads(text, "edge.yaml")
    return caught.value.errors


CASES = [
    ("unknown-key", "stat_dir: x", 1, "stat_dir", "unknown key (did you mean state_dir?)"),
    ("unknown-far", "zzz: x", 1, "zzz", "unknown key"),
    ("unknown-in-list", f"{CHANNEL}    anlysis: {{}}", 4, "channels[0].anlysis", "did you mean analysis?"),
    ("missing", "channels:\n  -\n    source: {demo: {}}", 3, "channels[0]", "name is missing"),
    ("twice", "state_dir: a\nlogging: {}\nstate_dir: b", 3, "state_dir", "given twice, first on line 1"),
    ("choice", "api: {auth: wrtes}", 1, "api.auth", "(did you mean writes?)"),
    (
        "choice-type",
        f"{RTSP}        url: rtsp://h\n        transport: [tcp]",
        6,
        "channels[0].source.rtsp.transport",
        "tcp, udp",
    ),
    ("word-for-truth", "api:\n  enabled: yes", 2, "api.enabled", "(write true)"),
    ("word-for-untruth", "api:\n  enabled: off", 2, "api.enabled", "(write false)"),
    ("quoted-truth", 'api:\n  enabled: "true"', 2, "api.enabled", "expected true or false, got the text"),
    ("text-for-number", "api:\n  port: eighty", 2, "api.port", "expected a whole number, got the text 'eighty'"),
    ("quoted-number", 'api:\n  port: "80"', 2, "api.port", "expected a whole number"),
    ("half-number", "api:\n  port: 80.5", 2, "api.port", "expected a whole number, got the number 80.5"),
    ("truth-for-number", "api:\n  port: true", 2, "api.port", "expected a whole number, got the word true"),
    ("base-60", "api:\n  port: 1:20", 2, "api.port", "expected a whole number, got the text '1:20'"),
    ("too-large", "api:\n  port: 65536", 2, "api.port", "must be 1 to 65535, is 65536"),
    ("too-small", "api:\n  port: 0", 2, "api.port", "must be 1 to 65535"),
    ("infinite", "api:\n  max_wait_s: .inf", 2, "api.max_wait_s", "must be a finite number"),
    ("overflow", "api:\n  max_wait_s: 1e999", 2, "api.max_wait_s", "must be a finite number"),
    ("not-a-number", "api:\n  max_wait_s: .nan", 2, "api.max_wait_s", "must be a finite number"),
    ("huge", f"api:\n  max_wait_s: {'9' * 299}", 2, "api.max_wait_s", "must be 1 to 600"),
    ("absurd", f"api:\n  max_wait_s: {'9' * 9999}", 2, "api.max_wait_s", "expected a number, got a text"),
    ("number-for-text", "state_dir: 5", 1, "state_dir", "expected a text, got the number 5 (put it in quotes)"),
    ("nothing-for-text", "state_dir:", 1, "state_dir", "expected a text, got nothing"),
    ("empty-text", 'state_dir: ""', 1, "state_dir", "must not be empty"),
    ("control", 'state_dir: "a\\u0007"', 1, "state_dir", "control character"),
    ("list-for-section", "api: []", 1, "api", "expected a section (key: value), got a list"),
    ("section-for-list", "channels: {name: A}", 1, "channels", "expected a list, got a section"),
    ("text-for-list", "channels: A", 1, "channels", "expected a list, got the text 'A'"),
    ("root-list", "- a", 1, "", "expected a section"),
    ("root-text", "hello", 1, "", "expected a section"),
    ("zone-unknown", "device:\n  timezone: Europe/Berln", 2, "device.timezone", "did you mean Europe/Berlin?"),
    ("zone-path", "device:\n  timezone: ../../etc/passwd", 2, "device.timezone", "no time zone"),
    ("host-name", "device:\n  name: front door", 2, "device.name", "expected a host name"),
    ("api-host", "api:\n  host: http://0.0.0.0", 2, "api.host", "without scheme"),
    ("no-source", "channels:\n  - name: A\n    source: {}", 3, "channels[0].source", "needs exactly one of rtsp"),
    ("empty-source", "channels:\n  - name: A\n    source:\n      demo:", 4, "channels[0].source", "demo: {}"),
    (
        "two-sources",
        "channels:\n  - name: A\n    source:\n      demo: {}\n      file: {path: a}",
        5,
        "channels[0].source.file",
        "has file and demo",
    ),
    ("tls-no-mode", "api: {tls: {cert_file: x}}", 1, "api.tls.cert_file", "are for `mode: files`"),
    (
        "tls-ports",
        "api: {port: 9000, tls: {mode: files, cert_file: a, key_file: b, local_port: 9000}}",
        1,
        "api.tls",
        "both 9000",
    ),
    (
        "same-names",
        "channels:\n- {name: A, source: {demo: {}}}\n- {name: A, source: {demo: {}}}",
        3,
        "channels[1].name",
        "the same as channels[0].name",
    ),
    (
        "same-ids",
        "channels:\n- {name: A, id: x, source: {demo: {}}}\n- {name: B, id: x, source: {demo: {}}}",
        3,
        "channels[1].id",
        "channels[0].id",
    ),
    ("blank-name", "channels:\n- {name: ' ', source: {demo: {}}}", 2, "channels[0].name", "begin or end with a space"),
    ("bad-id", "channels:\n- {name: A, id: a/b, source: {demo: {}}}", 2, "channels[0].id", "an id of letters"),
    ("rtsp-scheme", f"{RTSP}        url: http://h/x", 5, "channels[0].source.rtsp.url", "must begin with rtsp://"),
    ("rtsp-host", f"{RTSP}        url: rtsp:///x", 5, "channels[0].source.rtsp.url", "names no host"),
    ("rtsp-port", f"{RTSP}        url: rtsp://h:99999/", 5, "channels[0].source.rtsp.url", "no valid address"),
    ("rtsp-brackets", f"{RTSP}        url: 'rtsp://[::1'", 5, "channels[0].source.rtsp.url", "no valid address"),
    ("rtsp-user", f"{RTSP}        url: rtsp://u:geheim@h/", 5, "channels[0].source.rtsp.url", "use the keys username"),
    (
        "two-passwords",
        f"{RTSP}        url: rtsp://h\n        password: geheim\n        password_file: f",
        7,
        "channels[0].source.rtsp.password_file",
        "keep one",
    ),
    (
        "start-time",
        "channels:\n- name: A\n  source:\n    file: {path: a,\n      start_time: yesterday}",
        5,
        "channels[0].source.file.start_time",
        "expected a time such as",
    ),
    (
        "rulers",
        f"{CHANNEL}    calibration:\n    - {{foot: [0.1, 0.5], height: 0.2}}\n    - {{foot: [0.9, 0.5], height: 0.3}}",
        5,
        "channels[0].calibration",
        "same y",
    ),
    (
        "three-rulers",
        f"{CHANNEL}    calibration: [{', '.join(f'{{foot: [0, 0.{i}], height: 0.2}}' for i in (1, 2, 3))}]",
        4,
        "channels[0].calibration",
        "takes at most 2 entries, has 3",
    ),
    (
        "neither-line-nor-zone",
        f"{RULES}      - lines: L",
        5,
        "channels[0].rules[0]",
        "needs exactly one of line or zone (did you mean line?)",
    ),
    (
        "line-and-zone",
        f"{RULES}      - line: L\n        zone: Z",
        5,
        "channels[0].rules[0]",
        "needs exactly one of line or zone",
    ),
    ("rule-text", f"{RULES}      - Line 1", 5, "channels[0].rules[0]", "expected a section with line or zone"),
    (
        "one-point",
        f"{RULES}      - line: L\n        points: [[0, 0]]",
        6,
        "channels[0].rules[0].points",
        "needs at least 2 entries, has 1",
    ),
    (
        "same-points",
        f"{RULES}      - line: L\n        points: [[0, 0], [1, 1], [0, 0]]",
        6,
        "channels[0].rules[0].points",
        "points 1 and 3 are the same",
    ),
    (
        "long-point",
        f"{RULES}      - line: L\n        points: [[0, 0], [1, 1, 1]]",
        6,
        "channels[0].rules[0].points[1]",
        "expected a list of 2, got 3",
    ),
    (
        "outside",
        f"{RULES}      - line: L\n        points:\n          - [0, 0]\n          - [0.5, 1.5]",
        8,
        "channels[0].rules[0].points[1][1]",
        "must be 0 to 1, is 1.5",
    ),
    (
        "sizes",
        f"{RULES}      - line: L\n        points: [[0, 0], [1, 1]]\n        max_size: 0.1\n        min_size: 0.2",
        8,
        "channels[0].rules[0].min_size",
        "below min_size",
    ),
    (
        "same-rules",
        f"{RULES}      - {{line: L, points: [[0, 0], [1, 1]]}}\n      - {{line: L, points: [[0, 0], [1, 1]]}}",
        6,
        "channels[0].rules[1].line",
        "the same as channels[0].rules[0].line",
    ),
    (
        "same-rule-ids",
        f"{RULES}      - {{line: L, {ID_X}}}\n      - {{line: M, {ID_X}}}",
        6,
        "channels[0].rules[1].id",
        "rules[0].id",
    ),
    (
        "no-objects",
        f"{RULES}      - {{line: L, points: [[0, 0], [1, 1]], objects: []}}",
        5,
        "channels[0].rules[0].objects",
        "must not be empty",
    ),
    ("bow-tie", f"{ZONE}[[0, 0], [1, 1], [1, 0], [0, 1]]", 6, "channels[0].rules[0].polygon", "sides 1 and 3 cross"),
    ("thin", f"{ZONE}[[0, 0], [0.5, 0.5], [0.50000001, 0.5001]]", 6, "channels[0].rules[0].polygon", "next to no area"),
    ("flat", f"{ZONE}[[0, 0], [0.5, 0.5], [1, 1]]", 6, "channels[0].rules[0].polygon", "cross or touch"),
    ("closed", f"{ZONE}[[0, 0], [1, 0], [1, 1], [0, 0]]", 6, "channels[0].rules[0].polygon", "leave the last one out"),
    ("two-corners", f"{ZONE}[[0, 0], [1, 0]]", 6, "channels[0].rules[0].polygon", "needs at least 3 entries"),
    (
        "time-of-day",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        schedule: [{{from: 8:00}}]",
        7,
        "channels[0].rules[0].schedule[0].from",
        "a time of day",
    ),
    (
        "no-time",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        schedule: [{{from: 18:00, to: 18:00}}]",
        7,
        "channels[0].rules[0].schedule[0].to",
        "the same",
    ),
    (
        "class-bounds",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        loitering: {{per_class: {{Vehicle: 0}}}}",
        7,
        "channels[0].rules[0].loitering.per_class.Vehicle",
        "must be 0.5 to 86400",
    ),
    (
        "class-name",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        loitering: {{per_class: {{Vehicel: 1}}}}",
        7,
        "channels[0].rules[0].loitering.per_class.Vehicel",
        "did you mean Vehicle?",
    ),
    (
        "endless-crowd",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        crowd: {{size: 3, hysteresis: 3}}",
        7,
        "channels[0].rules[0].crowd.hysteresis",
        "never ends",
    ),
    (
        "abandoned-sizes",
        f"{ZONE}[[0, 0], [1, 0], [1, 1]]\n        abandoned: {{min_size: 0.5}}",
        7,
        "channels[0].rules[0].abandoned.min_size",
        "nothing would ever fit",
    ),
    (
        "detector",
        f"{CHANNEL}    detector: {{kind: onnx}}",
        4,
        "channels[0].detector.kind",
        "'onnx' is not available in this version",
    ),
    (
        "detector-elsewhere",
        f"{CHANNEL}    detector: {{kind: imx500}}",
        4,
        "channels[0].detector",
        "kind imx500 needs a camera module: source.csi",
    ),
    (
        "detector-without-network",
        f"{CHANNEL}    detector: {{classes: [person]}}",
        4,
        "channels[0].detector.classes",
        "is for networks; kind motion has none",
    ),
    (
        "csi-rates",
        "channels:\n  - name: A\n    source: {csi: {fps: 10, min_fps: 12}}",
        3,
        "channels[0].source.csi.min_fps",
        "is above fps",
    ),
    (
        "csi-rotation",
        "channels:\n  - name: A\n    source: {csi: {rotation: 45}}",
        3,
        "channels[0].source.csi.rotation",
        "expected one of 0, 90, 180, 270",
    ),
    ("tls-files", "api: {tls: {mode: files}}", 1, "api.tls.mode", "needs cert_file and key_file"),
    ("hook-user", f"{HOOK}url: https://u:geheim@example.org/", 2, "webhooks[0].url", "must not contain a user name"),
    ("hook-scheme", f"{HOOK}url: ftp://example.org/", 2, "webhooks[0].url", "must begin with http:// or https://"),
    ("hook-unspecified", f"{HOOK}url: http://0.0.0.0:1880/", 2, "webhooks[0].url", "unspecified"),
    ("hook-unspecified-short", f"{HOOK}url: http://0/", 2, "webhooks[0].url", "unspecified"),
    ("hook-link-local", f"{HOOK}url: http://169.254.169.254/", 2, "webhooks[0].url", "link-local"),
    ("hook-link-local-number", f"{HOOK}url: http://2852039166/", 2, "webhooks[0].url", "link-local"),
    ("hook-link-local-6", f"{HOOK}url: 'http://[fe80::1]/'", 2, "webhooks[0].url", "link-local"),
    ("hook-link-local-mapped", f"{HOOK}url: 'http://[::ffff:169.254.1.1]/'", 2, "webhooks[0].url", "link-local"),
    ("hook-multicast", f"{HOOK}url: http://224.0.0.1/", 2, "webhooks[0].url", "multicast"),
    (
        "hook-channel",
        f"{HOOK}url: http://h/\n    channels: [Nobody]",
        3,
        "webhooks[0].channels[0]",
        "there is no channel",
    ),
    (
        "hook-event",
        f"{HOOK}url: http://h/\n    events: [TripwireCrosed]",
        3,
        "webhooks[0].events[0]",
        "did you mean TripwireCrossed?",
    ),
    (
        "hook-our-header",
        f"{HOOK}url: http://h/\n    headers: {{content-length: '1'}}",
        3,
        "webhooks[0].headers.content-length",
        "is set by the program",
    ),
    (
        "hook-header-of-two-lines",
        f'{HOOK}url: http://h/\n    headers: {{X-A: "1\\r\\nX-B: 2"}}',
        3,
        "webhooks[0].headers.X-A",
        "control character",
    ),
    (
        "hook-sums-of-some-events",
        f"{HOOK}url: http://h/\n    when: hourly\n    events: [Sabotage]",
        4,
        "webhooks[0].events",
        "immediate",
    ),
    ("hook-header", f"{HOOK}url: http://h/\n    headers: {{'X Y': a}}", 3, "webhooks[0].headers.X Y", "HTTP header"),
]


@pytest.mark.parametrize(("text", "line", "path", "words"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_mistake(text: str, line: int, path: str, words: str) -> None:
    found = [error for error in mistakes(text) if words in error.text]
    assert [(error.line, error.path) for error in found] == [(line, path)], mistakes(text)


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in CASES])
def test_a_secret_is_never_repeated(text: str) -> None:
    assert "geheim" not in "\n".join(str(error) for error in mistakes(text))


@pytest.mark.parametrize("place", ["password: [geheim]", "password: {geheim1: 2}", "url: {a: rtsp://u:geheim@h}"])
def test_a_misplaced_secret_is_not_repeated_as_value(place: str) -> None:
    errors = mistakes(f"{RTSP}        url: rtsp://h\n        {place}".replace("url: rtsp://h\n        url", "url"))
    assert all("geheim" not in error.text for error in errors)


@pytest.mark.parametrize("section", ["source: rtsp://u:geheim@h/x", "source: {rtsp: rtsp://u:geheim@h/x}"])
def test_an_address_in_the_place_of_a_section_is_not_repeated(section: str) -> None:
    errors = mistakes(f"channels: [{{name: A, {section}}}]")
    assert errors
    assert all("geheim" not in str(error) for error in errors)


def test_a_number_as_password_is_not_repeated() -> None:
    errors = mistakes(f"{RTSP}        url: rtsp://h\n        password: 4711")
    assert [error.text for error in errors] == ["expected a text, got a number (put it in quotes)"]


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in CASES if case[0] == "unknown-in-list"])
def test_a_misspelt_required_key_is_one_mistake(text: str) -> None:
    assert len(mistakes(text)) == 1
    assert len(mistakes("channels: [{nmae: A, source: {demo: {}}}]")) == 1


def test_two_channels_of_one_name_are_one_mistake_with_all_their_rules() -> None:
    rules = "rules: [{line: L, points: [[0, 0], [1, 1]]}]"
    channel = f"- {{name: A, source: {{demo: {{}}}}, {rules}}}"
    assert [error.path for error in mistakes(f"channels:\n{channel}\n{channel}")] == ["channels[1].name"]


def test_mistakes_come_in_the_order_of_lines() -> None:
    errors = mistakes("zzz: 1\napi: {port: x}\nchannels: [{}]\nyyy: 2")
    assert [error.line for error in errors] == sorted(error.line for error in errors)


def test_a_flood_of_mistakes_is_cut() -> None:
    errors = mistakes("\n".join(f"key{i}: 1" for i in range(5000)))
    assert len(errors) == 201
    assert errors[-1].text.startswith("too many mistakes")


def test_a_mistake_is_written_with_file_line_and_path() -> None:
    assert str(mistakes("\napi: {port: 0}")[0]) == "edge.yaml:2: api.port: must be 1 to 65535, is 0"


def test_what_is_still_to_come_is_validated_first() -> None:
    with pytest.raises(ConfigErrors) as caught:
        read("key: [x]\n", "edge.yaml", StillToCome, {}, lambda _: iter(()))
    said = [error.text for error in caught.value.errors]
    assert said == ["expected a text, got a list", "not available in this version"]
