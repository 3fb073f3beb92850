"""The certificate for HTTPS: made before anybody asks for it, so that its fingerprint is told with the address."""

import subprocess
from pathlib import Path

from edge.config.certificate import BadCertificate, fingerprint, read_pair
from edge.settings import TlsSettings

MAKER = Path("/usr/lib/edge/edge-tls-certificate")
MAKE_S = 60


def https_of(tls: TlsSettings, own: Path | None, name: str, maker: Path = MAKER) -> tuple[str, list[str]]:
    """Return the fingerprint, empty where there is none, and what is to be told in lines.

    `own` is where the device's certificate lies or is made, for the host `name`; None: nowhere.
    """
    try:
        if tls.mode == "files":
            return read_pair(tls.cert_file, tls.key_file).fingerprint, []
        if tls.mode == "none" or own is None:
            return "", []
        if not own.exists():
            own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(maker, own, name)
        return fingerprint(own.read_text(encoding="ascii")), []
    except BadCertificate as wrong:
        return "", [f"HTTPS: api.tls.{wrong.key}: {wrong.text}"]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return "", [f"HTTPS: the certificate cannot be made or read ({error})"]


def _make(maker: Path, own: Path, name: str) -> None:
    """Have it made. Raises OSError with what the maker said."""
    made = subprocess.run([maker, own, name], capture_output=True, text=True, timeout=MAKE_S, check=False)  # noqa: S603 - our own
    if made.returncode != 0:
        raise OSError(made.stderr.strip() or f"{maker} ended with {made.returncode}")
