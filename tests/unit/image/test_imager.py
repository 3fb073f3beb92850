"""The list for Raspberry Pi Imager: its form, and every figure against the file it tells of."""

import json
import lzma
import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.imager_schema import OS_LIST

PROGRAM = Path(__file__).parents[3] / "image-build/imager.py"
URL = "https://downloads.example.org/edge"
BUILT = os.environ.get("EDGE_IMAGE_BUILT", "")  # a folder that build.sh left, for a list of a real image


def image(folder: Path, target: str, manifest: str = "manifest.json") -> Path:
    """A small card, mostly empty, as a build leaves it."""
    folder.mkdir()
    with (folder / "disk.img").open("wb") as file:
        file.truncate(20 << 20)
        file.seek(17 << 20)
        file.write(random.Random(target).randbytes(1 << 20))
    told = {"target": target, "version": "0.1.0", "commit": "0123456789ab", "time": "2026-11-26T09:00:00+00:00"}
    (folder / manifest).write_text(json.dumps(told))
    return folder


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(PROGRAM), *map(str, words)], capture_output=True, text=True, check=False)


def listed(out: Path, *images: Path) -> list[dict[str, Any]]:
    done = run("--url", f"{URL}/", "--out", out, *images)
    assert done.returncode == 0, done.stderr
    document = json.loads((out / "edge.rpi-imager.json").read_text())
    jsonschema.validate(document, OS_LIST)
    entries: list[dict[str, Any]] = document["os_list"]
    return entries


def check_figures(entry: dict[str, Any], out: Path, disk: Path) -> None:
    packed = out / entry["url"].removeprefix(f"{URL}/").replace("%2B", "+")
    assert entry["image_download_size"] == packed.stat().st_size
    assert entry["image_download_sha256"] == sha256(packed.read_bytes()).hexdigest()
    digest, size = sha256(), 0
    with lzma.open(packed) as unpacked, disk.open("rb") as original:
        while block := unpacked.read(1 << 20):
            assert block == original.read(1 << 20)
            digest.update(block)
            size += len(block)
        assert original.read(1) == b""
    assert (entry["extract_size"], entry["extract_sha256"]) == (size, digest.hexdigest())


def test_every_figure_is_that_of_the_file(tmp_path: Path) -> None:
    images = [image(tmp_path / "4", "rpi4", "rendered.json"), image(tmp_path / "5", "rpi5", "rendered.json")]
    out = tmp_path / "out"
    entries = listed(out, *images)
    for entry, folder in zip(entries, images, strict=True):
        check_figures(entry, out, folder / "disk.img")
    assert [entry["devices"] for entry in entries] == [["pi4-64bit"], ["pi5-64bit"]]
    assert [entry["name"] for entry in entries] == ["edge 0.1.0 for Raspberry Pi 4", "edge 0.1.0 for Raspberry Pi 5"]
    assert entries[0]["url"] == f"{URL}/edge-rpi4-0.1.0%2B0123456789ab.img.xz"
    assert (entries[0]["release_date"], entries[0]["init_format"]) == ("2026-11-26", "none")
    assert (out / entries[0]["icon"].removeprefix(f"{URL}/")).read_text().startswith("<svg")
    assert sorted(path.suffix for path in out.iterdir()) == [".json", ".svg", ".xz", ".xz"]


def test_an_image_packed_twice_has_the_same_bytes(tmp_path: Path) -> None:
    folder = image(tmp_path / "5", "rpi5")
    first, second = (listed(tmp_path / name, folder) for name in ("first", "second"))
    assert first == second


def test_what_was_only_rendered_has_no_description(tmp_path: Path) -> None:
    folder = image(tmp_path / "5", "rpi5", "rendered.json")
    (folder / "disk.img").unlink()
    done = run("--url", URL, "--out", tmp_path / "out", folder)
    assert done.returncode == 1
    assert "has no disk.img: the image was rendered, not built" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_without_an_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("--url", URL, "--out", tmp_path / "out", tmp_path / "empty")
    assert done.returncode == 1
    assert "holds no image: it has no manifest.json" in done.stderr


@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    not BUILT, reason="EDGE_IMAGE_BUILT names no folder that image-build/build.sh left (packing takes minutes)"
)
def test_the_figures_of_a_built_image(tmp_path: Path) -> None:
    (entry,) = listed(tmp_path, Path(BUILT))
    check_figures(entry, tmp_path, Path(BUILT) / "disk.img")
