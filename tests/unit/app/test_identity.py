from pathlib import Path

from edge.app.identity import default_name, device_id
from edge.store.durable import write_durably


def test_the_id_is_made_once_and_kept(tmp_path: Path) -> None:
    first = device_id(tmp_path)
    assert len(first) == 12
    assert device_id(tmp_path) == first


def test_two_devices_differ(tmp_path: Path) -> None:
    assert device_id(tmp_path / "a") != device_id(tmp_path / "b")


def test_a_damaged_id_is_replaced_by_a_lasting_one(tmp_path: Path) -> None:
    (tmp_path / "device-id").write_bytes(b"\xff\x00garbage")
    assert device_id(tmp_path) == device_id(tmp_path)


def test_the_default_name_ends_like_the_id() -> None:
    assert default_name("0123456789ab") == "edge-6789ab"


def test_a_durable_write_replaces_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_durably(path, "old")
    write_durably(path, "new")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]
