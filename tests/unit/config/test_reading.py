"""YAML as the device reads it: text to nodes, scalars by YAML 1.2, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.config.loader import ConfigError, ConfigErrors, load, loads
from edge.config.nodes import Scalar
from edge.config.scalars import resolve

CONTRACT = Path(__file__).with_name("contract.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("on", "on"),
        ("yes", "yes"),
        ("no", "no"),
        ("n", "n"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("", None),
        ("~", None),
        ("null", None),
        ("nULL", "nULL"),
        ("18:00", "18:00"),
        ("1:20:30", "1:20:30"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("+5", 5),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.inf", float("-inf")),
        ("2026-03-29", "2026-03-29"),
        ("=", "="),
        ("٣", "٣"),
    ],
)
def test_plain_scalar(text: str, value: object) -> None:
    found = resolve(Scalar(1, text, plain=True))
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", ["true", "5", "", "null", "1e3"])
def test_quoted_scalar_is_a_text(text: str) -> None:
    assert resolve(Scalar(1, text, plain=False)) == text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("api:\n\tport: 5", 2, "tabs", id="tab"),
        pytest.param("api: {port: 5", 1, "not valid YAML", id="open-brace"),
        pytest.param("a: b: c", 1, "not valid YAML", id="two-colons"),
        pytest.param("api: {}\n---\napi: {}", 2, "second document", id="two-documents"),
        pytest.param("a: &x {b: 1}\nc:\n  <<: *x", 3, "merge keys", id="merge"),
        pytest.param("state_dir: *nothing", 1, "alias without its anchor", id="alias"),
        pytest.param("state_dir: !!python/object:os.system x", 1, "tags", id="tag"),
        pytest.param("state_dir: !!str x", 1, "tags", id="standard-tag"),
        pytest.param("? [a]\n: b", 1, "a key must be a word", id="list-as-key"),
        pytest.param("[" * 5000, 1, "nested more than", id="deep"),
        pytest.param("a: &x [*x]", 1, "alias without its anchor", id="recursive"),
        pytest.param("a: \x07", 1, "character", id="control"),
        pytest.param("ok: 1\na: \ud800", 2, "UTF-8", id="surrogate"),
    ],
)
def test_unusable_yaml(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        loads(text, "edge.yaml")
    (error,) = caught.value.errors
    assert words in error.text
    assert error.line == line or words in {"not valid YAML", "character"}


def test_anchors_and_aliases_work() -> None:
    text = "channels:\n- {name: A, source: &s {demo: {seed: 5}}}\n- {name: B, source: *s}"
    seeds = [channel.source.demo.seed for channel in loads(text, "edge.yaml").channels if channel.source.demo]
    assert seeds == [5, 5]


def test_a_billion_laughs_are_counted_not_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(ConfigErrors, match="more than 50000 values"):
        loads("\n".join(lines), "edge.yaml")


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_bytes(b"# fine\nstate_dir: \xff\xfe\n")
    with pytest.raises(ConfigErrors, match=r"edge\.yaml:2: not UTF-8"):
        load(file)


def test_file_with_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_bytes(b"\xef\xbb\xbfstate_dir: /x\r\n")
    assert load(file).state_dir == "/x"


def test_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigErrors, match="larger than"):
        load(file)


def loads_or_tells(text: str) -> None:
    found: list[ConfigError] = []
    try:
        loads(text, "edge.yaml")
    except ConfigErrors as wrong:
        found = wrong.errors or [ConfigError("", 0, "", "no mistake is told\n")]
    assert all("\n" not in str(error) for error in found)


@given(st.text(max_size=200))
@example("&a")
@example("? ")
@example("- &x\n- *x")
@example("\x85")
@settings(max_examples=200, deadline=None)
def test_any_text_loads_or_tells_what_is_wrong(text: str) -> None:
    loads_or_tells(text)


VALUES = [
    "null",
    "true",
    "[]",
    "{}",
    "-1",
    ".nan",
    "1e400",
    "''",
    '"\\0"',
    "[[]]",
    "{a: b}",
    "*x",
    "&x 1",
    "!t x",
    "0",
    "x" * 99,
]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_mutated_file_loads_or_tells_what_is_wrong(data: st.DataObject) -> None:
    lines = CONTRACT.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, colon, value = lines[index].partition(":")
        change = data.draw(st.sampled_from(["value", "key", "drop", "double", "cut", "indent"]))
        lines[index] = {
            "value": f"{key}{colon} {data.draw(st.sampled_from(VALUES))}",
            "key": f"{key}x{colon}{value}",
            "drop": "",
            "double": f"{lines[index]}\n{lines[index]}",
            "cut": lines[index][: data.draw(st.integers(0, len(lines[index])))],
            "indent": f"  {lines[index]}",
        }[change]
    loads_or_tells("\n".join(lines))
