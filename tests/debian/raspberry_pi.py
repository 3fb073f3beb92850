"""A Raspberry Pi's system without the board: what is rendered for rpi-image-gen, put into a Debian 13 and booted.

`make test-deb`, as root. It is put there by the script that rpi-image-gen would run.

Stood in for are image-rota's units (as its sources have them), partitions, the archive's packages for cameras. The
package is that of this machine's own architecture.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.debian.deb import built_package
from tests.support.debian_root import Booted, booted, needs, plain_root

ROOT = Path(__file__).parents[2]
RENDER = ROOT / "image-build/rpi/render.py"
MORE = (
    "systemd-repart,systemd-timesyncd,network-manager,wpasupplicant,avahi-daemon,libnss-myhostname,libnss-mdns,"
    "e2fsprogs,dosfstools,dmsetup,fdisk,util-linux-extra"
)
# As image-rota 5.6.0 leaves it: fstab, and what its generator and systemd's make of it. The partitions are in memory.
FSTAB = """\
/dev/disk/by-slot/active/system / ext4 ro,relatime,commit=30 0 1
/persistent/home /home none bind,x-systemd.requires-mounts-for=/persistent/home,x-systemd.after=persistent.mount 0 0
/persistent/log/journal /var/log/journal none bind,x-systemd.requires-mounts-for=/persistent/log/journal 0 0
"""
MOUNTS = {
    "bootfs": ("tmpfs", "/bootfs", "tmpfs", "rw,noatime"),
    "boot-firmware": ("/dev/disk/by-slot/active/boot", "/boot/firmware", "vfat", "ro,noatime"),
    "persistent": ("/dev/disk/by-slot/persistent", "/persistent", "ext4", "rw,noatime,commit=60"),
    "var": ("/persistent/slots/system_a/var", "/var", "none", "bind"),
}
MACHINE_ID_SYNC = """\
[Unit]
DefaultDependencies=no
Requires=persistent.mount
After=persistent.mount
Before=sysinit.target
ConditionPathExists=/persistent/common/etc

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -eu -c 'cd /persistent/common/etc; test -s machine-id || install -m 0644 /etc/machine-id machine-id'

[Install]
WantedBy=sysinit.target
"""
PARTITIONS = {"bootconfig": 32, "boot_a": 16, "boot_b": 16, "system_a": 64, "system_b": 64, "persistent": 32}  # MiB
FAT, LINUX = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "0FC63DAF-8483-4772-8E79-3D69D8477DE4"

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root as rpi-image-gen would make it."""
    needs("mmdebstrap", "systemd-nspawn", "nsenter", "dpkg-deb")
    made = tmp_path_factory.mktemp("pi")
    package = built_package(made / "package")
    named = shutil.copy(package, made / "edge_0.1.0_arm64.deb")  # the name that install.sh looks for
    words = [
        sys.executable,
        str(RENDER),
        "--target=rpi5",
        f"--out={made}",
        f"--package={named}",
        "--version=0.1.0",
    ]
    where = [f"--{name}=http://example.org/{name}" for name in ("debian", "security", "raspberrypi")]
    subprocess.run([*words, "--commit=abc", "--epoch=0", "--country=00", *where], check=True, timeout=60)
    root = plain_root(made / "root", MORE)
    (root / "boot/firmware").mkdir(parents=True, exist_ok=True)
    (root / "boot/firmware/config.txt").write_text("[pi4]\narm_boost=1\n")
    (root / "boot/firmware/cmdline.txt").write_text("console=tty1 root=/dev/disk/by-slot/active/system rootwait\n")
    with_proc(root, str(made / "source/install.sh"), str(root))
    as_image_rota_does(root)
    stand_in_for_devices(root)
    return root


def with_proc(root: Path, *words: str) -> None:
    """Run a program with /proc in the root, as mmdebstrap does for its hooks."""
    inside = 'mount -t proc proc "$0/proc" && exec "$@"'
    unshare = ["unshare", "--mount", "--propagation=private", "sh", "-euc", inside, str(root)]
    subprocess.run([*unshare, *words], check=True, timeout=300)


