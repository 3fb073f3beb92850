"""Signatures after Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, one for each secret."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from edge.model.errors import StatedError

_PREFIX = "whsec_"
_HOW = "make one with: echo whsec_$(head -c 32 /dev/urandom | base64)"


class SecretError(StatedError):
    """A secret cannot be used; the text says why and what to do."""


def read_secret(path: Path) -> bytes:
    """Return the secret on a file's first line: base64, with or without `whsec_` before it. Raises SecretError."""
    try:
        lines = path.read_text(encoding="ascii").split("\n", 1)
    except OSError as error:
        raise SecretError(f"the secret file {path} cannot be read ({error.strerror}); look at its rights") from error
    except UnicodeDecodeError as error:
        raise SecretError(f"the secret file {path} is not base64 text; {_HOW}") from error
    text = lines[0].strip().removeprefix(_PREFIX)
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise SecretError(f"the first line of the secret file {path} is not base64; {_HOW}") from error
    if not secret:
        raise SecretError(f"the first line of the secret file {path} is empty; {_HOW}")
    return secret


def signature_headers(secrets: Sequence[bytes], message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the three headers; `message_id` is the same at every attempt, `at_s` is this attempt's time."""
    signed = f"{message_id}.{at_s}.".encode() + body
    marks = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
