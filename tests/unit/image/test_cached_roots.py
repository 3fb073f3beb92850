"""Whether a build would have to make a root: asked without making or removing anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[3] / "image-build"
# The real parts; only what takes minutes, mmdebstrap's work, is done by makers that leave empty folders.
SCRIPT = """
set -euo pipefail
BUILD=$1 EDGE_CACHE=$2 ARCHITECTURE=arm64 KERNEL_PACKAGE=linux-image SUITE=trixie
for part in say roots cached; do . "$BUILD/lib/$part.sh"; done
make_tools_root() { :; }
make_target_root() { :; }
"""


def bash(cache: Path, line: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", SCRIPT + line, "build", str(BUILD), str(cache)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    if shutil.which("dpkg") is None:
        pytest.skip("no dpkg here: images are built on Debian")
    return tmp_path


def test_an_empty_cache_ends_the_build_and_stays_empty(cache: Path) -> None:
    done = bash(cache, "EDGE_CACHED_ONLY=yes; require_kept_roots; make_roots")
    assert done.returncode == 77
    assert "not cached" in done.stderr
    assert list(cache.iterdir()) == []


def test_what_a_build_keeps_is_found(cache: Path) -> None:
    assert bash(cache, "make_roots").returncode == 0
    assert len(list(cache.iterdir())) == 2
    done = bash(cache, 'EDGE_CACHED_ONLY=yes; require_kept_roots; make_roots; echo "$ROOT_KEPT"')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{cache}/root-arm64-")
    assert "made anew" not in done.stderr


@pytest.mark.parametrize("lost", ["root-*", "tools-*"])
def test_both_are_asked_for(cache: Path, lost: str) -> None:
    bash(cache, "make_roots")
    (folder,) = cache.glob(lost)
    folder.rename(folder.with_name(f"{folder.name}.new"))
    assert bash(cache, "EDGE_CACHED_ONLY=yes; require_kept_roots").returncode == 77


def test_otherwise_a_build_makes_what_it_needs(cache: Path) -> None:
    assert bash(cache, "require_kept_roots").returncode == 0