def as_image_rota_does(root: Path) -> None:
    """Put its fstab and units there, and empty /var."""
    (root / "etc/fstab").write_text(FSTAB)
    units = root / "usr/lib/systemd/system"
    wants = units / "local-fs.target.wants"
    wants.mkdir(exist_ok=True)
    for name, (what, where, kind, options) in MOUNTS.items():
        text = f"[Unit]\nBefore=local-fs.target\n[Mount]\nWhat={what}\nWhere={where}\nType={kind}\nOptions={options}\n"
        (units / f"{name}.mount").write_text(text)
        (wants / f"{name}.mount").symlink_to(f"../{name}.mount")
    (units / "machine-id-sync.service").write_text(MACHINE_ID_SYNC)
    (units / "sysinit.target.wants/machine-id-sync.service").symlink_to("../machine-id-sync.service")
    for path in (root / "var").iterdir():
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    for name in ("tmp", "log", "cache", "spool"):
        (root / "var" / name).mkdir()


def stand_in_for_devices(root: Path) -> None:
    """Name partitions that are files; let no unit wait long for one that does not come."""
    known = root / "opt/known"
    for number, name in enumerate(PARTITIONS, start=1):
        (known / f"sys/class/block/mmcblk0p{number}").mkdir(parents=True)
        (known / f"sys/class/block/mmcblk0p{number}/uevent").write_text(f"PARTN={number}\nPARTNAME={name}\n")
        (known / f"sys/class/block/mmcblk0p{number}/size").write_text("131072\n")
    for link, slot in (("active", "a"), ("other", "b")):
        (known / link).mkdir()
        for kind in ("boot", "system"):
            (known / link / kind).symlink_to(f"/dev/mmcblk0p{list(PARTITIONS).index(f'{kind}_{slot}') + 1}")
    for unit in ("edge-slot-start", "edge-slot-health"):
        folder = root / f"etc/systemd/system/{unit}.service.d"
        folder.mkdir(exist_ok=True)
        (folder / "zz-test.conf").write_text("[Service]\nEnvironment=SLOT_LINKS=/opt/known SLOT_SYS=/opt/known/sys\n")
    # The root is a folder here.
    (root / "etc/systemd/system/systemd-remount-fs.service").symlink_to("/dev/null")
    # A tmpfs takes no umask.
    (root / "etc/systemd/system/bootfs.mount.d/zz-test.conf").write_text("[Mount]\nOptions=ro,noatime\n")
    (root / "etc/systemd/system.conf.d").mkdir(exist_ok=True)
    (root / "etc/systemd/system.conf.d/zz-test.conf").write_text("[Manager]\nDefaultDeviceTimeoutSec=2s\n")


@pytest.fixture(scope="module")
def machine(system: Path) -> Iterator[Booted]:
    with booted(system) as running:
        yield running


def test_it_boots_and_nothing_fails(machine: Booted) -> None:
    machine.until("systemctl is-active -q edge edge-firstboot edge-slot-start avahi-daemon NetworkManager", 60)
    assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""
    assert machine.run("systemctl", "is-system-running", check=False).strip() == "running"
    machine.until("curl -fsS http://localhost:48462/healthz")


def test_all_our_units_are_in_order(machine: Booted, system: Path) -> None:
    named = [path.name for path in (system / "etc/systemd/system").glob("*.mount") if not path.is_symlink()]
    ours = [
        path.name
        for folder in ("etc", "usr/lib")
        for path in (system / folder / "systemd/system").glob("edge*.*")
        if path.is_file()
    ]
    assert len(named) + len(ours) > 15
    said = machine.run("systemd-analyze", "verify", "--man=no", *named, *ours)
    assert said == ""


def test_the_boot_partition_is_one_for_all_and_written_by_turns(machine: Booted) -> None:
    assert machine.show("boot-firmware.mount", "What") == machine.show("bootfs.mount", "What") == "tmpfs"
    assert machine.shell("stat -c %d /bootfs /boot/firmware | uniq | wc -l").strip() == "1"
    assert "edge-status.txt" in machine.shell("ls /boot/firmware")
    assert "read-only" in machine.run("touch", "/boot/firmware/x", check=False).lower()
    machine.run("/usr/lib/edge-appliance/boot-partition", "write", "test")
    machine.shell("touch /boot/firmware/x; rm /boot/firmware/x")
    machine.run("/usr/lib/edge-appliance/boot-partition", "done", "test")
    assert "read-only" in machine.run("touch", "/boot/firmware/x", check=False).lower()


