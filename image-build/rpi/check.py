"""Checks what `render.py` has rendered: every mistake at once, one a line; status 1 where there is any. Needs PyYAML.

It knows rpi-image-gen by known.yaml: a name that is not there is a mistake, or is to be looked up first.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import yaml

KNOWN = yaml.safe_load((Path(__file__).parent / "known.yaml").read_text())
META = re.compile(r"^# METABEGIN\n(.*?)^# METAEND\n", re.DOTALL | re.MULTILINE)
OURS = ("config", "layer", "apt", "hooks", "overlay", "units", "bootconfig", "package")
SIZE = re.compile(r"\d+[MG]")
SHELLS = {"#!/bin/bash": "bash", "#!/bin/sh": "sh"}
PACKAGE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
LISTED = re.compile(r"^([^#\s]+)", re.MULTILINE)


def mistakes(source: Path) -> Iterator[str]:
    """Yield every mistake of a rendered folder."""
    missing = [name for name in OURS if not any((source / name).glob("*"))]
    if missing:
        yield f"nothing in {', '.join(missing)}"
        return
    layers = dict(read_layer(path) for path in sorted((source / "layer").glob("*.yaml")))
    for path in sorted((source / "layer").glob("*.yaml")):
        yield from mistakes_of_layer(path, set(layers) | set(KNOWN["layers"]))
    for path in sorted((source / "config").iterdir()):
        yield from mistakes_of_config(path, set(layers) | set(KNOWN["layers"]))
    yield from mistakes_of_files(source)
    yield from mistakes_of_units(source)
    yield from mistakes_of_package(source, layers["edge-appliance"])


def read_layer(path: Path) -> tuple[str, Any]:
    """Return a layer's name and what it tells mmdebstrap."""
    text = path.read_text()
    return str(metadata(text)["X-Env-Layer-Name"]), (yaml.safe_load(text) or {}).get("mmdebstrap", {})


def metadata(text: str) -> dict[str, str]:
    """Return the fields of a layer's head: deb822 in comments."""
    found = META.search(text)
    lines = [line[2:] for line in found[1].splitlines()] if found else []
    return dict(HeaderParser().parsestr("\n".join(line for line in lines if line.strip())).items())


def mistakes_of_layer(path: Path, known: set[str]) -> Iterator[str]:
    """Yield what is wrong with a layer: its fields, what it requires, what it tells mmdebstrap."""
    text = path.read_text()
    fields = metadata(text)
    for name in fields:
        kind, _, rest = name.removeprefix("X-Env-").partition("-")
        if not (
            (kind == "Layer" and rest in KNOWN["layer_fields"])
            or name == "X-Env-VarPrefix"
            or (kind == "Var" and rest.partition("-")[2] in ("", *KNOWN["variable_fields"]))
        ):
            yield f"{path.name}: unknown field {name}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", fields.get("X-Env-Layer-Version", "")):
        yield f"{path.name}: X-Env-Layer-Version is no MAJOR.MINOR.PATCH"
    for layer in re.split(r",\s*", fields.get("X-Env-Layer-Requires", "")):
        if layer not in known:
            yield f"{path.name}: requires the layer {layer}, which is not known"
    body = read_layer(path)[1]
    yield from (f"{path.name}: mmdebstrap knows no {key}" for key in body if key not in KNOWN["mmdebstrap"])
    yield from (
        f"{path.name}: no package name: {name}" for name in body["packages"] if not PACKAGE_NAME.fullmatch(name)
    )
    prefix = fields.get("X-Env-VarPrefix")
    declared = {f"IGconf_{prefix}_{name[10:]}" for name in fields if re.fullmatch(r"X-Env-Var-\w+", name)}
    yield from (
        f"{path.name}: {name} is not declared" for name in set(re.findall(r"IGconf_\w+", text)) if name not in declared
    )


def mistakes_of_config(path: Path, known: set[str]) -> Iterator[str]:
    """Yield what is wrong with a configuration: sections, keys, layers, sizes, choices."""
    config = yaml.safe_load(path.read_text())
    layers = [config["device"]["layer"], config["image"]["layer"], *config.pop("layer")]
    yield from (f"{path.name}: the layer {layer} is not known" for layer in layers if layer not in known)
    for section, settings in config.items():
        for key, value in settings.items():
            if key not in KNOWN["settings"].get(section, ()):
                yield f"{path.name}: rpi-image-gen knows no {section}.{key}"
            elif key.endswith("_size") and not SIZE.fullmatch(str(value)):
                yield f"{path.name}: {section}.{key} is no size: {value}"
            elif value not in KNOWN["values"].get(f"{section}.{key}", [value]):
                yield f"{path.name}: {section}.{key} cannot be {value}"


