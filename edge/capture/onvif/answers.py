"""WS-Discovery messages: the question, and what is understood of the answers."""

import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from edge.capture.onvif.place import Place, device_place, split
from edge.capture.onvif.xml import first, named, parse, text_of

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
KINDS = (
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device"),
)
"""What is asked for. Old cameras know the first only, some new ones the second only."""
MOST_BYTES = 32_768
_SCOPE = re.compile(r"onvif://www\.onvif\.org/(name|hardware|location)/(\S+)", re.IGNORECASE)
_LONGEST_NAME = 80
_LONGEST_ENDPOINT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that has answered: its endpoint id, which stays when its address changes, and where it is."""

    endpoint: str
    place: Place
    name: str
    hardware: str


def probe(kind: tuple[str, str]) -> bytes:
    """Return the question for devices of one kind."""
    namespace, name = kind
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{_DISCOVERY}/Probe</a:Action>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>"
        f"<a:ReplyTo><a:Address>{_ADDRESSING}/role/anonymous</a:Address></a:ReplyTo>"
        '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>'
        f'<s:Body><d:Probe xmlns:d="{_DISCOVERY}"><d:Types xmlns:k="{namespace}">k:{name}</d:Types></d:Probe></s:Body>'
        "</s:Envelope>"
    ).encode()


def found_in(message: bytes, sender: str) -> list[Found]:
    """Return the cameras that an answer tells of; none where it is no such answer, or not well-formed.

    The host is the sender's whatever the answer says: that address has answered, and the answer may be of old.
    """
    root = parse(message) if len(message) <= MOST_BYTES else None
    if root is None:
        return []
    found = []
    for match in named(root, "ProbeMatch"):
        endpoint = text_of(match, "EndpointReference", "Address")
        scopes = text_of(match, "Scopes")
        if not _is_camera(text_of(match, "Types"), scopes) or not _sane(endpoint):
            continue
        said = {kind.lower(): _words(value) for kind, value in _SCOPE.findall(scopes)}
        place = _place(text_of(match, "XAddrs").split(), sender)
        if place is not None:
            found.append(Found(endpoint, place, said.get("name", ""), said.get("hardware", "")))
    return found


def announced_in(message: bytes) -> str:
    """Return the endpoint id of who announces itself in a message; empty where that is no announcement."""
    root = parse(message) if len(message) <= MOST_BYTES else None
    endpoint = text_of(first(root, "Hello"), "EndpointReference", "Address")
    return endpoint if _sane(endpoint) else ""


def _is_camera(types: str, scopes: str) -> bool:
    """Printers and computers answer too."""
    return "NetworkVideoTransmitter" in types or "onvif://" in scopes.lower()


def _sane(endpoint: str) -> bool:
    return 0 < len(endpoint) <= _LONGEST_ENDPOINT and endpoint.isprintable() and " " not in endpoint


def _words(value: str) -> str:
    return "".join(c for c in unquote(value, errors="replace") if c.isprintable())[:_LONGEST_NAME].strip()


def _place(addresses: list[str], sender: str) -> Place | None:
    """Return where the device service is, by the address that names the sender, else by the first of IPv4."""
    parts = [part for part in map(split, addresses[:8]) if part is not None and part.scheme in {"http", "https"}]
    parts.sort(key=lambda part: (part.hostname != sender, ":" in (part.hostname or "")))
    if not parts:
        return None
    best = parts[0]
    port = best.port or (443 if best.scheme == "https" else 80)
    return device_place(sender, port, best.path or "/")
