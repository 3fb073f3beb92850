"""The roots and the wheels of a build, made side by side."""

import subprocess
from pathlib import Path

from tests.support.build_parts import bash

# The real parts; what takes minutes is done by makers that leave a file, each once the others have begun: one after the
# other they would wait for ever.
SCRIPT = """
set -euo pipefail
BUILD=$1 EDGE_CACHE=$2 ARCHITECTURE=arm64 KERNEL_PACKAGE=linux-image SUITE=trixie WHEEL_MACHINE=aarch64 LOCK=/dev/null
for part in say roots cached platform wheels parts; do . "$BUILD/lib/$part.sh"; done
together() {
  touch "$EDGE_CACHE/begun-$1"
  until [ "$(find "$EDGE_CACHE" -name 'begun-*' | wc -l)" = 3 ]; do sleep 0.05; done
  echo made >>"$2/made"
}
make_tools_root() { together tools "$1"; }
make_target_root() { together root "$1"; }
download_wheels() { together wheels "$1"; }
locked_builder() { :; }
wheel_options() { :; }
"""
TOLD = 'make_parts; echo "$TOOLS_KEPT" "$ROOT_KEPT" "$WHEELS"'


def build(cache: Path, line: str) -> subprocess.CompletedProcess[str]:
    return bash(cache, SCRIPT + line)


def test_all_are_made_at_once_and_found_by_the_next_build(tmp_path: Path) -> None:
    done = build(tmp_path, TOLD)
    assert done.returncode == 0, done.stderr
    kept = [Path(name) for name in done.stdout.split()]
    assert [path.name.split("-")[0] for path in kept] == ["tools", "root", "wheels"]
    assert [(path / "made").read_text() for path in kept] == ["made\n"] * 3
    again = build(tmp_path, TOLD)
    assert (again.stdout, "made anew" in again.stderr) == (done.stdout, False)


def test_one_that_fails_ends_the_build_and_the_others_are_kept(tmp_path: Path) -> None:
    failing = 'make_target_root() { together root "$1"; die "no archive"; }\n'
    done = build(tmp_path, failing + TOLD)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no archive" in done.stderr
    assert "a part could not be made" in done.stderr
    assert sorted(path.name.split("-")[0] for path in tmp_path.glob("*-*") if not path.name.startswith("begun")) == [
        "root", "tools", "wheels",
    ]  # fmt: skip
    assert [path.suffix for path in tmp_path.glob("root-*")] == [".new"]
    (tmp_path / "begun-root").unlink()
    assert build(tmp_path, TOLD).returncode == 0
