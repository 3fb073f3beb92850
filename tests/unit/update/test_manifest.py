"""The head of a bundle: what is right comes back, everything else is refused in words."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.update.bundle import read_head
from edge.update.errors import UpdateError
from edge.update.manifest import MAGIC, MOST_MANIFEST_BYTES, Block, manifest_bytes, parse_manifest
from edge.update.version import Release
from tests.support.updates import bundle_of, signed, system

RIGHT: dict[str, Any] = {
    "format": 1,
    "board": "edge-rpi4",
    "version": "0.2.0",
    "epoch": 7,
    "image_bytes": 12288,
    "block_bytes": 8192,
    "blocks": [[10, "a" * 64], [0, "b" * 64]],
}
WRONG: dict[str, dict[str, Any]] = {
    "another format": {"format": 2},
    "no board": {"board": ""},
    "a board with a path": {"board": "../x"},
    "a board that is no text": {"board": 4},
    "no version": {"version": "newest"},
    "a version that is no text": {"version": 2},
    "an epoch that is none": {"epoch": -1},
    "an epoch that is a truth": {"epoch": True},
    "an image of nothing": {"image_bytes": 0, "blocks": []},
    "an image too large": {"image_bytes": 2**40},
    "odd blocks": {"block_bytes": 5000},
    "huge blocks": {"block_bytes": 2**30},
    "a block too few": {"blocks": [[10, "a" * 64]]},
    "a block too many": {"blocks": [[10, "a" * 64]] * 3},
    "a block without a hash": {"blocks": [[10], [0, "b" * 64]]},
    "a hash in capitals": {"blocks": [[10, "A" * 64], [0, "b" * 64]]},
    "a packed length out of bounds": {"blocks": [[10**6, "a" * 64], [0, "b" * 64]]},
    "blocks that are none": {"blocks": 3},
    "a first block of zeros": {"blocks": [[0, "a" * 64], [0, "b" * 64]]},
}


def accept(_signed: bytes, _signature: bytes) -> bool:
    return True


def test_what_is_written_comes_back() -> None:
    blocks = [Block(10, b"a" * 32), Block(0, b"b" * 32)]
    read = parse_manifest(manifest_bytes("edge-rpi4", Release("0.2.0+4f21c0", 7), 12288, 8192, blocks))
    assert (read.board, read.release) == ("edge-rpi4", Release("0.2.0+4f21c0", 7))
    assert read.blocks == tuple(blocks)
    assert [read.length(index) for index in range(2)] == [8192, 4096]


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused(changes: dict[str, Any]) -> None:
    parse_manifest(json.dumps(RIGHT).encode())
    with pytest.raises(UpdateError, match=r"the bundle's manifest is not as it must be: ."):
        parse_manifest(json.dumps(RIGHT | changes).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_missing_value_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(UpdateError, match=name):
        parse_manifest(json.dumps({key: value for key, value in RIGHT.items() if key != name}).encode())


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*RIGHT, "x"]), inner, max_size=7),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_anything_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(UpdateError):
        parse_manifest(raw)


@given(
    st.sampled_from(list(RIGHT)), st.none() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
)
def test_any_value_in_any_place_is_taken_or_refused_in_words(name: str, value: object) -> None:
    raw = json.dumps(RIGHT | {name: value}).encode()
    try:
        read = parse_manifest(raw)
    except UpdateError as error:
        assert str(error)  # noqa: PT017 - either way is right
    else:
        assert sum(read.length(index) for index in range(len(read.blocks))) == read.image_bytes


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_as_a_bundle_are_refused_in_words(raw: bytes, begun: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    with pytest.raises(UpdateError):
        read_head(io.BytesIO(MAGIC * begun + raw), accept)


def test_nothing_is_read_before_the_signature_is_good() -> None:
    head = signed(b"{ no JSON")
    with pytest.raises(UpdateError, match="signature"):
        read_head(io.BytesIO(head), lambda _signed, _signature: False)
    with pytest.raises(UpdateError, match="manifest"):
        read_head(io.BytesIO(head), accept)


def test_a_head_that_claims_to_be_huge_is_not_waited_for() -> None:
    with pytest.raises(UpdateError, match="too large"):
        read_head(io.BytesIO(MAGIC + (MOST_MANIFEST_BYTES + 1).to_bytes(4)), accept)


def test_a_small_bundle_says_all_of_a_large_system() -> None:
    assert len(bundle_of(system(1))) < 0.6 * len(system(1))
