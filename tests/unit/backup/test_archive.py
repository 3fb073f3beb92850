"""The file of a backup: what is written comes back, and nothing else is taken."""

import io
import tarfile
import zlib
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.backup import archive
from edge.backup.archive import Member, Unpacking, pack
from edge.backup.errors import BackupError
from edge.backup.members import MB, most_bytes
from tests.support.backups import entry, packed, tarred

MEMBERS = {"backup.json": b"{}", "config/secrets/cam 1": b"\0\1", "state/snapshots/000012/12345.jpg": bytes(5000)}


def read(file: bytes) -> dict[str, bytes]:
    unpacking = Unpacking(io.BytesIO(file))
    return {name: b"".join(unpacking.pieces()) for name, _ in unpacking.members()}


@given(
    contents=st.lists(st.binary(max_size=3000), max_size=5),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="/"), min_size=1),
)
@settings(max_examples=60)
def test_what_is_packed_comes_back(contents: list[bytes], name: str) -> None:
    names = [f"state/snapshots/000000/{number}.jpg" for number in range(len(contents))]
    wanted = dict(zip(names, contents, strict=True))
    fit = f"config/{name[:20]}"
    if most_bytes(fit) and fit != "config/edge.yaml":
        wanted[fit] = b"secret"
    assert read(packed(wanted)) == wanted


def test_it_is_a_tar_file_for_others_too() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(MEMBERS))) as file:
        assert file.getnames() == [*MEMBERS, "manifest.json"]
        assert {each.mode for each in file.getmembers()} == {0o600}


def test_a_large_member_passes_by_in_pieces() -> None:
    """Neither side holds more than a piece at a time."""

    class Zeros(io.RawIOBase):
        left = 64 * MB
        most = 0

        def read(self, count: int = -1, /) -> bytes:
            self.most = max(self.most, count)
            self.left -= count
            return bytes(count)

    zeros = Zeros()
    member = Member("state/events.db", 64 * MB, zeros)  # type: ignore[arg-type] # all of a file that is asked for
    pieces = list(pack([member], 0))
    assert zeros.most == archive.CHUNK
    unpacking = Unpacking(io.BytesIO(b"".join(pieces)))
    ((name, size),) = [each for each in unpacking.members() if max(map(len, unpacking.pieces())) <= archive.CHUNK]
    assert (name, size) == ("state/events.db", 64 * MB)


def test_it_is_told_where_a_file_became_shorter() -> None:
    with pytest.raises(BackupError, match="became shorter"):
        list(pack([Member("backup.json", 3, io.BytesIO(b"{}"))], 0))


@pytest.mark.parametrize("cut", [0, 1, 20, 100, -1000, -200, -60])
def test_what_was_cut_short_is_refused(cut: int) -> None:
    file = packed({**MEMBERS, "state/events.db": bytes(range(256)) * 100})
    with pytest.raises(BackupError):
        read(file[:cut])


def test_a_byte_that_differs_is_found() -> None:
    plain = zlib.decompress(packed(MEMBERS), wbits=31)
    for place in range(512, len(plain) - 1536, 97):
        changed = bytearray(plain)
        changed[place] ^= 1
        try:
            found = read(zlib.compress(bytes(changed), wbits=31))
        except BackupError:
            continue
        assert found == MEMBERS, place  # padding, or the time in a header


@pytest.mark.parametrize(
    "made",
    [
        entry("../../etc/cron.d/x"),
        entry("/etc/passwd"),
        entry("config/../../x"),
        entry("config/./x"),
        entry("config//x"),
        entry("config/a\nb"),
        entry("config/edge.yaml.new"),
        entry("state/lock"),
        entry("state/restore/pending.json"),
        entry("state/snapshots/000001/../../x.jpg"),
        entry("state/snapshots/000001/1.jpg/x"),
        entry("config/edge.yaml", tarfile.SYMTYPE, "/etc/shadow"),
        entry("config/edge.yaml", tarfile.LNKTYPE, "/etc/shadow"),
        entry("config/secrets", tarfile.DIRTYPE),
        entry("state/events.db", tarfile.CHRTYPE),
        entry("state/events.db", tarfile.FIFOTYPE),
        entry("state/events.db", tarfile.GNUTYPE_SPARSE),
        entry("config/edge.yaml", size=2 * MB),
        entry("config/secrets/x", size=2 * MB),
    ],
    ids=lambda made: f"{made.name!r}-{made.type.decode()}-{made.size}",
)
def test_what_no_backup_has_is_refused(made: tarfile.TarInfo) -> None:
    with pytest.raises(BackupError, match=r"no backup of edge|damaged"):
        read(tarred([made]))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_extended_headers_are_refused_before_they_are_read(form: Literal[1, 2]) -> None:
    """They may be of any size, and a reader that takes them holds them whole."""
    with pytest.raises(BackupError, match="no backup of edge"):
        read(tarred([entry("config/" + "x" * 300)], form))


def test_a_member_comes_once() -> None:
    with pytest.raises(BackupError, match="twice"):
        read(tarred([entry("state/device-id"), entry("state/device-id")]))


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (lambda: b"", "damaged"),
        (lambda: b"PK\3\4 a zip file, say", "no gzipped tar"),
        (lambda: zlib.compress(b"hello" * 1000, wbits=31), "damaged"),
        (lambda: zlib.compress(bytes(10**8), wbits=31), "damaged"),
        (lambda: tarred([]), "damaged"),
    ],
    ids=["empty", "zip", "text", "zeros", "empty tar"],
)
def test_other_files_are_refused(file: Callable[[], bytes], says: str) -> None:
    with pytest.raises(BackupError, match=says):
        read(file())
