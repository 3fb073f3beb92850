"""The owner's certificate and key: what is taken, and what is said of what cannot be used."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from edge.config.certificate import read_pair, spelled
from edge.config.errors import ConfigErrors
from edge.config.loader import loads
from tests.support.picture_server import certificate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cert.pem` and `key.pem`, the key of another, one with a password, and no PEM at all."""
    folder = tmp_path_factory.mktemp("pair")
    certificate(folder)
    (folder / "other").mkdir()
    shutil.copy(certificate(folder / "other")[1], folder / "other.pem")
    words = ["openssl", "pkey", "-in", str(folder / "key.pem"), "-aes256", "-passout", "pass:secret"]
    subprocess.run([*words, "-out", str(folder / "locked.pem")], check=True, capture_output=True)
    (folder / "text.pem").write_text("hello\n")
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "large.pem").write_bytes(b"x" * 70_000)
    return folder


def settings(folder: Path, cert: str, key: str) -> str:
    return f"api:\n  tls:\n    mode: files\n    cert_file: {folder / cert}\n    key_file: {folder / key}\n"


def test_a_chain_and_its_key_are_taken(made: Path) -> None:
    (made / "chain.pem").write_text((made / "cert.pem").read_text() + (made / "other/cert.pem").read_text())
    pair = read_pair(str(made / "chain.pem"), str(made / "key.pem"))
    own = ssl.PEM_cert_to_DER_cert((made / "cert.pem").read_text())
    assert pair.fingerprint == spelled(own)
    assert len(pair.fingerprint) == 32 * 3 - 1
    assert pair.pem.count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE KEY" in pair.pem
    assert loads(settings(made, "chain.pem", "key.pem"), "edge.yaml", files=True).api.tls.mode == "files"


@pytest.mark.parametrize(
    ("cert", "key", "line", "path", "said"),
    [
        pytest.param("none.pem", "key.pem", 4, "cert_file", "there is no file", id="no-certificate"),
        pytest.param("cert.pem", "none.pem", 5, "key_file", "there is no file", id="no-key"),
        pytest.param("text.pem", "key.pem", 4, "cert_file", "no certificate in PEM form", id="no-pem"),
        pytest.param("cert.pem", "text.pem", 5, "key_file", "no private key in PEM form", id="no-pem-key"),
        pytest.param("key.pem", "cert.pem", 4, "cert_file", "no certificate in PEM form", id="swapped"),
        pytest.param("cert.pem", "other.pem", 5, "key_file", "does not belong to the first certificate", id="other"),
        pytest.param("cert.pem", "locked.pem", 5, "key_file", "protected by a password", id="password"),
        pytest.param("broken.pem", "key.pem", 4, "cert_file", "no certificate and key that can be used", id="broken"),
        pytest.param("large.pem", "key.pem", 4, "cert_file", "larger than 65536 bytes", id="large"),
        pytest.param("other", "key.pem", 4, "cert_file", "is no file", id="folder"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    made: Path, cert: str, key: str, line: int, path: str, said: str
) -> None:
    text = settings(made, cert, key)
    with pytest.raises(ConfigErrors) as caught:
        loads(text, "edge.yaml", files=True)
    (error,) = caught.value.errors
    assert (error.line, error.path) == (line, f"api.tls.{path}")
    assert said in error.text
    assert "secret" not in error.text
    assert loads(text, "edge.yaml").api.encrypted, "the text itself is right"
