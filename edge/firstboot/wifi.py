"""`wifi.yaml` on the boot partition: which network to join; and the same as NetworkManager reads it."""

import re
import uuid
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated

from edge.config.reader import read
from edge.settings.marks import Check, Doc, Finding, Pattern, Secret

_NETWORKS = uuid.UUID("b7f2f3c4-9a55-4c3e-8a6b-0c3d1be6f2aa")
_MOST_SSID_BYTES = 32


def _ssid(text: str) -> str | None:
    fits = 0 < len(text.encode()) <= _MOST_SSID_BYTES and text.isprintable()
    return None if fits else "must be the network's name: 1 to 32 bytes, no control characters"


def _password(text: str) -> str | None:
    if text == "" or re.fullmatch(r"[ -~]{8,63}", text) or re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return None
    return "must have 8 to 63 letters, digits and signs, or be a key of 64 hexadecimal digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiSettings:
    """wifi.yaml, whole."""

    ssid: Annotated[str, Doc("the network's name"), Check(_ssid)]
    password: Annotated[
        str,
        Doc("its password; empty: the one taken before; without the key: an open network"),
        Check(_password),
        Secret(),
    ] = ""
    country: Annotated[
        str, Doc("where the device is, for the channels allowed"), Pattern("[A-Z]{2}|", "two capital letters, e.g. DE")
    ] = ""
    hidden: Annotated[bool, Doc("the network does not tell its name")] = False


def read_wifi(text: str, file: str, countries: AbstractSet[str] = frozenset()) -> WifiSettings:
    """Return what the text says. Raises ConfigErrors with every mistake.

    `countries` are those that the device has rules for; where it names none, any two letters will do.
    """
    return read(text, file, WifiSettings, {}, _in_one_of(countries))


def _in_one_of(countries: AbstractSet[str]) -> Callable[[object], Iterator[Finding]]:
    def findings(root: object) -> Iterator[Finding]:
        country = root.get("country") if isinstance(root, dict) else None
        if countries and isinstance(country, str) and re.fullmatch("[A-Z]{2}", country) and country not in countries:
            hint = "; the United Kingdom is GB" if country == "UK" else ""
            yield Finding(("country",), f"there are no rules for {country}: use the two letters of ISO 3166{hint}")

    return findings


def keyfile(wifi: WifiSettings) -> str:
    """Return NetworkManager's form of it, secret included: for a file that only root reads."""
    identity = uuid.uuid5(_NETWORKS, wifi.ssid)
    lines = ["[connection]", "id=edge-wifi", f"uuid={identity}", "type=wifi", "", "[wifi]", "mode=infrastructure"]
    lines += [_ssid_line(wifi.ssid)]
    lines += ["hidden=true"] if wifi.hidden else []
    if wifi.password:
        lines += ["", "[wifi-security]", "key-mgmt=wpa-psk", f"psk={_escaped(wifi.password)}"]
    return "\n".join([*lines, "", "[ipv4]", "method=auto", "", "[ipv6]", "method=auto", ""])


def password_in(text: str, ssid: str = "") -> str:
    """Return the password in what `keyfile` gave; empty where it has none, or is of another network than this one."""
    lines = text.splitlines()
    if ssid and _ssid_line(ssid) not in lines:
        return ""
    written = next((line.removeprefix("psk=") for line in lines if line.startswith("psk=")), "")
    return re.sub(r"\\(.)", lambda found: found[1].replace("s", " "), written)


def _ssid_line(ssid: str) -> str:
    return f"ssid={';'.join(str(byte) for byte in ssid.encode())};"


def _escaped(text: str) -> str:
    """Return a value of a keyfile: backslashes doubled, blanks at its ends kept."""
    doubled = text.replace("\\", "\\\\")
    inner = doubled.strip(" ")
    left = len(doubled) - len(doubled.lstrip(" "))
    right = len(doubled) - len(inner) - left
    return "\\s" * left + inner + "\\s" * right
