"""What is in an image: `manifest.json` for people and programs, `sbom.cdx.json` (CycloneDX 1.6) for scanners.

Run by build.sh on the machine that builds: standard library only.
"""

import argparse
import hashlib
import json
import re
import subprocess
import uuid
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

DEBIAN_FIELDS = ("Package", "Version", "Architecture", "Source")
NAMESPACE = uuid.UUID("6c8a5f0e-2f8e-4f0c-9d6d-0f5e6d9a7e01")

Entry = dict[str, Any]


def sha256_of(path: Path) -> str:
    """Return the hash of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def installed_packages(table: Path) -> list[Entry]:
    """Read what lib/list-packages.sh wrote: the packages installed in the root."""
    names = ("name", "version", "architecture", "source", "sha256")
    rows = (line.split("\t") for line in table.read_text().splitlines())
    return [{"kind": "deb", **dict(zip(names, row, strict=True))} for row in rows]


def unpacked_packages(folder: Path) -> list[Entry]:
    """Read the package files that were only unpacked: kernel, initramfs, certificates."""
    return [unpacked_package(path) for path in sorted(folder.glob("*.deb"))]


def unpacked_package(path: Path) -> Entry:
    """Read one package file's own fields."""
    command = ["dpkg-deb", "-f", str(path), *DEBIAN_FIELDS]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - a file of ours
    fields = HeaderParser().parsestr(told)
    return {
        "kind": "deb",
        "name": fields["Package"],
        "version": fields["Version"],
        "architecture": fields["Architecture"],
        "source": (fields["Source"] or fields["Package"]).split(" ")[0],
        "sha256": sha256_of(path),
    }


def python_packages(site: Path, wheels: Path) -> list[Entry]:
    """Read the libraries that came with the package `edge`, with the hash of the file each came from."""
    files = {canonical(re.split(r"-\d", path.name)[0]): path for path in wheels.iterdir()}
    return [python_package(path, files) for path in sorted(site.glob("*.dist-info/METADATA"))]


def python_package(metadata: Path, files: dict[str, Path]) -> Entry:
    """Read one installed package's name, version and licence."""
    fields = HeaderParser().parsestr(metadata.read_text())
    name = canonical(fields["Name"])
    entry = {"kind": "pypi", "name": name, "version": fields["Version"]}
    if licence := fields["License-Expression"]:
        entry["licence"] = licence
    if name in files:
        entry |= {"file": files[name].name, "sha256": sha256_of(files[name])}
    return entry


def canonical(name: str) -> str:
    """Return a Python package's name as the index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def artefacts(folder: Path, names: list[str]) -> list[Entry]:
    """Return size and hash of the files that a build leaves."""
    paths = [folder / name for name in names]
    return [{"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in paths]


def bill_of_materials(manifest: Entry) -> Entry:
    """Return the same as CycloneDX 1.6."""
    subject = {"type": "firmware", "name": f"edge-{manifest['target']}", "version": manifest["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, json.dumps(manifest, sort_keys=True))}",
        "version": 1,
        "metadata": {"timestamp": manifest["time"], "component": subject},
        "components": [component(package) for package in manifest["packages"]],
    }


def component(package: Entry) -> Entry:
    """Return one package as CycloneDX has it, with the purl that scanners look up."""
    found = {"type": "library", "name": package["name"], "version": package["version"], "purl": purl(package)}
    found["bom-ref"] = found["purl"]
    if "licence" in package:
        found["licenses"] = [{"expression": package["licence"]}]
    if package.get("sha256"):
        found["hashes"] = [{"alg": "SHA-256", "content": package["sha256"]}]
    return found


def purl(package: Entry) -> str:
    """Return a package's URL (github.com/package-url/purl-spec)."""
    version = quote(package["version"], safe="")
    if package["kind"] == "edge":
        return f"pkg:generic/edge@{version}"
    if package["kind"] == "pypi":
        return f"pkg:pypi/{package['name']}@{version}"
    where = f"arch={package['architecture']}&distro=debian-13"
    return f"pkg:deb/debian/{quote(package['name'], safe='')}@{version}?{where}"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("roots", "wheels", "root", "made"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("target", "version", "commit", "kernel"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--epoch", type=int, required=True)
    parser.add_argument("artefacts", nargs="*")
    return parser.parse_args()


def main() -> None:
    """Write both files into the folder of what was made."""
    given = arguments()
    packages = [
        {"kind": "edge", "name": "edge", "version": given.version, "commit": given.commit},
        *installed_packages(given.roots / "packages.tsv"),
        *unpacked_packages(given.roots / "debs"),
        *python_packages(given.root / "usr/lib/edge", given.wheels),
    ]
    manifest = {
        "target": given.target,
        "version": given.version,
        "commit": given.commit,
        "time": datetime.fromtimestamp(given.epoch, UTC).isoformat(),
        "kernel": given.kernel,
        "packages": packages,
        "artefacts": artefacts(given.made, given.artefacts),
    }
    (given.made / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (given.made / "sbom.cdx.json").write_text(json.dumps(bill_of_materials(manifest), indent=1) + "\n")


if __name__ == "__main__":
    main()
