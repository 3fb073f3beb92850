"""Makes an update bundle, edge-BOARD-VERSION.edgeup, from a slot's image; its form stands in edge/update/manifest.py.

Run by build.sh, or by hand (`make bundle`) on an image that was built. Standard library, openssl and debugfs only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge.update.manifest import LENGTH_BYTES, MAGIC, Block, manifest_bytes, parse_manifest, signed_part
from edge.update.version import Release

BLOCK_BYTES = 2**20
LEVEL = 6
KEY = Path(os.environ.get("EDGE_UPDATE_KEY", Path.home() / ".config/edge/update-key.pem"))
KEY_IN_SLOT = "/usr/lib/edge-appliance/update-key.pem"
SLOT_IMAGES = ("slot.img", "system.ext4")
"""A slot as a whole: a system, or, on a Raspberry Pi, a system and what the firmware starts it by."""
KEEP = """A new key for signing updates was made: {path}
KEEP IT, AND KEEP IT SECRET. Devices that are built with it take updates signed by it and no others: whoever has a copy
can replace their system, and without it none of them can ever be updated again except by flashing. It belongs into a
safe place outside of this machine; EDGE_UPDATE_KEY names another one."""


def private_key() -> Path:
    """Return the key's file; the first use makes one and says so."""
    if not KEY.exists():
        KEY.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = _openssl("genpkey", "-algorithm", "ed25519")
        with open(os.open(KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - with its mode
            file.write(made)
        sys.stderr.write(KEEP.format(path=KEY) + "\n")
    return KEY


def public_key() -> bytes:
    """Return the public half as PEM: what goes into an image."""
    return _openssl("pkey", "-in", str(private_key()), "-pubout")


def sign(content: bytes) -> bytes:
    """Return the 64 bytes of the Ed25519 signature; the same content always has the same one."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return _openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(private_key()), "-in", file.name)


def _openssl(*words: str) -> bytes:
    done = subprocess.run(["openssl", *words], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"bundle.py: openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def inside(image: Path, path: str) -> str:
    """Return a file of an ext4 image; empty where there is none."""
    words = ["debugfs", "-R", f"cat {path}", str(image)]
    return subprocess.run(words, capture_output=True, check=True).stdout.decode(errors="replace")


def packed(content: bytes) -> tuple[Block, bytes]:
    """Return a block as it stands in the manifest, and its bytes in the bundle."""
    digest = sha256(content).digest()
    if content.count(0) == len(content):
        return Block(0, digest), b""
    small = zlib.compress(content, LEVEL)
    return Block(len(small), digest), small


def packed_blocks(image: Path) -> Iterator[tuple[Block, bytes]]:
    """Yield all blocks of an image, in order; zlib runs beside the interpreter, on all processors."""
    with image.open("rb") as file, ThreadPoolExecutor(os.cpu_count()) as threads:
        contents = iter(lambda: file.read(BLOCK_BYTES), b"")
        while some := list(islice(contents, 64)):
            yield from threads.map(packed, some)


def make_bundle(image: Path, out: Path, board: str, release: Release) -> Path:
    """Write the bundle beside its final name, then rename it; return its path."""
    path = out / f"{board}-{release.version}.edgeup"
    beside = path.with_name(f"{path.name}.new")
    with tempfile.TemporaryFile(dir=out) as body:
        blocks = []
        for block, small in packed_blocks(image):
            blocks.append(block)
            body.write(small)
        manifest = manifest_bytes(board, release, image.stat().st_size, BLOCK_BYTES, blocks)
        parse_manifest(manifest)
        body.seek(0)
        with beside.open("wb") as bundle:
            bundle.write(MAGIC + len(manifest).to_bytes(LENGTH_BYTES) + manifest + sign(signed_part(manifest)))
            while part := body.read(BLOCK_BYTES):
                bundle.write(part)
    return beside.rename(path)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("public-key", help="print it; the first use makes a key")
    make = actions.add_parser("make", help="a bundle from FOLDER/slot.img, else system.ext4, into the same folder")
    make.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.action == "public-key":
        sys.stdout.buffer.write(public_key())
        return
    image = next((given.folder / name for name in SLOT_IMAGES if (given.folder / name).exists()), None)
    if image is None:
        sys.exit(f"bundle.py: there is no {' or '.join(SLOT_IMAGES)} in {given.folder}: build an image first")
    said = dict(line.split("=", 1) for line in inside(image, "/usr/lib/os-release").splitlines() if "=" in line)
    if "IMAGE_ID" not in said or "IMAGE_VERSION" not in said:
        sys.exit(f"bundle.py: {image} does not say what it is: no IMAGE_ID and IMAGE_VERSION in its os-release")
    if inside(image, KEY_IN_SLOT).encode() != public_key():
        sys.stderr.write(
            f"bundle.py: the system in {image} takes updates by another key than {KEY}: from this bundle on, that one "
            "signs its updates\n"
        )
    release = Release(said["IMAGE_VERSION"], int(said.get("EDGE_BUILD_EPOCH", "0")))
    path = make_bundle(image, given.folder, said["IMAGE_ID"], release)
    sys.stdout.write(f"{path}: {path.stat().st_size >> 20} MB\n")


if __name__ == "__main__":
    main()
