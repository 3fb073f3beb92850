from pathlib import Path

from edge.app.notices import pass_on
from edge.health import Health


def test_what_the_image_found_is_shown_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "notices"
    file.write_bytes(b"data_repaired: the data partition was damaged and has been repaired\n\nnonsense\nBAD: x\n\xff\n")
    health = Health()
    pass_on(health, file)
    assert health.snapshot().notices == {"data_repaired": "the data partition was damaged and has been repaired"}
    assert health.snapshot().healthy


def test_without_such_a_file_all_is_well(tmp_path: Path) -> None:
    health = Health()
    pass_on(health, tmp_path / "notices")
    pass_on(health, tmp_path)
    assert health.snapshot().notices == {}
