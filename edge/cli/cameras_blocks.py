"""Found cameras as a configuration file: what they offer stands in comments, the channels are ready to paste."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.capture.attached import Attached
from edge.capture.onvif.client import CLOCK_OFF_S, off_in_words
from edge.capture.onvif.survey import Surveyed
from edge.config.loader import ConfigErrors, loads

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./ -]*[A-Za-z0-9_]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}


def listing(attached: Sequence[Attached], surveyed: Sequence[Surveyed], user: str, password_file: Path | None) -> str:
    """Return all cameras as one YAML file that `edge check-config` takes."""
    names = _Names()
    parts = [part for each in attached for part in _attached(each, names)]
    for camera in surveyed:
        parts += _surveyed(camera, names, user, password_file)
    channels = any(not line.startswith("#") for part in parts for line in part.splitlines())
    return ("channels:\n" if channels else "channels: []\n") + "\n".join(parts) + "\n"


def quoted(text: str) -> str:
    """Return a text as YAML has it, in quotes where it needs them."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith(" ")
    return text if plain else json.dumps(text, ensure_ascii=False)


class _Names:
    """Names that are not given twice."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self, wanted: str) -> str:
        """Return the name, with a number behind it where it is taken."""
        name, number = wanted, 1
        while name in self._given:
            number += 1
            name = f"{wanted} {number}"
        self._given.add(name)
        return name


def _attached(camera: Attached, names: _Names) -> Iterator[str]:
    yield _comment(f"{camera.kind.upper()} {camera.name}, {camera.address}", *camera.streams)
    where = f"device: {quoted(camera.address)}" if camera.kind == "usb" else f"camera: {camera.address}"
    yield _channel(names.new(camera.name), f"{camera.kind}: {{{where}}}")


def _surveyed(camera: Surveyed, names: _Names, user: str, password_file: Path | None) -> Iterator[str]:
    place = camera.found.place
    watched = {each.profile.token for each in camera.chosen}
    lines = [f"  endpoint {camera.found.endpoint}"]
    if abs(camera.clock_off_s) > CLOCK_OFF_S:
        lines.append(f"  its clock is {off_in_words(camera.clock_off_s)}: set it, best by NTP")
    if camera.trouble:
        lines.append(f"  {camera.trouble}")
    lines += [f"{'*' if each.token in watched else ' '} {each.token}: {each.shown}" for each in camera.profiles]
    lines += [f"  {camera.snapshot}"] if camera.snapshot else []
    lines += [f"  {address}" for each in camera.chosen for address in (each.url, each.snapshot) if address]
    title = f"ONVIF {camera.name}, {camera.model or camera.found.hardware or 'of unknown make'}, {place.shown}"
    yield _comment(title, *lines)
    login = f", username: {quoted(user)}" if user else ""
    if user and password_file is not None:
        login += f", password_file: {quoted(str(password_file.absolute()))}"
    port = f", port: {place.port}" if place.port != 80 else ""  # noqa: PLR2004 - the default
    if camera.snapshot and not camera.chosen:
        tls = ", tls: {insecure: true}" if camera.snapshot.startswith("https:") else ""
        yield _channel(names.new(camera.name), f"http: {{url: {quoted(camera.snapshot)}{login}{tls}}}")
        return
    for number, each in enumerate(camera.chosen or (None,)):
        profile = f", profile: {quoted(each.profile.token)}" if each is not None and number else ""
        yield _channel(names.new(camera.name), f"onvif: {{host: {quoted(place.host)}{port}{login}{profile}}}")


def _comment(*lines: str) -> str:
    shown = ("".join(c if c.isprintable() else " " for c in line) for line in lines)
    return "\n".join(f"  # {line}" for line in shown)


def _channel(name: str, source: str) -> str:
    """Return a channel; as a comment, with the reason, where this version does not take it."""
    text = f"  - name: {quoted(name)}\n    source:\n      {source}"
    try:
        loads(f"channels:\n{text}\n", "edge cameras")
    except ConfigErrors as wrong:
        reason = wrong.errors[0].text
        return "\n".join([f"# {reason}:", *(f"#{line}" for line in text.splitlines())])
    return text
