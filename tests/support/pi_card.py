"""A card as rpi-image-gen lays it out, and a firmware that starts it as Raspberry Pi's documentation says.

The programs are those of the image; only the kernel's part (`mount`, devices, restart) is stood in for.
"""

import os
import re
import shutil
import signal
import struct
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2] / "image-build"
PROGRAMS = "usr/lib/edge-appliance"
NUMBERS = {"boot_a": 2, "boot_b": 3, "system_a": 4, "system_b": 5}  # partitions of image-rota; 1 is `bootconfig`
SIZES = {"boot": 262144, "system": 3145728}  # sectors
AUTOBOOT = "[all]\ntryboot_a_b=1\nboot_partition={}\n[tryboot]\nboot_partition={}\n"
MOST_STARTS = 12
CUTTING_DD = """\
#!/bin/sh
[ -n "$CUT_AT" ] || exec /bin/dd "$@"
n=$(($(cat "$CUT_COUNT") + 1))
echo $n >"$CUT_COUNT"
[ "$n" = "$CUT_AT" ] || exec /bin/dd "$@"
case $CUT_HOW in
after) /bin/dd "$@" ;;
torn) head -c 45 | /bin/dd "$@" ;;
esac 2>/dev/null
kill -9 0
"""
# Functions, since busybox takes its own programs before those of PATH.
KERNEL = 'mount() { :; }; dmsetup() { cat >/dev/null; }; mountpoint() { :; }; blkid() { /sbin/blkid "$@"; }; . "$0"'


class PowerFailedError(Exception):
    """The power failed while a program ran."""


