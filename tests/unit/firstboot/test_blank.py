"""Blanking a password: length kept, nothing else touched, a cut told from a new password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.firstboot.blank import SECTOR, Region, digest, is_torn, password_region
from edge.firstboot.wifi import read_wifi


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("ssid: Home\npassword: correct horse\n", "correct horse", id="plain"),
        pytest.param("ssid: Home\npassword: correct horse   # of the router\n", "correct horse", id="comment"),
        pytest.param('ssid: Home\npassword: "correct horse"\r\n', '"correct horse"', id="quoted, from Windows"),
        pytest.param("{ssid: Home, password: 'correct horse'}", "'correct horse'", id="flow"),
        pytest.param("\ufeffssid: Café\npassword: correct horse", "correct horse", id="mark of UTF-8, no line end"),
    ],
)
def test_only_the_password_is_blanked(text: str, written: str) -> None:
    content = text.encode()
    region = password_region(content)
    assert region is not None
    assert content[region.start : region.end].decode() == written
    blanked = region.blanked(content)
    assert len(blanked) == len(content)
    assert blanked.decode() == text.replace(written, '""'.ljust(len(written)))
    assert read_wifi(blanked.decode("utf-8-sig"), "wifi.yaml").password == ""


@pytest.mark.parametrize("text", ["ssid: Open\n", "ssid: Home\npassword: |\n  correct horse\n", "", "- 1\n"])
def test_there_is_nothing_to_blank(text: str) -> None:
    assert password_region(text.encode()) is None


@given(before=st.integers(0, 3 * SECTOR), length=st.integers(10, 63), new_first=st.booleans())
def test_a_cut_between_two_sectors_is_told(before: int, length: int, new_first: bool) -> None:  # noqa: FBT001
    start = before + len(b"#\npassword: ")
    content = b"#" + b" " * before + b"\npassword: " + b"p" * length + b"\nssid: Home\n"
    region = Region(start, start + length)
    blanked = region.blanked(content)
    border = (start // SECTOR + 1) * SECTOR
    torn = blanked[:border] + content[border:] if new_first else content[:border] + blanked[border:]
    crosses = region.start < border < region.end
    assert is_torn(torn, region, digest(blanked)) is crosses


def test_a_new_password_of_the_same_length_is_no_cut() -> None:
    content = b"#" * 500 + b"\npassword: correct horse\n"
    region = password_region(content)
    assert region is not None
    assert region.start < SECTOR < region.end
    another = content.replace(b"correct horse", b"another horse")
    assert not is_torn(another, region, digest(region.blanked(content)))
