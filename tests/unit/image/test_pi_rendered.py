"""What rpi-image-gen is given for a Raspberry Pi: rendered as a build does it, and checked by a check that can fail."""

import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from edge.update.bundle import read_head
from edge.update.signature import PublicKey

ROOT = Path(__file__).parents[3]
BUILD = ROOT / "image-build/build.sh"
CHECK = ROOT / "image-build/rpi/check.py"
CONTROL = (ROOT / "image-build/deb/control").read_text()
NOT_BUILT = 75
KEY = "source/overlay/usr/lib/edge-appliance/update-key.pem"
TOOL = """\
#!/bin/sh
echo "$*" >"$(dirname "$0")/asked"
while [ $# -gt 1 ]; do
  case $1 in -B) work=$2 ;; -c) name=${2%.yaml} ;; -S) source=$2 ;; esac
  shift
done
mkdir -p "$work/image-$name"
echo disk >"$work/image-$name/$name.img"
mkdir -p "$work/root/usr/lib/edge-appliance"
cp "$source/os-release" "$work/root/usr/lib"
cp "$source/overlay/usr/lib/edge-appliance/update-key.pem" "$work/root/usr/lib/edge-appliance"
mke2fs -q -d "$work/root" "$work/image-$name/slot.img" 4M
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of edge with its true control and units, and without its program."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb here (Debian, Ubuntu)")
    tree = tmp_path_factory.mktemp("package")
    (tree / "DEBIAN").mkdir()
    control = CONTROL.replace("@VERSION@", "0.1.0").replace("@ARCH@", "arm64").replace("@SIZE@", "1")
    (tree / "DEBIAN/control").write_text(control)
    shutil.copytree(
        ROOT / "systemd", tree / "usr/lib/systemd/system", ignore=shutil.ignore_patterns("*.d", "tls", "udev")
    )
    deb = tree.parent / "edge_0.1.0_arm64.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(deb)], check=True, capture_output=True
    )
    return deb


def build(target: str, out: Path, package: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    unreachable = {"EDGE_RPI_ARCHIVE": "http://127.0.0.1:9/debian"}
    environment = (
        os.environ | {"EDGE_OUT": str(out), "EDGE_DEB": str(package), "PYTHON": sys.executable} | unreachable | settings
    )
    environment |= {"EDGE_UPDATE_KEY": str(out / "key.pem"), "PATH": f"{environment['PATH']}:/usr/sbin"}
    words = [str(BUILD), "--target", target]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environment, timeout=120)


@pytest.fixture(scope="module")
def rendered(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built")
    done = build("rpi4", out, package)
    assert done.returncode == NOT_BUILT, done.stderr
    return out / "rpi4/source"


@pytest.fixture
def source(rendered: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled."""
    return Path(shutil.copytree(rendered, tmp_path / "source", symlinks=True))