class PiCard:
    """A card in a device; `start` switches the power on and returns the slot that is running in the end."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.boot = folder / "boot"
        self.tried: list[str] = []  # slots that were begun to be started, since the last `start`
        self.broken: set[str] = set()  # slots whose kernel panics
        self.unreadable = False  # the boot partition of slot b: the firmware takes the first that boots
        self.faults_before = folder / "faults-before.json"
        self._folder = folder
        self._shell = shell
        self._flag = False  # the firmware's tryboot flag
        for name in ("boot", "bin", "links/active", "links/other", PROGRAMS):
            (folder / name).mkdir(parents=True)
        for source in ("overlay", "rpi/overlay"):
            shutil.copytree(ROOT / source / PROGRAMS, folder / PROGRAMS, dirs_exist_ok=True)
        shutil.copy(ROOT / "slots/slot-state.sh", folder / PROGRAMS)
        self._make_devices()
        self._stand_in("nsenter", "#!/bin/sh\n")  # boot-partition: how the boot partition becomes writable
        self._stand_in("dd", CUTTING_DD)
        self._stand_in("systemctl", "#!/bin/sh\necho old.service loaded failed failed\n")
        self._stand_in("restart", f'#!/bin/sh\necho "$*" >{folder}/restarted\n')
        self.autoboot.write_text(AUTOBOOT.format(2, 3))
        self._run("slot_sector 0 a - 0 >$SLOT_FOLDER/slots.0; slot_sector 1 a - 0 >$SLOT_FOLDER/slots.1")

    @property
    def autoboot(self) -> Path:
        return self.boot / "autoboot.txt"

    def copy(self, number: int) -> Path:
        return self.boot / f"slots.{number}"

    @property
    def on_trial(self) -> bool:
        """Whether the slot that runs has been told that it is on trial."""
        return (self._folder / "trial").exists()

    def state(self) -> str:
        """Good slot, slot on trial, starts left."""
        return self._run('slot_read; echo "$SLOT_GOOD $SLOT_TRIAL $SLOT_LEFT"').strip()

    def saved(self) -> tuple[dict[str, bytes], str]:
        """What `restore` takes: the boot partition, and which slot runs."""
        running = (self._folder / "running").read_text().strip()
        return {path.name: path.read_bytes() for path in self.boot.iterdir()}, running

    def restore(self, saved: tuple[dict[str, bytes], str]) -> None:
        """Go back to what was `saved`."""
        for name, content in saved[0].items():
            (self.boot / name).write_bytes(content)
        (self._folder / "running").write_text(saved[1])
        self._runs(saved[1])

    def edge_slot(self, *words: str, cut: tuple[int, str] | None = None) -> str:
        """Run the device's command; it fails as on the device."""
        return self._program("edge-slot", *words, cut=cut)

    def start(self, cut: tuple[int, str] | None = None) -> str:
        """Switch the power on. Slots that cannot start restart the board, as a panic or the watchdog does."""
        self.tried = []
        self._flag = False
        for _ in range(MOST_STARTS):
            slot = self._firmware()
            self.tried.append(slot)
            self._flag = False
            if slot in self.broken:
                continue
            self._runs(slot)
            for name in ("restarted", "trial"):  # in /run: gone with the power
                (self._folder / name).unlink(missing_ok=True)
            self._program("edge-slot-start", cut=cut)
            if not (self._folder / "restarted").exists():
                return slot
            self._flag = "tryboot" in (self._folder / "restarted").read_text()
        raise AssertionError(f"the board starts again and again: {self.tried}")

    def _firmware(self) -> str:
        """Choose the boot partition: of the sections that hold, the last word counts; else the first that boots."""
        section, number = "all", "0"
        text = self.autoboot.read_bytes()[:512] if self.autoboot.exists() else b""
        for line in text.decode("latin-1").split("\n"):
            if found := re.fullmatch(r"\[(\w+)\]", line):
                section = found[1]
            elif (found := re.fullmatch(r"boot_partition=(\d+)", line)) and section in (
                {"all", "tryboot"} if self._flag else {"all"}
            ):
                number = found[1]
        return "b" if number == "3" and not self.unreadable else "a"

    def _runs(self, slot: str) -> None:
        other = "b" if slot == "a" else "a"
        for link, which in (("active", slot), ("other", other)):
            for kind in ("boot", "system"):
                path = self._folder / "links" / link / kind
                path.unlink(missing_ok=True)
                path.symlink_to(self.device(f"{kind}_{which}"))

    def device(self, name: str) -> Path:
        """The file that stands for a partition."""
        return self._folder / "dev" / f"mmcblk0p{NUMBERS[name]}"

    def _make_devices(self) -> None:
        (self._folder / "dev").mkdir()
        for name, number in NUMBERS.items():
            self.device(name).write_bytes(_fat() if name.startswith("boot") else _ext4())
            known = self._folder / "sys/class/block" / f"mmcblk0p{number}"
            known.mkdir(parents=True)
            (known / "uevent").write_text(f"DEVTYPE=partition\nPARTN={number}\nPARTNAME={name}\n")
            (known / "size").write_text(f"{SIZES[name.split('_')[0]]}\n")
        self._runs("a")

    def _stand_in(self, name: str, script: str) -> None:
        path = self._folder / "bin" / name
        path.write_text(script)
        path.chmod(0o755)

    def _environment(self, cut: tuple[int, str] | None = None) -> dict[str, str]:
        (self._folder / "count").write_text("0")
        return {
            "PATH": f"{self._folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "SLOT_FOLDER": str(self.boot),
            "SLOT_LINKS": str(self._folder / "links"),
            "SLOT_SYS": str(self._folder / "sys"),
            "EDGE_BOOT_WRITERS": str(self._folder / "writers"),
            "EDGE_SLOT_RUNNING": str(self._folder / "running"),
            "EDGE_SLOT_TRIAL": str(self._folder / "trial"),
            "EDGE_FAULTS_BEFORE": str(self.faults_before),
            "EDGE_SOCKET": str(self._folder / "no-edge.sock"),
            "EDGE_REBOOT": "restart",
            "CUT_COUNT": str(self._folder / "count"),
            **({"CUT_AT": str(cut[0]), "CUT_HOW": cut[1]} if cut else {}),
        }

    def _program(self, name: str, *words: str, cut: tuple[int, str] | None = None) -> str:
        program = [*self._shell, "-c", KERNEL, str(self._folder / PROGRAMS / name), *words]
        done = subprocess.run(
            program, capture_output=True, text=True, check=False, env=self._environment(cut), start_new_session=True
        )
        if done.returncode == -signal.SIGKILL:
            raise PowerFailedError
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def board(self, commands: str) -> str:
        """Run functions of the board's own file."""
        return self._run(f". '{self._folder / PROGRAMS}/slot-board.sh'; {commands}")

    def _run(self, commands: str) -> str:
        words = [*self._shell, "-c", f". '{self._folder / PROGRAMS}/slot-state.sh'; {commands}"]
        return subprocess.run(
            words, check=True, capture_output=True, text=True, env=os.environ | self._environment()
        ).stdout


def _fat() -> bytes:
    """Return the first sectors of a FAT16 file system, enough to know it by."""
    sector = bytearray(512)
    sector[0:3] = b"\xeb\x3c\x90"
    sector[3:11] = b"mkfs.fat"
    sector[11:36] = struct.pack("<HBHBHHBHHHII", 512, 4, 4, 2, 512, 0, 0xF8, 64, 32, 2, 0, 65536)
    sector[38] = 0x29
    sector[54:62] = b"FAT16   "
    sector[510:512] = b"\x55\xaa"
    return bytes(sector) + bytes(8192)


def _ext4() -> bytes:
    """Return the first blocks of an ext4 file system, enough to know it by."""
    image = bytearray(8192)
    image[1024 + 56 : 1024 + 58] = b"\x53\xef"
    image[1024 + 92 : 1024 + 104] = struct.pack("<III", 0x4, 0x40, 0x1)  # journal; extents; sparse
    return bytes(image)
