from pathlib import Path

from edge.store.places import FILES, FOLDERS, set_aside


def test_a_sound_or_empty_state_is_left_alone(tmp_path: Path) -> None:
    assert set_aside(tmp_path) == ""
    for name in FILES:
        (tmp_path / name).write_text("x")
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    assert set_aside(tmp_path) == ""
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, *FOLDERS}


def test_what_is_of_the_wrong_kind_is_kept_under_another_name_and_told(tmp_path: Path) -> None:
    (tmp_path / "events.db").mkdir()
    (tmp_path / "tokens.json").symlink_to("tokens.json")
    (tmp_path / "wear.json").symlink_to("nowhere")
    (tmp_path / "snapshots").write_text("?")
    told = set_aside(tmp_path)
    moved = {"events.db.odd-1", "tokens.json.odd-1", "wear.json.odd-1", "snapshots.odd-1"}
    assert {path.name for path in tmp_path.iterdir()} == moved
    assert all(name in told for name in moved)
    (tmp_path / "events.db").mkdir()
    assert "events.db.odd-2" in set_aside(tmp_path)


def test_a_link_to_a_file_elsewhere_is_meant(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "events.db").symlink_to("elsewhere")
    assert set_aside(tmp_path) == ""