def mistakes(source: Path) -> list[str]:
    done = subprocess.run([sys.executable, str(CHECK), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if done.stderr else 0), done.stderr
    return done.stderr.replace("check.py: ", "").splitlines()


@pytest.mark.parametrize("target", ["rpi4", "rpi5"])
def test_where_the_archive_is_out_of_reach_it_says_that_nothing_was_built(
    package: Path, tmp_path: Path, target: str
) -> None:
    done = build(target, tmp_path, package)
    assert done.returncode == NOT_BUILT
    assert f"the image for {target} was NOT BUILT: Raspberry Pi's archive cannot be reached" in done.stderr
    config = yaml.safe_load((tmp_path / target / f"source/config/edge-{target}.yaml").read_text())
    assert (config["device"]["layer"], config["image"]["layer"]) == (target, "image-rota")
    listed = json.loads((tmp_path / target / "rendered.json").read_text())
    assert "package/edge_0.1.0_arm64.deb" in listed["files"]
    assert f"IMAGE_ID=edge-{target}\n" in (tmp_path / target / "source/os-release").read_text()


@pytest.fixture
def archive() -> Iterator[str]:
    """An archive that is there: it answers for its InRelease."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/debian/dists/trixie/InRelease" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/debian"
        server.shutdown()


def test_where_everything_is_in_reach_rpi_image_gen_is_run(package: Path, tmp_path: Path, archive: str) -> None:
    tool = tmp_path / "tool/rpi-image-gen"
    tool.parent.mkdir()
    tool.write_text(TOOL)
    tool.chmod(0o755)
    done = build("rpi5", tmp_path, package, EDGE_RPI_ARCHIVE=archive, EDGE_RPI_IMAGE_GEN=str(tool.parent))
    assert done.returncode == 0, done.stderr
    made = tmp_path / "rpi5"
    assert (tool.parent / "asked").read_text().split() == [
        *("build", "-S", f"{made}/source", "-c", "edge-rpi5.yaml", "-B", f"{made}/work")
    ]
    assert (made / "disk.img").read_text() == "disk\n"
    (bundle,) = made.glob("edge-rpi5-*.edgeup")
    manifest = read_head(io.BytesIO(bundle.read_bytes()), PublicKey(made / KEY).verify)
    assert (manifest.board, manifest.image_bytes) == ("edge-rpi5", (made / "slot.img").stat().st_size)
    assert f"URIs: {archive}\n" in (made / "source/apt/raspberrypi.sources").read_text()


def test_a_tool_that_cannot_be_fetched_is_told(package: Path, tmp_path: Path, archive: str) -> None:
    done = build("rpi4", tmp_path, package, EDGE_RPI_ARCHIVE=archive, EDGE_RPI_IMAGE_GEN=f"{tmp_path}/nowhere.git")
    assert done.returncode == NOT_BUILT
    assert "NOT BUILT: rpi-image-gen cannot be fetched from" in done.stderr


def test_what_is_rendered_is_in_order(rendered: Path) -> None:
    assert mistakes(rendered) == []


def test_every_line_of_fstab_that_is_no_device_s_is_a_mount_of_its_own(rendered: Path) -> None:
    lines = [
        line.split()
        for line in (ROOT / "image-build/overlay/etc/fstab").read_text().splitlines()
        if line[:1] not in ("", "#")
    ]
    ours = [words for words in lines if words[0].startswith(("/data", "tmpfs"))]
    assert len(ours) >= 6
    units = rendered / "overlay/etc/systemd/system"
    for what, where, *_ in ours:
        name = where.strip("/").replace("-", r"\x2d").replace("/", "-") + ".mount"
        assert {f"What={what}", f"Where={where}"} <= set((units / name).read_text().splitlines())
        assert (units / "local-fs.target.requires" / name).exists()
    assert not (rendered / "overlay/etc/fstab").exists()


def test_the_overlay_is_that_of_every_image(rendered: Path) -> None:
    common = ROOT / "image-build/overlay"
    names = {path.relative_to(common) for path in common.rglob("*") if path.is_file()} - {Path("etc/fstab")}
    assert names <= {path.relative_to(rendered / "overlay") for path in (rendered / "overlay").rglob("*")}


def change(path: str, pattern: str, by: str) -> Callable[[Path], None]:
    def spoil(source: Path) -> None:
        text = (source / path).read_text()
        spoiled = re.sub(pattern, by, text, count=1)
        assert spoiled != text
        (source / path).write_text(spoiled)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            change("config/edge-rpi4.yaml", "layer: image-rota", "layer: image-other"),
            "the layer image-other is not known",
        ),
        (change("config/edge-rpi4.yaml", "1536M", "big"), "image.system_part_size is no size: big"),
        (change("config/edge-rpi4.yaml", "storage_type", "storage_kind"), "rpi-image-gen knows no device.storage_kind"),
        (change("config/edge-rpi4.yaml", "ext4", "btrfs"), "image.rootfs_type cannot be btrfs"),
        (change("layer/edge-appliance.yaml", "Layer-Version", "Layer-Edition"), "unknown field X-Env-Layer-Edition"),
        (change("layer/edge-appliance.yaml", "systemd-min", "systemd-mini"), "requires the layer systemd-mini"),
        (
            change("layer/edge-appliance.yaml", r"    - libstdc\+\+6\n", ""),
            "needs libstdc++6, which the image does not",
        ),
        (change("layer/edge-appliance.yaml", "/install.sh", "/setup.sh"), "there is no setup.sh"),
        (change("layer/edge-archives.yaml", "customize|aptopts", "apt-options"), "mmdebstrap knows no apt-options"),
        (change("apt/edge.sources", "http://.*", "@MIRROR@"), "@MIRROR@ was not filled in"),
        (change("units/enabled.list", "edge.service", "edge-nobody.service"), "edge-nobody.service is nowhere"),
        (change("install.sh", "set_up_network\n", "if\n"), "bash cannot read it"),
        (lambda source: (source / "install.sh").chmod(0o644), "install.sh: is not executable"),
        (
            lambda source: (source / "hooks/postimage60-edge").rename(source / "hooks/later60-edge"),
            "begins with no phase",
        ),
        (lambda source: (source / "package/edge_0.1.0_arm64.deb").unlink(), "nothing in package"),
        (
            change("overlay/usr/lib/repart.d/50-data.conf", "Label=", "# PARTLABEL="),
            "50-data.conf looks for a partition by",
        ),
    ],
)
def test_what_is_wrong_is_told(source: Path, spoil: Callable[[Path], None], told: str) -> None:
    spoil(source)
    assert told in "\n".join(mistakes(source))