def test_slots_are_known_and_the_firmware_is_told(machine: Booted) -> None:
    assert machine.run("cat", "/run/edge-slot").strip() == "a"
    assert machine.run("edge-slot", "show").strip().endswith("slot a is running; good a")
    assert "boot_partition=2\n[tryboot]\nboot_partition=3" in machine.run("cat", "/boot/firmware/autoboot.txt")
    journal = machine.run("journalctl", "-u", "edge-slot-start", "--no-pager")
    assert "no valid slot state, slot a counts as good" in journal  # the partition is new, in memory
    assert machine.show("edge-slot-health", "ActiveState") == "inactive", "no slot is on trial"


def test_what_lasts_is_on_the_data_partition_and_nothing_else_is_written(machine: Booted) -> None:
    for folder in ("/etc/edge", "/var/lib/edge", "/var/lib/systemd", "/etc/NetworkManager/system-connections"):
        assert machine.run("findmnt", "-no", "SOURCE", folder).strip().startswith(("data", "tmpfs[/"))
    assert machine.shell("stat -c '%U %G %a' /etc/edge /var/lib/edge").splitlines() == [
        "root edge 750",
        "edge edge 750",
    ]
    assert "Demo street" in machine.run("cat", "/etc/edge/edge.yaml")
    assert "read-only" in machine.run("touch", "/var/lib/x", check=False).lower()
    assert machine.run("findmnt", "-no", "FSTYPE", "/var/log").strip() == "tmpfs"
    assert machine.shell("ls /var/lib/dpkg/status /persistent/home /persistent/common/etc/machine-id") != ""
    assert machine.shell("journalctl --header | grep 'File path: /var' || true") == "", "the journal is in memory"


def test_the_user_has_the_number_of_every_slot(machine: Booted) -> None:
    assert machine.run("id", "-u", "edge").strip() == "390"


def test_the_firmware_is_asked_to_watch_and_the_kernel_to_restart(system: Path) -> None:
    config = (system / "boot/firmware/config.txt").read_text().splitlines()
    assert config[-3:] == ["[all]", "camera_auto_detect=1", "kernel_watchdog_timeout=60"]
    assert (system / "boot/firmware/cmdline.txt").read_text().split()[-1] == "panic=5"


def test_nobody_can_log_in_and_no_address_of_a_mirror_is_left(system: Path) -> None:
    shadow = [line.split(":")[:2] for line in (system / "etc/shadow").read_text().splitlines()]
    assert {password[:1] for _, password in shadow} <= {"*", "!"}
    assert not (system / "usr/sbin/sshd").exists()
    assert "IMAGE_ID=edge-rpi5\n" in (system / "usr/lib/os-release").read_text()


def test_only_the_data_partition_grows(system: Path, tmp_path: Path) -> None:
    """On a partition table like image-rota's, where the systems are of the same type as the data."""
    needs("sfdisk")
    disk = tmp_path / "disk.img"
    size = 8 + sum(PARTITIONS.values()) + 8
    with disk.open("wb") as file:
        file.truncate(size << 20)
    kinds = {name: FAT if name.startswith("boot") else LINUX for name in PARTITIONS}
    lines = [
        "label: gpt",
        "first-lba: 16384",
        *(f"size={mib}MiB, type={kinds[name]}, name={name}" for name, mib in PARTITIONS.items()),
    ]
    subprocess.run(["sfdisk", "--quiet", str(disk)], input="\n".join(lines), text=True, check=True)
    before = table(disk)
    os.truncate(disk, 2 << 30)
    shutil.copy(disk, system / "root/disk.img")
    repart = ("systemd-repart", "--dry-run=no", "--definitions=/usr/lib/repart.d", "/root/disk.img")
    with_proc(system, "chroot", str(system), *repart)
    after = table(system / "root/disk.img")
    assert after.keys() == before.keys() == PARTITIONS.keys()
    for name in PARTITIONS:
        same = {key: (before[name][key], after[name][key]) for key in ("start", "type", "uuid")}
        assert all(old == new for old, new in same.values()), name
        assert (after[name]["size"] > before[name]["size"]) is (name == "persistent"), name
    assert after["persistent"]["size"] > 3_000_000


def table(disk: Path) -> dict[str, dict[str, int]]:
    said = subprocess.run(["sfdisk", "--json", str(disk)], check=True, capture_output=True, text=True).stdout
    return {entry["name"]: entry for entry in json.loads(said)["partitiontable"]["partitions"]}
