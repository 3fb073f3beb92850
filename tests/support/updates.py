"""A device that takes updates: slots as files, the real edge-slot, the real service on a real socket."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from edge.update.attempt import Attempts
from edge.update.client import Done, send_bundle
from edge.update.manifest import LENGTH_BYTES, MAGIC, Block, manifest_bytes, signed_part
from edge.update.progress import Progress, read_progress
from edge.update.slots import Slots
from edge.update.version import Release

IMAGE_BUILD = Path(__file__).parents[2] / "image-build"
BOARD = "edge-test"
OLD, NEW = Release("0.1.0+aaaa", 1000), Release("0.2.0+bbbb", 2000)
BLOCK_BYTES = 65_536
BLOCKS = 24
ZEROS = frozenset({5, 6, 23})
EXT4_MAGIC_AT, EXT4_MAGIC = 1080, b"\x53\xef"
KEY = SigningKey(b"k" * 32)
OTHER_KEY = SigningKey(b"o" * 32)
PEM = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"
DER = bytes.fromhex("302a300506032b6570032100")


@cache
def system(seed: int) -> bytes:
    """What stands for a slot's file system: mostly bytes that do not pack, some zeros, and ext4's mark at its place."""
    made = bytearray()
    for index in range(BLOCKS):
        half = b"".join(sha256(f"{seed} {index} {part}".encode()).digest() for part in range(BLOCK_BYTES // 64))
        made += bytes(BLOCK_BYTES) if index in ZEROS else half + bytes(BLOCK_BYTES - len(half))
    made[EXT4_MAGIC_AT : EXT4_MAGIC_AT + 2] = EXT4_MAGIC
    return bytes(made)


def bundle_of(
    content: bytes, *, board: str = BOARD, release: Release = NEW, key: SigningKey = KEY, block_bytes: int = BLOCK_BYTES
) -> bytes:
    """Return the bundle of a system."""
    blocks, body = [], b""
    for at in range(0, len(content), block_bytes):
        part = content[at : at + block_bytes]
        packed = zlib.compress(part) if any(part) else b""
        blocks.append(Block(len(packed), sha256(part).digest()))
        body += packed
    return signed(manifest_bytes(board, release, len(content), block_bytes, blocks), key) + body


def signed(manifest: bytes, key: SigningKey = KEY) -> bytes:
    """Return the head of a bundle with this manifest."""
    return MAGIC + len(manifest).to_bytes(LENGTH_BYTES) + manifest + key.sign(signed_part(manifest)).signature


@dataclass(slots=True)
class Rig:
    """The device. `slot(NAME)` is a slot's file; `serving()` opens the socket."""

    folder: Path
    path: Path
    running: str = "a"
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def attempts(self) -> Attempts:
        return Attempts(self.folder / "state")

    @property
    def slots(self) -> Slots:
        return Slots((str(self.folder / "edge-slot"),))

    def slot(self, name: str) -> Path:
        return self.folder / f"system_{name}"

    def content(self, name: str) -> bytes:
        return self.slot(name).read_bytes()

    def bootable(self, name: str) -> bool:
        """Tell whether a kernel would mount the slot."""
        return self.content(name)[EXT4_MAGIC_AT : EXT4_MAGIC_AT + 2] == EXT4_MAGIC

    def restarts(self) -> int:
        """How often the device was told to restart, once all that was begun has ended."""
        for each in self.processes:
            each.wait(60)
        return len((self.folder / "restarts").read_text().splitlines()) if (self.folder / "restarts").exists() else 0

    def start(self, slot: str, *, trial: bool = False) -> None:
        """Start the machine from a slot, as the initramfs chose it; without `trial` there is no mark of one."""
        self.running = slot
        (self.folder / "trial").touch() if trial else (self.folder / "trial").unlink(missing_ok=True)
        (self.folder / "running").write_text(f"{slot}\n")

    def boot(self) -> str:
        """Start the machine as the initramfs does; return the slot that it chose."""
        script = f". '{IMAGE_BUILD}/slots/slot-state.sh'; slot_choose; echo \"$SLOT_TRIAL $SLOT\""
        environment = {"SLOT_FOLDER": str(self.folder / "boot"), "PATH": os.environ["PATH"]}
        told = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True, env=environment)
        trial, slot = told.stdout.split()[-2:]
        self.start(slot, trial=slot == trial)
        return self.running

    def progress(self) -> Progress:
        return read_progress(self.folder / "run/progress.json")

    def send(self, bundle: bytes, *, restart: bool = True, repeat: bool = True) -> Done:
        """Send a bundle to the service as the program does; raises UpdateError."""
        return send_bundle(io.BytesIO(bundle), "test", restart=restart, repeat=repeat, path=self.path)

    def command(self, action: str) -> list[str]:
        """The service's command line."""
        places = {"run": "run", "state": "state", "key": "key.pem", "os-release": "os-release"}
        words = [f"--{name}={self.folder / place}" for name, place in places.items()]
        words += [f"--slots={self.folder / 'edge-slot'}", f"--restart={self.folder / 'restart'}"]
        return [sys.executable, "-m", "edge", "update-service", action, *words]

    def begin(self, bundle: bytes) -> socket.socket:
        """Open a connection, ask for an update, and send these bytes; the caller goes on."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(60)
        connection.connect(str(self.path))
        connection.sendall(json.dumps({"restart": "now", "repeat": True, "source": "test"}).encode() + b"\n" + bundle)
        return connection

    def kill(self) -> None:
        """End the newest process of the service as a power cut does."""
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait(30)


def answers(connection: socket.socket) -> list[dict[str, Any]]:
    """Return all lines that still come."""
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return [json.loads(line) for line in received.splitlines()]


@contextmanager
def device(folder: Path) -> Iterator[Rig]:
    """Yield a device that runs OLD in slot a, with its socket open; slot b holds an older system."""
    rig = Rig(folder, folder / "update.sock")
    for name, content in (("a", system(1)), ("b", system(0))):
        rig.slot(name).write_bytes(content)
    _place_programs(rig)
    (folder / "key.pem").write_text(PEM.format(b64encode(DER + bytes(KEY.verify_key)).decode()))
    (folder / "os-release").write_text(
        f'NAME="Debian"\nIMAGE_ID={BOARD}\nIMAGE_VERSION={OLD.version}\nEDGE_BUILD_EPOCH={OLD.epoch}\n'
    )
    (folder / "run").mkdir()
    rig.start("a")
    with _listening(rig):
        yield rig


def _place_programs(rig: Rig) -> None:
    """Install the real edge-slot, told where the slots are, and a stand-in for mounts of the boot partition."""
    programs, boot = rig.folder / "programs", rig.folder / "boot"
    programs.mkdir()
    boot.mkdir()
    shutil.copy(IMAGE_BUILD / "overlay/usr/lib/edge-appliance/edge-slot", programs)
    shutil.copy(IMAGE_BUILD / "slots/slot-state.sh", programs)
    (programs / "slot-board.sh").write_text(f'board_device() {{ echo "{rig.folder}/system_$1"; }}\n')
    _script(programs / "mount", "exit 0")
    _script(programs / "boot-partition", "exit 0")
    _script(
        rig.folder / "edge-slot",
        f"export PATH='{programs}':\"$PATH\" SLOT_FOLDER='{boot}' EDGE_SLOT_RUNNING='{rig.folder}/running' "
        f"EDGE_SLOT_TRIAL='{rig.folder}/trial'\n"
        f"exec '{programs}/edge-slot' \"$@\"",
    )
    _script(rig.folder / "restart", f"echo restart >>'{rig.folder}/restarts'")
    script = 'slot_sector 0 a - 0 >"$SLOT_FOLDER/slots.0"; slot_sector 1 a - 0 >"$SLOT_FOLDER/slots.1"'
    environment = {"SLOT_FOLDER": str(boot), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-c", f". '{programs}/slot-state.sh'; {script}"], check=True, env=environment)


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@contextmanager
def _listening(rig: Rig) -> Iterator[None]:
    """Listen as systemd does for a socket with Accept=yes: a process for each connection."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(rig.path))
        listener.listen()
        thread = threading.Thread(target=_accept, args=(rig, listener))
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(30)
            for each in rig.processes:
                with suppress(ProcessLookupError):
                    each.kill()
                each.wait(30)


def _accept(rig: Rig, listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            rig.processes.append(
                subprocess.Popen(rig.command("serve"), stdin=connection.fileno(), stdout=subprocess.DEVNULL)
            )
