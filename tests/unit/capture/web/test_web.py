"""Answers and JPEG streams from bytes, however they are cut; addresses and where they lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.still import DamagedError, JpegDecoder, sound
from edge.capture.web.address import web_address
from edge.capture.web.answer import AnswerReader, NotHttpError
from edge.capture.web.jpegs import MOST_BYTES, JpegStream
from tests.support.picture_server import jpeg

CUTS = st.lists(st.integers(1, 40), max_size=60)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    found, at = [], 0
    for cut in cuts:
        found.append(data[at : at + cut])
        at += cut
    return [each for each in [*found, data[at:]] if each]


@given(
    CUTS, st.lists(st.sampled_from([b"", b"\r\n--x\r\nContent-Length: 3\r\n\r\n", b"\xff\xd8", b"\0" * 9]), min_size=4)
)
def test_pictures_come_out_whole_whatever_is_between_them(cuts: list[int], between: list[bytes]) -> None:
    wanted = [jpeg(number, 32, 32) for number in range(3)]
    data = b"".join(junk + picture for junk, picture in zip(between, wanted, strict=False))
    stream = JpegStream()
    found = [picture for piece in pieces(data, cuts) for picture in stream.feed(piece)]
    assert found == wanted
    assert not stream.begun


@given(CUTS, st.integers(30, 600))
def test_a_picture_that_breaks_off_spoils_those_within_64_kb_at_most(cuts: list[int], kept: int) -> None:
    """Where it breaks off within a length, that is read from what follows."""
    data = jpeg(1, 32, 32)[:kept] + jpeg(2, 32, 32) * (65_536 // len(jpeg(2, 32, 32)) + 2) + jpeg(3, 32, 32)
    stream = JpegStream()
    found = [picture for piece in pieces(data, cuts) for picture in stream.feed(piece)]
    assert found[-1] == jpeg(3, 32, 32)


def test_a_picture_without_end_is_given_up() -> None:
    stream = JpegStream()
    assert stream.feed(jpeg(1)[:400]) == []
    for _ in range(MOST_BYTES // 1_000_000 + 1):
        assert stream.feed(bytes(1_000_000)) == []
    assert stream.cut == 1
    assert stream.feed(jpeg(2)) == [jpeg(2)]


BODY = b"picture\r\n\r\nbody"
ANSWERS = [
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nX: y\r\n\r\n" + BODY, True, id="length"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npicture\r\n8;a=b\r\n\r\n\r\nbody\r\n0\r\n\r\n",
        True,
        id="chunks",
    ),
    pytest.param(b"HTTP/1.0 200\nContent-Type: x\n\n" + BODY, False, id="bare"),
    pytest.param(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 15\r\n\r\n" + BODY, True, id="old"),
    pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n" + BODY, False, id="closes"),
    pytest.param(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + BODY, True, id="continue"
    ),
]


@pytest.mark.parametrize(("data", "reusable"), ANSWERS)
@given(cuts=CUTS)
def test_an_answer_is_read_however_it_is_cut(data: bytes, reusable: bool, cuts: list[int]) -> None:  # noqa: FBT001
    reader = AnswerReader()
    body = b""
    for piece in pieces(data, cuts):
        reader.feed(piece)
        body += reader.take()
    if not reader.done:
        reader.feed(b"")
    assert reader.head is not None
    assert (reader.head.status, body, reader.done, reader.reusable) == (200, BODY, True, reusable)


@pytest.mark.parametrize(
    "data", [b"SSH-2.0-x\r\n", b"RTSP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 two\r\n\r\n", b"HTTP/1.1 200 OK\r\n" * 3000]
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    with pytest.raises(NotHttpError):
        AnswerReader().feed(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_refused(data: bytes) -> None:
    reader = AnswerReader()
    try:
        reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data)
    except NotHttpError:
        return
    assert reader.head is not None


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        ("http://cam/a/b.jpg?x=1", "c.jpg", "/a/c.jpg"),
        ("http://cam/a/b.jpg", "/c.jpg?y=2", "/c.jpg?y=2"),
        ("http://cam:8080/a", "http://cam:81/stream", "/stream"),
        ("http://cam/a", "https://cam/a", "/a"),
        ("https://cam/a", "http://cam/a", None),
        ("http://cam/a", "http://other/a", None),
        ("http://cam/a", "ftp://cam/a", None),
        ("http://cam/a", "http://[::/", None),
        ("http://[2001:db8::1]:81/a b", "?z", "/a%20b?z"),
    ],
)
def test_where_an_address_leads(url: str, location: str, target: str | None) -> None:
    there = web_address(url).moved(location)
    assert (there.target if there else None) == target


def test_an_address_shows_no_query() -> None:
    address = web_address("http://cam:8080/snap.cgi?user=admin&pwd=secret")
    assert address.shown == "http://cam:8080/snap.cgi"
    assert "secret" not in repr(address)


def test_jpegs_are_judged_before_they_are_decoded() -> None:
    whole = jpeg(3, 64, 48)
    assert sound(whole) == (64, 48)
    assert JpegDecoder().decode(whole).y.shape == (48, 64)
    for spoilt in (
        b"",
        b"<html>",
        whole[:-40],
        b"\xff\xd8\xff\xd9",
        whole.replace(b"\x00\x30\x00\x40", b"\xff\xff" * 2),
    ):
        with pytest.raises(DamagedError):
            sound(spoilt)


@given(st.integers(200, 600), st.integers(0, 255))
def test_a_garbled_jpeg_is_refused_or_shown_whole(at: int, value: int) -> None:
    whole = jpeg(3, 64, 48)
    spoilt = whole[:at] + bytes([value]) + whole[at + 1 :]
    decoder = JpegDecoder()
    try:
        picture = decoder.decode(spoilt)
    except DamagedError:
        picture = decoder.decode(whole)
    assert picture.y.size > 0
