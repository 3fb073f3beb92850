"""Renders what rpi-image-gen is given for a Raspberry Pi: a folder with configuration, layers, overlay and package.

What is the same on every board comes from where the virtual machine's image has it; `check.py` looks at the result.
Standard library only.
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGE_BUILD = HERE.parent
REPOSITORY = IMAGE_BUILD.parent
LAYER_VERSION = "1.0.0"
# In image-rota partitions go by the links of its slot mapper, which know the card that was started from.
NAMES = {"by-partlabel/data": "by-slot/persistent", r"by\x2dpartlabel-data": r"by\x2dslot-persistent"}
NOT_OURS = ("etc/fstab",)  # image-rota writes its own: of ours, mount units are made
DEVICES = ("/dev/root", "PARTLABEL=", "LABEL=")  # lines of fstab whose part image-rota has
SECTOR = 512


@dataclass(frozen=True)
class Order:
    """What is to be rendered, and from what."""

    target: str
    out: Path
    package: Path
    version: str
    commit: str
    epoch: int
    debian: str
    security: str
    raspberrypi: str
    country: str

    @property
    def words(self) -> dict[str, str]:
        """What stands between @ in the templates."""
        return {
            "TARGET": self.target,
            "VERSION": self.version,
            "COUNTRY": self.country,
            "LAYER_VERSION": LAYER_VERSION,
            "DEBIAN": self.debian,
            "SECURITY": self.security,
            "RASPBERRYPI": self.raspberrypi,
            "PACKAGES": "\n".join(f"    - {name}" for name in packages()),
        }


def words_of(*paths: Path) -> list[str]:
    """Return the words of lists: one a line, with comments."""
    return [word for path in paths for line in path.read_text().splitlines() for word in line.split("#")[0].split()]


def packages() -> list[str]:
    """Return the Debian packages of the image, each once."""
    return sorted(set(words_of(IMAGE_BUILD / "packages/root.list", HERE / "packages.list")))


def render(order: Order) -> Path:
    """Make the source folder anew and return it."""
    source = order.out / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    fill(HERE / "config/edge.yaml.in", source / f"config/edge-{order.target}.yaml", order.words)
    for folder in ("layer", "apt"):
        for template in sorted((HERE / folder).rglob("*")):
            if template.is_file():
                fill(template, source / template.relative_to(HERE).with_suffix(suffix_of(template)), order.words)
    for name in ("hooks", "bootconfig"):
        shutil.copytree(HERE / name, source / name)
    shutil.copy(HERE / "install.sh", source)
    render_overlay(source / "overlay")
    render_units(source / "units")
    render_state(source / "bootconfig")
    (source / "package").mkdir()
    shutil.copy(order.package, source / "package")
    (source / "first-settings.yaml").write_text(first_settings())
    (source / "os-release").write_text(
        f"IMAGE_ID=edge-{order.target}\nIMAGE_VERSION={order.version}+{order.commit}\n"
        f"EDGE_BUILD_EPOCH={order.epoch}\nDEFAULT_HOSTNAME=edge\n"
    )
    return source


def suffix_of(template: Path) -> str:
    """Return the suffix of what is made from a file: that of the template without `.in`."""
    return "" if template.suffix == ".in" else template.suffix


def fill(template: Path, path: Path, words: dict[str, str]) -> None:
    """Write a template with its words filled in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], template.read_text()))


def first_settings() -> str:
    """Return what runs until somebody configures the device: the package's first settings, with the demo street."""
    lines = (IMAGE_BUILD / "deb/edge.yaml").read_text().splitlines(keepends=True)
    demo = (REPOSITORY / "edge/cli/demo.yaml").read_text()
    return "".join(line for line in lines if not line.startswith("channels:")) + demo


def render_overlay(overlay: Path) -> None:
    """Put together the files of every image and those of a Raspberry Pi, which win."""
    for tree in (IMAGE_BUILD / "overlay", HERE / "overlay"):
        for path in sorted(tree.rglob("*")):
            name = path.relative_to(tree).as_posix()
            if (path.is_symlink() or path.is_file()) and name not in NOT_OURS:
                copy_renamed(path, overlay / name)
    shutil.copy(IMAGE_BUILD / "slots/slot-state.sh", overlay / "usr/lib/edge-appliance")
    make_mounts(IMAGE_BUILD / "overlay/etc/fstab", overlay / "etc/systemd/system")


