"""What an image says of its contents, from a root as a build leaves it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[3] / "image-build/manifest.py"
INSTALLED = "libc6\t2.41-12\tarm64\tglibc\taaaa\ntzdata\t2025b-4+deb13u1\tall\ttzdata\tbbbb\n"
METADATA = "Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: {licence}\n\nText.\n"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for folder in ("roots/debs", "wheels", "made"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "roots/packages.tsv").write_text(INSTALLED)
    (tmp_path / "wheels/paho_mqtt-2.2.0-py3-none-any.whl").write_bytes(b"wheel")
    site = tmp_path / "root/usr/lib/edge"
    record = site / "paho_mqtt-2.2.0.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text(METADATA.format(name="paho_mqtt", version="2.2.0", licence="EPL-2.0"))
    (tmp_path / "made/disk.img").write_bytes(b"disk")
    options = ["--target", "qemu-arm64", "--version", "0.1.0", "--commit", "abc", "--kernel", "6.12", "--epoch", "0"]
    folders = [f"--{name}={tmp_path / name}" for name in ("roots", "wheels", "root", "made")]
    subprocess.run([sys.executable, str(PROGRAM), *folders, *options, "disk.img"], check=True)
    return tmp_path / "made"


def read(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text())


def test_each_package_stands_there_with_version_and_hash(made: Path) -> None:
    manifest = read(made / "manifest.json")
    assert {(each["name"], each["version"], each.get("sha256")) for each in manifest["packages"]} == {
        ("libc6", "2.41-12", "aaaa"),
        ("tzdata", "2025b-4+deb13u1", "bbbb"),
        ("paho-mqtt", "2.2.0", hashlib.sha256(b"wheel").hexdigest()),
        ("edge", "0.1.0", None),
    }


def test_what_was_made_stands_there_with_size_and_hash(made: Path) -> None:
    assert read(made / "manifest.json")["artefacts"] == [
        {"file": "disk.img", "bytes": 4, "sha256": hashlib.sha256(b"disk").hexdigest()}
    ]


def test_scanners_find_each_package_by_its_url(made: Path) -> None:
    components = read(made / "sbom.cdx.json")["components"]
    assert [each["purl"] for each in components] == [
        "pkg:generic/edge@0.1.0",
        "pkg:deb/debian/libc6@2.41-12?arch=arm64&distro=debian-13",
        "pkg:deb/debian/tzdata@2025b-4%2Bdeb13u1?arch=all&distro=debian-13",
        "pkg:pypi/paho-mqtt@2.2.0",
    ]
    assert components[3]["licenses"] == [{"expression": "EPL-2.0"}]
