"""Whether a build would have to make a root: asked without making or removing anything."""

import subprocess
from pathlib import Path

import pytest

from tests.support.build_parts import bash

# The real parts; only what takes minutes, mmdebstrap's work, is done by makers that leave empty folders.
SCRIPT = """
set -euo pipefail
BUILD=$1 EDGE_CACHE=$2 ARCHITECTURE=arm64 KERNEL_PACKAGE=linux-image SUITE=trixie
for part in say roots cached; do . "$BUILD/lib/$part.sh"; done
make_tools_root() { :; }
make_target_root() { :; }
"""


def build(cache: Path, line: str) -> subprocess.CompletedProcess[str]:
    return bash(cache, SCRIPT + line)


def test_an_empty_cache_ends_the_build_and_stays_empty(tmp_path: Path) -> None:
    done = build(tmp_path, "EDGE_CACHED_ONLY=yes; require_kept_roots; make_roots")
    assert done.returncode == 77
    assert "not cached" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_build_keeps_is_found(tmp_path: Path) -> None:
    assert build(tmp_path, "make_roots").returncode == 0
    assert len(list(tmp_path.iterdir())) == 2
    done = build(tmp_path, 'EDGE_CACHED_ONLY=yes; require_kept_roots; make_roots; echo "$ROOT_KEPT"')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path}/root-arm64-")
    assert "made anew" not in done.stderr


@pytest.mark.parametrize("lost", ["root-*", "tools-*"])
def test_both_are_asked_for(tmp_path: Path, lost: str) -> None:
    build(tmp_path, "make_roots")
    (folder,) = tmp_path.glob(lost)
    folder.rename(folder.with_name(f"{folder.name}.new"))
    assert build(tmp_path, "EDGE_CACHED_ONLY=yes; require_kept_roots").returncode == 77


def test_otherwise_a_build_makes_what_it_needs(tmp_path: Path) -> None:
    assert build(tmp_path, "require_kept_roots").returncode == 0