def mistakes_of_files(source: Path) -> Iterator[str]:
    """Yield what is wrong with single files, with hooks, and files that layers name and nobody has."""
    for path in sorted(source.rglob("*")):
        if path.is_symlink():
            there = (
                source / "overlay" / path.readlink().as_posix().lstrip("/") if path.readlink().is_absolute() else path
            )
            if not there.exists():
                yield f"{path.relative_to(source)}: leads nowhere"
        elif path.is_file() and path.suffix != ".deb":
            yield from (f"{path.relative_to(source)}: {text}" for text in mistakes_of_file(path))
    for path in sorted((source / "hooks").iterdir()):
        if not any(path.name.startswith(phase) for phase in KNOWN["phases"]):
            yield f"hooks/{path.name}: begins with no phase"
    for path in (source / "layer").glob("*.yaml"):
        for word in re.findall(r"\$\{IGconf_(?:edge_source|edgearchives_sources)\}/(\S+)", path.read_text()):
            if not ((source / word).exists() or (source / "apt" / word).exists()):
                yield f"{path.name}: there is no {word}"


def mistakes_of_file(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file by itself: words left from templates, programs that cannot be read or run."""
    text = path.read_text()
    yield from (f"{word} was not filled in" for word in re.findall(r"@[A-Z_]{3,}@", text))
    shell = SHELLS.get(text.partition("\n")[0])
    if shell and subprocess.run([shell, "-n", str(path)], check=False, capture_output=True).returncode:  # noqa: S603 - reads it
        yield f"{shell} cannot read it"
    if (shell or path.parent.name == "hooks") and not path.stat().st_mode & 0o100:
        yield "is not executable"


def mistakes_of_units(source: Path) -> Iterator[str]:
    """Yield units that are enabled but are neither in the overlay nor in the package, and partitions by other names."""
    packaged = {line.rsplit("/", 1)[-1] for line in listing(source) if "/systemd/system/" in line}
    overlay = {path.name for path in (source / "overlay").rglob("*") if path.parent.name == "system"}
    for unit in LISTED.findall((source / "units/enabled.list").read_text()):
        if unit.startswith("edge") and unit not in packaged | overlay:
            yield f"units/enabled.list: {unit} is nowhere"
    for path in sorted((source / "overlay").rglob("*")):
        if path.is_file() and path.name != "edge-slot" and re.search(r"partlabel", path.read_text(), re.IGNORECASE):
            yield f"overlay: {path.name} looks for a partition by its label; here it is a link in by-slot"


def mistakes_of_package(source: Path, appliance: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    """Yield why the Debian package cannot be installed into the image."""
    debs = sorted((source / "package").glob("*.deb"))
    if len(debs) != 1:
        yield f"package: {len(debs)} packages instead of one"
        return
    fields = HeaderParser().parsestr(run("dpkg-deb", "--field", str(debs[0])))
    if (fields["Package"], fields["Architecture"]) != ("edge", "arm64"):
        yield f"package: {fields['Package']} for {fields['Architecture']}, not edge for arm64"
    needed = {re.split(r"[ (|]", word.strip())[0] for word in (fields["Depends"] or "").split(",")}
    # What every Debian has, by priority: not in the list, but there.
    there = {*appliance["packages"], "libc6", "libgcc-s1", "zlib1g"}
    yield from (f"package: needs {name}, which the image does not install" for name in sorted(needed - there))


def listing(source: Path) -> list[str]:
    """Return the files of the Debian package."""
    return [
        line
        for deb in (source / "package").glob("*.deb")
        for line in run("dpkg-deb", "--contents", str(deb)).splitlines()
    ]


def run(*words: str) -> str:
    """Return what a program says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout  # noqa: S603 - dpkg-deb


def main() -> int:
    """Say what is wrong with the folder that is named."""
    found = list(mistakes(Path(sys.argv[1])))
    sys.stderr.write("".join(f"check.py: {text}\n" for text in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
