"""A plain Debian 13: made by mmdebstrap, kept outside the checkout by its recipe's hash, really booted."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

MIRROR = os.environ.get("EDGE_DEBIAN_MIRROR", "http://deb.debian.org/debian")
CACHE = Path(os.environ.get("EDGE_CACHE") or Path("~/.cache/edge").expanduser())
SUITE = "trixie"
PACKAGES = "systemd-sysv,dbus,udev,python3,ca-certificates,curl,haproxy,openssl,procps"
BUILD_TIMEOUT_S = 900
WORDS = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive")


def needs(*tools: str) -> None:
    """Skip where this machine cannot build or boot a root, saying what is missing."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: apt install mmdebstrap systemd-container lintian")
    if os.geteuid() != 0:
        pytest.skip("needs root: a Debian is installed and booted")


def plain_root(folder: Path, more: str = "") -> Path:
    """Unpack the root into `folder`, with `more` packages; it is built at the first call for its recipe."""
    packages = ",".join(name for name in (PACKAGES, more) if name)
    recipe = f"minbase {SUITE} {packages} 1"
    tar = CACHE / f"debian-root-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.tar"
    if not tar.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = tar.with_suffix(f".{os.getpid()}.part.tar")
        options = ["--aptopt=Acquire::Languages none", "--aptopt=APT::Install-Recommends false"]
        words = ["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={packages}", *options]
        subprocess.run([*words, SUITE, str(part), MIRROR], check=True, timeout=BUILD_TIMEOUT_S)
        part.rename(tar)
    folder.mkdir()
    subprocess.run(["tar", "-C", str(folder), "-xf", str(tar)], check=True, timeout=300)
    return folder


class Booted:
    """A machine that runs: its own systemd as process 1, its own network without a way out."""

    def __init__(self, root: Path, leader: int) -> None:
        self.root = root
        self._leader = leader

    def run(self, *words: str, timeout_s: float = 120, check: bool = True) -> str:
        """Run a command in it as root and return what it wrote; fails with that text where the command fails."""
        into = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]
        enter = ["nsenter", f"--target={self._leader}", *into, "env", "-i", *WORDS]
        done = subprocess.run(
            [*enter, *words], capture_output=True, text=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL
        )
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def shell(self, script: str, *, timeout_s: float = 120, check: bool = True) -> str:
        """Run lines of a shell in it."""
        return self.run("bash", "-ec", script, timeout_s=timeout_s, check=check)

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit."""
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def until(self, script: str, timeout_s: int = 60) -> str:
        """Repeat lines of a shell until they succeed, twice a second; return what they wrote last."""
        loop = f"try() {{ {script}\n}}\nfor _ in $(seq {timeout_s * 2}); do try && exit 0; sleep .5; done; exit 1"
        return self.run("bash", "-c", loop, timeout_s=timeout_s * 4)


@contextmanager
def booted(root: Path, *options: str) -> Iterator[Booted]:
    """Boot a root with systemd-nspawn, with more of its options, and power it off in the end."""
    words = ["systemd-nspawn", "--quiet", "-D", str(root), "--boot", "--register=no", "--keep-unit"]
    with (root.parent / f"{root.name}.console").open("wb") as console:
        nspawn = subprocess.Popen(
            [*words, "--private-network", "--console=pipe", "--hostname=edgebox", *options],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            machine = Booted(root, _leader(nspawn))
            machine.until("systemctl is-system-running --wait")
            yield machine
            machine.run("systemctl", "poweroff", check=False)
            nspawn.wait(60)
        finally:
            nspawn.kill()
            nspawn.wait(10)


def _leader(nspawn: subprocess.Popen[bytes]) -> int:
    """Return the number of the machine's process 1, once systemd runs there."""
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    for _ in range(600):
        for child in children.read_text(encoding="ascii").split():
            if (Path("/proc") / child / "root/run/systemd/private").exists():
                return int(child)
        try:
            nspawn.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError("the root did not boot: see its .console")


def kept_files(root: Path, but: Sequence[str]) -> dict[str, tuple[int, int, int, str]]:
    """Return every file of a root that stands still, with its mode, owner, group and content's hash or target."""
    found: dict[str, tuple[int, int, int, str]] = {}
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [name for name in names if f"/{(here / name).relative_to(root)}" not in but]
        for path in (*(here / name for name in names), *(here / name for name in files)):
            name = f"/{path.relative_to(root)}"
            if name not in but:
                stat = path.lstat()
                found[name] = (stat.st_mode, stat.st_uid, stat.st_gid, _content(path))
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
