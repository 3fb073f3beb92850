"""What a first boot does for HTTPS: the certificate is made early, and told with the address."""

import hashlib
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from edge.firstboot import https
from edge.firstboot.https import https_of
from edge.firstboot.take import Places, first_boot
from edge.settings import TlsSettings
from tests.support.picture_server import certificate

OWN = TlsSettings(mode="self-signed")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def maker(tmp_path: Path, pair: tuple[Path, Path]) -> Path:
    """A program that makes `device.pem` as ours does, from what is there, and notes for whom."""
    script = tmp_path / "maker"
    script.write_text(f'#!/bin/sh\ncat {pair[1]} {pair[0]} >"$1"\necho "$2" >>{tmp_path}/made\n')
    script.chmod(0o755)
    return script


def sha256(cert: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(cert.read_text())).digest().hex(":").upper()


def test_the_device_s_own_is_made_once_for_its_name(tmp_path: Path, pair: tuple[Path, Path], maker: Path) -> None:
    own = tmp_path / "tls/device.pem"
    assert https_of(OWN, own, "front-door", maker) == (sha256(pair[0]), [])
    assert own.parent.stat().st_mode & 0o777 == 0o700
    assert https_of(OWN, own, "front-door", maker) == (sha256(pair[0]), [])
    assert (tmp_path / "made").read_text() == "front-door\n"


def test_who_does_not_ask_for_it_gets_none(tmp_path: Path, maker: Path) -> None:
    assert https_of(TlsSettings(), tmp_path / "device.pem", "a", maker) == ("", [])
    assert https_of(OWN, None, "a", maker) == ("", [])
    assert not (tmp_path / "device.pem").exists()


def test_what_cannot_be_made_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("#!/bin/sh\necho openssl is not installed >&2; exit 1\n")
    bad.chmod(0o755)
    for maker in (bad, tmp_path / "nowhere"):
        found, told = https_of(OWN, tmp_path / "device.pem", "a", maker)
        assert found == ""
        assert told[0].startswith("HTTPS: the certificate cannot be made or read")
    assert "openssl is not installed" in https_of(OWN, tmp_path / "device.pem", "a", bad)[1][0]


def test_the_owner_s_is_looked_at(pair: tuple[Path, Path]) -> None:
    files = TlsSettings(mode="files", cert_file=str(pair[0]), key_file=str(pair[1]))
    assert https_of(files, None, "a") == (sha256(pair[0]), [])
    told = https_of(replace(files, key_file="/nowhere/key.pem"), None, "a")
    assert told == ("", ["HTTPS: api.tls.key_file: there is no file /nowhere/key.pem here"])


def test_address_and_fingerprint_are_told_on_the_card_and_in_the_network(
    tmp_path: Path, pair: tuple[Path, Path]
) -> None:
    for name in ("boot", "avahi", "state"):
        (tmp_path / name).mkdir()
    places = Places(
        boot=tmp_path / "boot",
        settings=tmp_path / "edge.yaml",
        first_settings=tmp_path / "first.yaml",
        state_dir=tmp_path / "state",
        avahi=tmp_path / "avahi",
        certificate=tmp_path / "device.pem",
    )
    (tmp_path / "device.pem").write_text(pair[1].read_text() + pair[0].read_text())
    (places.boot / "edge.yaml").write_text("device: {name: door}\napi: {tls: {mode: self-signed}}\n")
    assert first_boot(places, ["192.0.2.7"]).scheme == "https"
    told = (places.boot / "edge-status.txt").read_text()
    assert "page:      https://door.local:48462/\n" in told
    assert "page:      https://192.0.2.7:48462/\n" in told
    assert f"certificate, SHA-256:\n  {sha256(pair[0])}\n" in told
    announced = (tmp_path / "avahi/edge.service").read_text()
    assert "<type>_https._tcp</type>" in announced
    assert "<type>_edge._tcp</type>" in announced
    assert "_http._tcp" not in announced
    assert "<txt-record>scheme=https</txt-record>" in announced


def test_a_wrong_certificate_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "first.yaml").write_text("")
    tls = "api:\n  tls:\n    mode: files\n    cert_file: /nowhere/a\n    key_file: /nowhere/b\n"
    (tmp_path / "boot/edge.yaml").write_text(tls)
    places = Places(
        boot=tmp_path / "boot",
        settings=tmp_path / "edge.yaml",
        first_settings=tmp_path / "first.yaml",
        state_dir=tmp_path / "state",
    )
    notes = first_boot(places, []).notes
    assert notes == [
        "edge.yaml: NOT taken; correct these lines:",
        "  edge.yaml:4: api.tls.cert_file: there is no file /nowhere/a here",
    ]


def test_the_maker_is_where_the_package_puts_it() -> None:
    build = (Path(__file__).parents[3] / "image-build/deb/build.sh").read_text()
    assert https.MAKER.name == "edge-tls-certificate"
    assert 'systemd/tls/edge-tls-{ask,certificate,restart} "$libraries/"' in build
