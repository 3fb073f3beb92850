"""The Debian packages of the camera root: fetched by this machine's own apt, unpacked, never configured.

What is needed is Python, libcamera and their libraries. No script of a package is run, so no bootstrap tool, no loop
device and no second package database is needed, and it takes seconds.
"""

import os
import shutil
import subprocess
from pathlib import Path

SUITE = "trixie"
PACKAGES = ("base-files", "coreutils", "dash", "libcamera0.4", "python3", "python3-libcamera", "python3-prctl")
MIRROR = os.environ.get("EDGE_DEBIAN_MIRROR", "http://deb.debian.org/debian")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_UNUSED = ("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class ArchiveSilentError(Exception):
    """The package archive cannot be reached."""


def missing() -> str:
    """Return what this machine lacks for it; empty where there is all."""
    for program in ("apt-get", "apt-config", "dpkg-deb", "xargs"):
        if shutil.which(program) is None:
            return f"it has no {program}: this works on Debian and its kin"
    return "" if KEYRING.is_file() else f"it has no {KEYRING}: apt install debian-archive-keyring"


def unpack(root: Path, machine: str, folder: Path) -> None:
    """Fetch the packages into a folder and unpack them into `root`.

    ArchiveSilentError where there is no network; CalledProcessError where anything else fails.
    """
    environment = {**os.environ, "APT_CONFIG": str(_configuration(folder, machine))}
    try:
        subprocess.run(["apt-get", "-qq", "--error-on=any", "update"], check=True, env=environment)
    except subprocess.CalledProcessError as error:
        raise ArchiveSilentError(f"{MIRROR} cannot be asked for packages (EDGE_DEBIAN_MIRROR names another)") from error
    words = ["apt-get", "-qq", "--yes", "--download-only", "install", *PACKAGES]
    subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL)
    fetched = sorted((folder / "archives").glob("*.deb"))
    frame = next(each for each in fetched if each.name.startswith("base-files_"))  # it links /lib to /usr/lib: first
    subprocess.run(["dpkg-deb", "--extract", str(frame), str(root)], check=True)
    listed = "\0".join(str(each) for each in fetched if each != frame)
    each_alone = ["xargs", "-0", "-P", str(os.cpu_count() or 1), "-I", "{}", "dpkg-deb", "--extract", "{}", str(root)]
    subprocess.run(each_alone, check=True, input=listed, text=True)
    for unused in _UNUSED:
        shutil.rmtree(root / unused, ignore_errors=True)


def _configuration(folder: Path, machine: str) -> Path:
    """Write an apt configuration with lists, archives and an empty package database of its own.

    How this machine fetches (proxies, certificates, dates) holds for it, too.
    """
    for needed in ("lists/partial", "archives/partial"):
        (folder / needed).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {SUITE} main\n")
    acquire = subprocess.run(["apt-config", "dump", "Acquire"], check=True, capture_output=True, text=True).stdout
    path = folder / "apt.conf"
    path.write_text(f"""{acquire}
APT::Architecture "{_ARCHITECTURES[machine]}";
APT::Architectures {{ "{_ARCHITECTURES[machine]}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::State::extended_states "{folder}/extended_states";
Dir::Cache "{folder}";
Dir::Cache::archives "{folder}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::preferences "/dev/null";
""")
    return path
