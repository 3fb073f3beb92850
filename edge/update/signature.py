"""Ed25519 signatures of bundles (RFC 8032), checked with the public key that lies in the running slot."""

import base64
import binascii
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from edge.update.errors import UpdateError

KEY_FILE = Path("/usr/lib/edge-appliance/update-key.pem")
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410)."""


class PublicKey:
    """One key, from a PEM file as openssl writes it."""

    def __init__(self, path: Path) -> None:
        self._key = VerifyKey(_read(path))

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """Tell whether the signature is by the private half of this key, over exactly these bytes."""
        try:
            self._key.verify(signed, signature)
        except (BadSignatureError, ValueError):
            return False
        return True


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii")
        body = text.partition(_BEGIN)[2].partition(_END)[0]
        der = base64.b64decode("".join(body.split()), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error) as error:
        raise UpdateError(f"this device has no key to check updates with: {path}: {error}", "failed") from None
    if len(der) != len(_DER) + 32 or not der.startswith(_DER):
        raise UpdateError(f"this device has no key to check updates with: {path} is no Ed25519 key", "failed")
    return der[len(_DER) :]
