"""HTTP digest authentication (RFC 7616): the answer to a server's challenges."""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

_PART = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')
_START = re.compile(r"(?:^|,\s*)(Digest|Basic|Bearer|Negotiate|NTLM)(?:\s+|$)", re.IGNORECASE)
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
"""Those that we can do, the one that every camera does first."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One digest challenge of a server."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str
    qop: bool


def choose(headers: Iterable[str]) -> Challenge | None:
    """Return the best challenge of the `WWW-Authenticate` headers that can be answered, None where there is none.

    The strongest hash wins. A header may hold several challenges, and a server may send what we cannot do beside it.
    """
    found = [challenge for header in headers for challenge in _challenges(" ".join(header.splitlines()))]
    return max(found, key=lambda each: list(_HASHES).index(_plain(each.algorithm)), default=None)


def offers_basic(headers: Iterable[str]) -> bool:
    """Tell whether a server would take HTTP Basic, by which a password travels readable."""
    starts = (start for header in headers for start in _START.finditer(header))
    return any(start[1].lower() == "basic" for start in starts)


def basic(username: str, password: str) -> str:
    """Return the `Authorization` header of HTTP Basic (RFC 7617)."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def authorization(
    challenge: Challenge,
    path: str,
    username: str,
    password: str,
    *,
    method: str = "POST",
    cnonce: str = "",
    count: int = 1,
) -> str:
    """Return the `Authorization` header for the call of that number; the password is in it as a hash only."""
    cnonce = cnonce or secrets.token_hex(8)

    def digest(text: str) -> str:
        return hashlib.new(_HASHES[_plain(challenge.algorithm)], text.encode(), usedforsecurity=False).hexdigest()

    who = digest(f"{username}:{challenge.realm}:{password}")
    if challenge.algorithm.upper().endswith("-SESS"):
        who = digest(f"{who}:{challenge.nonce}:{cnonce}")
    what = digest(f"{method}:{path}")
    middle = f"{challenge.nonce}:{count:08x}:{cnonce}:auth" if challenge.qop else challenge.nonce
    parts = {
        "username": username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": path,
        "response": digest(f"{who}:{middle}:{what}"),
        "opaque": challenge.opaque,
    }
    quoted = [f'{name}="{_escaped(value)}"' for name, value in parts.items() if value or name != "opaque"]
    bare = [f"algorithm={challenge.algorithm}"]
    if challenge.qop:
        bare += ["qop=auth", f"nc={count:08x}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(quoted + bare)


def _challenges(header: str) -> Iterable[Challenge]:
    starts = list(_START.finditer(header))
    ends = [*(start.start() for start in starts[1:]), len(header)]
    for start, end in zip(starts, ends, strict=False):
        if start[1].lower() != "digest":
            continue
        text = header[start.end() : end]
        parts = {
            m[1].lower(): re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in _PART.finditer(text)
        }
        offered = {each.strip().lower() for each in parts.get("qop", "").split(",") if each.strip()}
        algorithm = parts.get("algorithm", "MD5")
        if _plain(algorithm) in _HASHES and "nonce" in parts and (not offered or "auth" in offered):
            yield Challenge(parts.get("realm", ""), parts["nonce"], algorithm, parts.get("opaque", ""), bool(offered))


def _plain(algorithm: str) -> str:
    return algorithm.upper().removesuffix("-SESS")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
