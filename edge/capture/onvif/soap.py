"""SOAP messages: ours out, theirs in."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from edge.capture.onvif.xml import first, named, text_of

_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_DIGEST = f"{_WSS}-username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_WSS}-soap-message-security-1.0#Base64Binary"
_LOCKED = re.compile(
    r"(?<![a-z])(locked|lockout)|account.?lock|lockstatus>\s*lock|too.?many.?(failed|attempts|login)|blocked"
)
_EXPIRED = re.compile(r"messageexpired|invalidtimestamp|time ?stamp|clock|(?<!password )(?<!password has )expired")
_REFUSED = re.compile(
    r"notauthorized|not authorized|unauthori[sz]ed|failedauthentication|failedcheck|invalidsecurity|invalid username"
    r"|wrong password|authentication fail"
)
_LONGEST_REASON = 120


class Refusal(Enum):
    """Why a camera does not let us in."""

    PASSWORD = auto()
    LOCKED = auto()
    CLOCK = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault: its codes, and its reason as it may be shown. `refusal` where it is about who we are."""

    codes: tuple[str, ...]
    reason: str
    refusal: Refusal | None

    @property
    def unknown_call(self) -> bool:
        """Whether the camera does not have what was called."""
        return any("NotSupported" in code or "NotImplemented" in code or "UnknownAction" in code for code in self.codes)


def envelope(body: str, security: str = "") -> bytes:
    """Return a message; both parts are XML."""
    header = f"<s:Header>{security}</s:Header>" if security else ""
    text = f'<s:Envelope xmlns:s="{_ENVELOPE}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def username_token(username: str, password: str, moment: datetime, nonce: bytes = b"") -> str:
    """Return the WS-Security header with a password digest, signed for a moment in UTC of the camera's clock."""
    nonce = nonce or secrets.token_bytes(16)
    created = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    signed = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security xmlns:w="{_WSS}-wssecurity-secext-1.0.xsd" s:mustUnderstand="1"><w:UsernameToken>'
        f"<w:Username>{escape(username)}</w:Username>"
        f'<w:Password Type="{_DIGEST}">{base64.b64encode(signed).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce>'
        f'<u:Created xmlns:u="{_WSS}-wssecurity-utility-1.0.xsd">{created}</u:Created>'
        "</w:UsernameToken></w:Security>"
    )


def fault_of(root: Element) -> Fault | None:
    """Return the fault that a message is, in SOAP 1.2 or 1.1; None where it is none."""
    fault = first(root, "Body", "Fault")
    if fault is None:
        return None
    codes = tuple(
        (element.text or "").strip()
        for name in ("Value", "faultcode")
        for element in named(fault, name)
        if (element.text or "").strip()
    )
    reason = text_of(fault, "Reason", "Text") or text_of(fault, "faultstring")
    return Fault(codes, _shown(reason), refusal_of(" ".join((*codes, *fault.itertext()))))


def refusal_of(text: str) -> Refusal | None:
    """Return why an answer refuses us, by its words; None where it says nothing of that kind."""
    lower = text.lower()
    if _LOCKED.search(lower):
        return Refusal.LOCKED
    if _EXPIRED.search(lower):
        return Refusal.CLOCK
    return Refusal.PASSWORD if _REFUSED.search(lower) else None


def _shown(reason: str) -> str:
    return "".join(c if c.isprintable() else " " for c in reason)[:_LONGEST_REASON].strip()
