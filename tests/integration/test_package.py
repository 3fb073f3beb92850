"""A wheel of the program holds everything that it needs: pages, styles, settings of the demo, types."""

import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST_SETUPTOOLS = 77


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built offline from a copy of the sources, since a build leaves its traces beside them."""
    if int(metadata.version("setuptools").split(".")[0]) < LEAST_SETUPTOOLS:
        pytest.skip(f"building needs setuptools {LEAST_SETUPTOOLS} or newer; `make setup` installs it")
    sources, wheels = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheels")
    shutil.copytree(ROOT / "edge", sources / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    words = ["wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    built = subprocess.run(
        [sys.executable, "-m", "pip", *words, "--wheel-dir", str(wheels), str(sources)],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(wheels.glob("edge-*.whl"))


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "edge").rglob("*") if path.is_file()}
    ours = {name for name in ours if "__pycache__" not in name}
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(ours - packed) == [], "name their kind in [tool.setuptools.package-data]"


def test_wheel_knows_the_command_and_runs_from_elsewhere(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    entry = next(tmp_path.glob("edge-*.dist-info")) / "entry_points.txt"
    assert "edge = edge.cli.main:program" in entry.read_text()
    check = "from importlib import resources as r; r.files('edge.cli').joinpath('demo.yaml').read_text()"
    subprocess.run([sys.executable, "-c", check], cwd=tmp_path, check=True, timeout=60)