def copy_renamed(path: Path, to: Path) -> None:
    """Copy a file with its mode, partitions by the names they have here; links stay links."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        to.symlink_to(path.readlink())
        return
    text = path.read_text()
    for ours, theirs in NAMES.items():
        text = text.replace(ours, theirs)
    to.write_text(text)
    to.chmod(path.stat().st_mode & 0o755 | 0o644)


def make_mounts(fstab: Path, units: Path) -> None:
    """Write each line of fstab that is no device's as a mount unit, wanted as fstab would want it."""
    for line in fstab.read_text().splitlines():
        if line.strip() and not line.startswith(("#", *DEVICES)):
            what, where, kind, options = line.split()[:4]
            name = f"{escaped(where)}.mount"
            (units / name).write_text(mount_unit(what, where, kind, options.split(",")))
            wanted = units / f"local-fs.target.{'wants' if 'nofail' in options else 'requires'}"
            wanted.mkdir(exist_ok=True)
            (wanted / name).symlink_to(f"../{name}")


def escaped(path: str) -> str:
    """Return a path as the name of a unit (systemd-escape --path)."""
    parts = path.strip("/").split("/")
    return "-".join(re.sub(r"[^A-Za-z0-9:_.]", lambda found: f"\\x{ord(found[0]):02x}", part) for part in parts)


def mount_unit(what: str, where: str, kind: str, options: list[str]) -> str:
    """Return the unit for one line of fstab."""
    needed = [
        option.removeprefix("x-systemd.requires=") for option in options if option.startswith("x-systemd.requires=")
    ]
    unknown = [option for option in options if option.startswith("x-systemd.") and "requires=" not in option]
    if unknown:
        sys.exit(f"render.py: {where} in fstab has {unknown[0]}, which no mount unit is made from")
    left = [option for option in options if not option.startswith("x-systemd.") and option != "nofail"]
    lines = ["# Made from image-build/overlay/etc/fstab.", "[Unit]", f"Description={where}", "Before=local-fs.target"]
    lines += [f"{key}={' '.join(needed)}" for key in ("Requires", "After") if needed]
    lines += ["", "[Mount]", f"What={what}", f"Where={where}", f"Type={kind}", f"Options={','.join(left)}"]
    return "\n".join(lines) + "\n"


def render_units(folder: Path) -> None:
    """Write the lists of units that are enabled and masked."""
    folder.mkdir()
    enabled = (IMAGE_BUILD / "units/enabled.list", HERE / "units.list")
    (folder / "enabled.list").write_text("".join(path.read_text() for path in enabled))
    shutil.copy(IMAGE_BUILD / "units/masked.list", folder)


def render_state(folder: Path) -> None:
    """Write the slots' state of a new card, twice (slots/slot-state.sh)."""
    for serial in (0, 1):
        text = f"edge-slots serial={serial} good=a trial=- left=0\n"
        sector = f"{text}sha256={hashlib.sha256(text.encode()).hexdigest()}\n".ljust(SECTOR - 1) + "\n"
        (folder / f"slots.{serial}").write_text(sector)


def write_manifest(order: Order, source: Path) -> None:
    """Write what was rendered, with hashes."""
    files = sorted(path for path in source.rglob("*") if path.is_file() and not path.is_symlink())
    manifest = {
        "target": order.target,
        "version": order.version,
        "commit": order.commit,
        "time": datetime.fromtimestamp(order.epoch, UTC).isoformat(),
        "archives": [order.debian, order.security, order.raspberrypi],
        "packages": packages(),
        "files": {str(path.relative_to(source)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }
    (order.out / "rendered.json").write_text(json.dumps(manifest, indent=1) + "\n")


def arguments() -> Order:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("target", "version", "commit", "debian", "security", "raspberrypi", "country"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("out", "package"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--epoch", type=int, required=True)
    return Order(**vars(parser.parse_args()))


def main() -> None:
    """Render and say what was rendered."""
    order = arguments()
    write_manifest(order, render(order))


if __name__ == "__main__":
    main()
