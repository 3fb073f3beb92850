"""What Raspberry Pi Imager reads, in words of our own: a list of systems.

After github.com/raspberrypi/rpi-imager: doc/json-schema/os-list-schema.json (71754dd16416) for what must be there and
of which type; src/test/qml/fixtures/os_list.json (1367bf4f1c45) for `devices`, `init_format`, `image_download_sha256`.
"""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_BYTES = {"type": "integer", "minimum": 1}
_URL = {"type": "string", "pattern": r"^https?://[^ +]+$"}

ENTRY: dict[str, Any] = {
    "type": "object",
    "required": [
        *("name", "description", "icon", "url", "extract_size", "extract_sha256", "image_download_size", "release_date")
    ],
    "properties": {
        "name": _TEXT,
        "description": {**_TEXT, "maxLength": 80},  # a line of Imager's list
        "icon": _URL,
        "url": {**_URL, "pattern": r"^https?://[^ +]+\.(xz|gz|zip)$"},
        "extract_size": {**_BYTES, "multipleOf": 512},
        "extract_sha256": _SHA256,
        "image_download_size": _BYTES,
        "image_download_sha256": _SHA256,
        "release_date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "init_format": {"enum": ["none", "systemd", "cloudinit", "cloudinit-rpi"]},
        "devices": {"type": "array", "items": {"enum": [f"pi{n}-{bits}bit" for n in range(1, 6) for bits in (32, 64)]}},
        "website": _URL,
    },
    "additionalProperties": False,
}
OS_LIST: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["os_list"],
    "properties": {"os_list": {"type": "array", "minItems": 1, "items": ENTRY}},
    "additionalProperties": False,
}
