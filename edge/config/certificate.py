"""A certificate and its private key from their files, judged before anything relies on them."""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.settings.marks import Finding

MAX_BYTES = 65_536
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_KEY_ENDS = "PRIVATE KEY-----"


class BadCertificate(Exception):  # noqa: N818 - named like a sentence
    """The files cannot be used. `key` is the setting that names the one at fault."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key
        self.text = text


@dataclass(frozen=True, slots=True)
class Pair:
    """Chain and key as PEM, the device's own certificate first."""

    pem: str

    @property
    def certificate(self) -> str:
        """Return the device's own certificate alone, as PEM."""
        return _first(self.pem)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the first certificate, as browsers show it."""
        return fingerprint(self.pem)


def read_pair(cert_file: str, key_file: str) -> Pair:
    """Return what the files hold. Raises BadCertificate, saying what to do."""
    import ssl  # noqa: PLC0415 - 5 MB that devices without HTTPS never need

    chain, key = _text("cert_file", cert_file), _text("key_file", key_file)
    if _CERTIFICATE not in chain:
        raise BadCertificate("cert_file", f"{cert_file} holds no certificate in PEM form ({_CERTIFICATE} ...)")
    if _KEY_ENDS not in key:
        raise BadCertificate("key_file", f"{key_file} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
    asked: list[bool] = []

    def no_password() -> str:
        asked.append(True)
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert_file, key_file, password=no_password)
        return Pair(f"{chain.rstrip()}\n{key.rstrip()}\n")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise _explained(error, cert_file, key_file, protected=bool(asked)) from None


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of the first certificate in a PEM text, in pairs of hexadecimal digits."""
    import ssl  # noqa: PLC0415 - the same

    return spelled(ssl.PEM_cert_to_DER_cert(_first(pem)))


def _first(pem: str) -> str:
    _, _, after = pem.partition(_CERTIFICATE)
    return f"{_CERTIFICATE}{after.partition('-----END')[0]}-----END CERTIFICATE-----"


def spelled(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) in pairs of hexadecimal digits."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def unusable(tree: object) -> Iterator[Finding]:
    """Find what is wrong with the files that `api.tls` of a plain settings tree names."""
    tls = _section(_section(tree, "api"), "tls")
    cert_file, key_file = tls.get("cert_file"), tls.get("key_file")
    if tls.get("mode") != "files" or not (isinstance(cert_file, str) and isinstance(key_file, str)):
        return
    if not (cert_file and key_file):
        return
    try:
        read_pair(cert_file, key_file)
    except BadCertificate as wrong:
        yield Finding(("api", "tls", wrong.key), wrong.text)


def _section(tree: object, key: str) -> dict[object, object]:
    inner = tree.get(key) if isinstance(tree, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(key: str, name: str) -> str:
    """Return a file's text; a pipe or a device is not opened, since that may block."""
    path = Path(name)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadCertificate(key, f"{name} is no file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except PermissionError:
        why = "may not be read by the program; let its group have it: chgrp edge FILE && chmod 640 FILE"
        raise BadCertificate(key, f"{name} {why}") from None
    except FileNotFoundError:
        raise BadCertificate(key, f"there is no file {name} here") from None
    except OSError as error:
        raise BadCertificate(key, f"{name} cannot be read ({error.strerror})") from None
    if len(content) > MAX_BYTES:
        raise BadCertificate(key, f"{name} is larger than {MAX_BYTES} bytes; this is no PEM file of one certificate")
    return content.decode("utf-8", errors="replace")


def _explained(error: Exception, cert_file: str, key_file: str, *, protected: bool) -> BadCertificate:
    if protected:
        text = f"{key_file} is protected by a password; take it off: openssl pkey -in FILE -out FILE.open"
        return BadCertificate("key_file", text)
    if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
        text = f"the key in {key_file} does not belong to the first certificate in {cert_file}"
        return BadCertificate("key_file", text)
    text = f"{cert_file} and {key_file} are no certificate and key that can be used ({error})"
    return BadCertificate("cert_file", text)
