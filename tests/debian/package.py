"""The Debian package in a plain Debian 13 that is really booted: `make test-deb`, as root, some minutes.

No part of `make test`. One machine lives through the tests of a class in their order: installed, used, upgraded,
removed, purged.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.firstboot.status import token_in
from tests.debian.deb import built_package
from tests.support.debian_root import Booted, booted, kept_files, needs, plain_root

MOVING = (
    *("/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/var/log", "/var/cache", "/var/tmp", "/var/lib/apt"),
    *("/var/lib/dpkg", "/var/lib/systemd", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-"),
    *("/etc/machine-id", "/etc/hostname", "/etc/resolv.conf", "/etc/.updated", "/var/.updated"),
)
MARK = "/* mark of an upgrade */"
PAGE = "curl -fsS http://localhost:48462"
SETTINGS = """\
# the owner's own file
api: {auth: writes}
channels:
  - {name: Street, source: {demo: {scene: street}}}
"""
SETTINGS_TLS = SETTINGS.replace("auth: writes", "tls: {mode: self-signed}")
SECURE, LOCAL = "https://localhost:48462", "curl -fsS http://localhost:48463"
ELF_MACHINE = {"amd64": 62, "arm64": 183}

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs("dpkg-deb")
    return built_package(tmp_path_factory.mktemp("debs") / "first")


@pytest.fixture(scope="module")
def newer(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package with a higher version, one file fewer and one changed."""
    tree = tmp_path_factory.mktemp("newer") / "tree"
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True, timeout=300)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+1", control.read_text(), flags=re.MULTILINE))
    style = tree / "usr/lib/edge/edge/outputs/web/status.css"
    style.write_text(style.read_text() + MARK)
    (tree / "usr/share/doc/edge/mqtt.md").unlink()
    out = tree.with_name("edge-newer.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "-b", str(tree), str(out)], check=True)
    return out


def test_two_builds_of_one_commit_are_equal(package: Path, tmp_path: Path) -> None:
    again = built_package(tmp_path / "again", umask=0o077, TZ="Asia/Tokyo")
    subprocess.run(["cmp", str(package), str(again)], check=True)


def test_lintian_finds_nothing(package: Path) -> None:
    needs("lintian")
    words = ["lintian", "--allow-root", "--fail-on", "error,warning", str(package)]
    found = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1200)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_every_library_is_for_the_machine(package: Path, tmp_path: Path, arch: str) -> None:
    made = package if package.name.endswith(f"_{arch}.deb") else built_package(tmp_path / "out", "--arch", arch)
    subprocess.run(["dpkg-deb", "-x", str(made), str(tmp_path / "tree")], check=True, timeout=300)
    libraries = [path for path in (tmp_path / "tree").rglob("*.so*") if path.read_bytes()[:4] == b"\x7fELF"]
    assert len(libraries) > 100
    machines = {int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries}
    assert machines == {ELF_MACHINE[arch]}


@pytest.fixture(scope="class")
def machine(package: Path, newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    needs("mmdebstrap", "systemd-nspawn", "nsenter")
    root = plain_root(tmp_path_factory.mktemp("machine") / "root")
    for name, deb in (("edge.deb", package), ("newer.deb", newer)):
        (root / "root" / name).write_bytes(deb.read_bytes())
    with booted(root) as running:
        yield running


def install(machine: Booted, name: str = "edge.deb") -> str:
    words = ("apt-get", "install", "-qq", "--no-install-recommends", f"/root/{name}")
    return machine.run(*words, timeout_s=600)


def status(machine: Booted, path: str, *options: str) -> str:
    words = ("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *options)
    return machine.run(*words, f"http://localhost:48462{path}").strip()


def reload(machine: Booted, settings: str) -> None:
    machine.shell(f"cat >/etc/edge/edge.yaml <<'E'\n{settings}E\nsystemctl reload edge")


def listening(machine: Booted, port: int) -> list[str]:
    """Return the addresses of version 4 that are listened on at a port, in the kernel's hexadecimal form."""
    rows = [line.split() for line in machine.run("cat", "/proc/net/tcp").splitlines()[1:]]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]


def event_ids(machine: Booted, page: str = PAGE) -> list[int]:
    said = machine.shell(f"{page}/v1/json/events?limit=1000")
    return [int(event["event_id"]) for event in json.loads(said)]


class TestLife:
    """Install, use, upgrade, remove, purge, on one machine, in this order."""

    before: dict[str, tuple[int, int, int, str]]
    token: str
    identity: str

    def test_it_installs_starts_and_asks_for_a_token(self, machine: Booted) -> None:
        type(self).before = kept_files(machine.root, MOVING)
        said = install(machine)
        assert "edge token create" in said
        assert machine.run("systemctl", "is-active", "edge").strip() == "active"
        assert machine.run("systemctl", "is-enabled", "edge").strip() == "enabled"
        assert machine.run("systemctl", "is-enabled", "edge-tls-ask.socket").strip() == "enabled"
        assert machine.run("systemctl", "is-active", "edge-tls", check=False).strip() == "inactive"
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""
        assert machine.run("edge", "check-config") != ""
        assert status(machine, "/") == "200"
        assert status(machine, "/v1/json/channels") == "401"
        type(self).token = machine.run("edge", "token", "create", "owner").strip()
        assert status(machine, "/v1/json/channels", "-H", f"Authorization: Bearer {self.token}") == "200"

    def test_it_runs_as_its_own_user_and_little_exposed(self, machine: Booted) -> None:
        assert machine.shell("stat -c %U /proc/$(systemctl show --value -p MainPID edge)").strip() == "edge"
        units = sorted(path.name for path in (machine.root / "usr/lib/systemd/system").glob("edge*.*"))
        assert {
            "edge.service",
            "edge-tls.service",
            "edge-tls-ask.socket",
            "edge-tls-ask@.service",
            "edge-update@.service",
            "edge-restore.service",
        } <= set(units)
        for unit in units:
            machine.run("systemd-analyze", "verify", "--man=no", f"/usr/lib/systemd/system/{unit}")
            if unit.endswith(".service"):
                said = machine.run("systemd-analyze", "security", "--no-pager", "--threshold=20", unit)
                assert "Overall exposure level" in said

    def test_cameras_are_allowed_and_their_driver_is_loaded_first(self, machine: Booted) -> None:
        for kind in ("video4linux", "media", "dma_heap"):
            assert f"char-{kind} rw" in machine.show("edge", "DeviceAllow")
        assert "modprobe@videodev.service" in machine.show("edge", "After")
        assert "video" in machine.run("id", "-nG", "edge").split()
        machine.run("udevadm", "verify", "/usr/lib/udev/rules.d/60-edge.rules")

    def test_its_byte_code_is_made_once(self, machine: Booted) -> None:
        count = machine.shell(
            "find /usr/lib/edge/edge -name '*.py' | wc -l; find /usr/lib/edge/edge -name '*.pyc' | wc -l"
        )
        sources, compiled = map(int, count.split())
        assert sources == compiled > 200

    def test_a_hang_is_ended_by_the_watchdog(self, machine: Booted) -> None:
        machine.shell("mkdir -p /run/systemd/system/edge.service.d")
        machine.shell("printf '[Service]\nWatchdogSec=6\n' >/run/systemd/system/edge.service.d/short.conf")
        machine.shell("systemctl daemon-reload; systemctl restart edge")
        pid = machine.show("edge", "MainPID")
        machine.run("kill", "-STOP", pid)
        machine.until("test $(systemctl show --value -p NRestarts edge) -ge 1 && systemctl is-active -q edge")
        assert machine.show("edge", "MainPID") != pid
        assert "Watchdog timeout" in machine.run("journalctl", "-u", "edge", "--no-pager")
        machine.shell("rm -r /run/systemd/system/edge.service.d; systemctl daemon-reload; systemctl restart edge")

    def test_https_is_a_matter_of_one_setting(self, machine: Booted) -> None:
        reload(machine, SETTINGS)
        machine.until(f"{PAGE}/v1/json/events?limit=1 | grep -q event_id", timeout_s=120)
        reload(machine, SETTINGS_TLS)
        https = f"curl -sS --cacert /etc/edge/tls/device.pem {SECURE}"
        machine.until(f"{https}/healthz")
        assert machine.run("systemctl", "is-active", "edge-tls").strip() == "active"
        assert machine.shell("stat -c %U /proc/$(systemctl show --value -p MainPID edge-tls)").strip() != "root"
        assert machine.run("curl", "-sS", "http://localhost:48462/healthz", check=False).startswith("curl:")
        assert listening(machine, 48463) == ["0100007F"], "HTTP for programs on the device itself only"
        assert listening(machine, 48462) == ["00000000"]
        certificate = machine.run("sha256sum", "/etc/edge/tls/device.pem")
        assert machine.shell("stat -c '%a %U' /etc/edge/tls/device.pem").strip() == "600 root"
        newest = max(event_ids(machine, LOCAL))
        polled = json.loads(machine.shell(f"{https}'/v1/json/events?sinceId={newest}&timeout=60'", timeout_s=200))
        assert [int(event["event_id"]) > newest for event in polled] != []
        assert "data:" in machine.shell(
            f"{https}/v1/sse/events -H 'Last-Event-ID: 0' -N --max-time 5 | head -n 4", check=False
        )
        channel = json.loads(machine.shell(f"{LOCAL}/v1/json/channels"))[0]["channel_id"]
        live = machine.shell(
            f"{https}/v1/mjpeg/{channel} -N --max-time 8 2>/dev/null | grep -ac image/jpeg", check=False
        )
        assert int(live) >= 3
        shown = machine.run("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", "/etc/edge/tls/device.pem")
        assert f"https: port 48462, certificate SHA-256 {shown.strip().rpartition('=')[2]}" in machine.run(
            "edge", "status"
        )
        machine.run("systemctl", "restart", "edge")
        machine.until(f"{https}/healthz")
        assert machine.run("sha256sum", "/etc/edge/tls/device.pem") == certificate
        machine.run("systemctl", "kill", "--signal=KILL", "edge-tls")
        machine.until(f"{https}/healthz")
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""

    def test_https_with_the_owner_s_files(self, machine: Booted) -> None:
        folder, made = "/etc/edge/secrets", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost"
        machine.shell(
            f"cd {folder}; openssl req -x509 {made} -addext subjectAltName=DNS:localhost -keyout key -out cert 2>&1"
        )
        files = f"tls: {{mode: files, cert_file: {folder}/cert, key_file: {folder}/key}}"
        reload(machine, SETTINGS.replace("auth: writes", files))
        machine.until(f"{LOCAL}/v1/status | grep -q 'api.tls.key_file: .* chgrp edge FILE'", 30)
        machine.shell(f"chgrp edge {folder}/key {folder}/cert; chmod 640 {folder}/key {folder}/cert")
        machine.run("systemctl", "reload", "edge")
        machine.until(f"curl -sS --cacert {folder}/cert {SECURE}/healthz")
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""

    def test_without_haproxy_https_is_refused_and_never_unencrypted(self, machine: Booted) -> None:
        machine.run("mv", "/usr/sbin/haproxy", "/usr/sbin/haproxy.away")
        reload(machine, SETTINGS_TLS)
        machine.until("edge status | grep 'worker https.*apt install haproxy openssl'", 30)
        machine.run("systemctl", "stop", "edge-tls")
        assert listening(machine, 48462) == []
        machine.run("mv", "/usr/sbin/haproxy.away", "/usr/sbin/haproxy")
        machine.until(f"curl -sSk {SECURE}/healthz", timeout_s=90)
        reload(machine, SETTINGS)
        machine.until(f"{PAGE}/healthz")
        assert machine.run("systemctl", "is-active", "edge-tls", check=False).strip() == "inactive"
        assert listening(machine, 48463) == []
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""

    def test_a_backup_is_restored(self, machine: Booted) -> None:
        kept = event_ids(machine)
        identity = (machine.root / "var/lib/edge/device-id").read_text()
        assert "keep it where nobody else reads it" in machine.run("edge", "backup", "/root/device.backup")
        assert machine.shell("stat -c '%a %U' /root/device.backup").strip() == "600 root"
        machine.shell("printf 'channels: []\n' >/etc/edge/edge.yaml; systemctl stop edge")
        machine.run("edge", "restore", "/root/device.backup")
        machine.shell("systemctl start edge")
        assert machine.run("cat", "/etc/edge/edge.yaml") == SETTINGS
        assert machine.shell("stat -c '%a %U %G' /etc/edge/edge.yaml").strip() == "640 root edge"
        assert set(kept) <= set(event_ids(machine))
        assert (machine.root / "var/lib/edge/device-id").read_text() == identity
        machine.run("rm", "/root/device.backup")

    def test_the_system_is_apt_s_to_update(self, machine: Booted) -> None:
        assert machine.run("systemctl", "is-enabled", "edge-update.socket", check=False).strip() == "disabled"
        assert "apt install ./edge_VERSION_ARCH.deb" in machine.run("edge", "update")
        refused = machine.run("edge", "update", "/etc/hostname", check=False)
        assert refused.startswith("edge: this device is updated by its package manager")

    def test_a_backup_is_restored_over_the_api_though_the_program_may_not_write_its_settings(
        self, machine: Booted
    ) -> None:
        call = f"curl -sS --fail-with-body -H 'Authorization: Bearer {self.token}'"
        machine.shell("install -m 0640 -g edge /dev/stdin /etc/edge/secrets/cam1 <<<'pw'")
        camera = 'rtsp: {url: "rtsp://192.0.2.1/x", username: v, password_file: /etc/edge/secrets/cam1}'
        machine.shell(
            f"printf '  - {{name: Far, source: {{{camera}}}}}\n' >>/etc/edge/edge.yaml; systemctl reload edge"
        )
        settings = machine.run("cat", "/etc/edge/edge.yaml")
        kept = event_ids(machine)
        assert kept
        machine.shell(f"{call} -o /root/x.backup http://localhost:48462/v1/backup", timeout_s=120)
        machine.shell(
            "echo 'api: {port: 48462}' >/etc/edge/edge.yaml; rm /etc/edge/secrets/cam1; systemctl reload edge"
        )
        pid = machine.show("edge", "MainPID")
        octets = "-H 'Content-Type: application/octet-stream' -T /root/x.backup -X POST"
        said = machine.shell(f"{call} {octets} 'http://localhost:48462/v1/restore?identity=keep'", timeout_s=120)
        assert json.loads(said)["becomes"] == "same"
        machine.until(f"now=$(systemctl show --value -p MainPID edge); test $now -gt 0 -a $now != {pid}")
        machine.until(f"{PAGE}/v1/json/channels | grep -q Far")
        assert machine.run("cat", "/etc/edge/edge.yaml") == settings
        assert machine.shell("stat -c '%U %G %a' /etc/edge/edge.yaml /etc/edge/secrets/cam1").split("\n")[:2] == [
            "root edge 640",
            "root edge 640",
        ]
        assert set(kept) <= set(event_ids(machine))
        assert "settings of the backup of" in machine.run("journalctl", "-u", "edge-restore", "--no-pager")
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""
        machine.shell(f"cat >/etc/edge/edge.yaml <<'E'\n{SETTINGS}E\nsystemctl reload edge")

    def test_an_upgrade_keeps_settings_tokens_and_events(self, machine: Booted) -> None:
        kept = event_ids(machine)
        type(self).identity = (machine.root / "var/lib/edge/device-id").read_text()
        install(machine, "newer.deb")
        assert machine.run("systemctl", "is-active", "edge", "edge-tls-ask.socket").split() == ["active", "active"]
        assert machine.run("cat", "/etc/edge/edge.yaml") == SETTINGS
        assert (machine.root / "var/lib/edge/device-id").read_text() == self.identity
        assert set(kept) <= set(event_ids(machine))
        assert MARK in machine.shell("cat /usr/lib/edge/edge/outputs/web/status.css")
        assert not (machine.root / "usr/share/doc/edge/mqtt.md").exists()
        machine.shell("printf 'api: {auth: all}\n' >/etc/edge/edge.yaml; systemctl reload edge")
        machine.until("test $(curl -s -o /dev/null -w '%{http_code}' http://localhost:48462/v1/json/channels) = 401")
        assert status(machine, "/v1/json/channels", "-H", f"Authorization: Bearer {self.token}") == "200"

    def test_removed_it_keeps_the_data(self, machine: Booted) -> None:
        machine.run("apt-get", "remove", "-qq", "edge", timeout_s=300)
        assert machine.run("systemctl", "is-active", "edge", check=False).strip() == "inactive"
        assert machine.run("systemctl", "is-active", "edge-tls-ask.socket", check=False).strip() == "inactive"
        assert not (machine.root / "usr/lib/edge").exists()
        assert (machine.root / "etc/edge/edge.yaml").exists()
        install(machine, "newer.deb")
        assert machine.run("systemctl", "is-active", "edge").strip() == "active"
        assert (machine.root / "var/lib/edge/device-id").read_text() == self.identity

    def test_purged_it_leaves_nothing(self, machine: Booted) -> None:
        machine.run("apt-get", "purge", "-qq", "edge", timeout_s=300)
        machine.until('systemctl is-system-running && test -z "$(pgrep -u edge 2>/dev/null)"')
        after = kept_files(machine.root, MOVING)
        differ = {name for name in self.before.keys() | after.keys() if self.before.get(name) != after.get(name)}
        assert differ == set()
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""


def test_the_boot_partition_is_looked_at_before_the_program_starts(package: Path, tmp_path: Path) -> None:
    needs("mmdebstrap", "systemd-nspawn", "nsenter")
    root = plain_root(tmp_path / "root")
    (root / "root/edge.deb").write_bytes(package.read_bytes())
    with booted(root) as machine:
        install(machine)
        machine.shell("systemctl stop edge; rm /etc/edge/edge.yaml; mkdir /boot/firmware")
        machine.shell("mount -t tmpfs boot /boot/firmware; printf 'api: {prt: 1}\n' >/boot/firmware/edge.yaml")
        machine.shell("mkdir /boot/firmware/secrets; echo 'correct horse' >/boot/firmware/secrets/cam1")
        machine.shell("printf 'ssid: Home\npassword: correct horse\ncountry: NO\n' >/boot/firmware/wifi.yaml")
        stand_in(root / "usr/sbin/iw")
        stand_in(root / "usr/bin/ssh-keygen")
        (root / "etc/ssh").mkdir(exist_ok=True)
        machine.shell("systemctl enable edge-firstboot edge-boot-status")
        machine.run("systemctl", "start", "--no-block", "edge-boot-status", "edge")
        told = boot_status(machine, "running")
        assert "edge.yaml:1: api.prt: unknown key (did you mean port?)" in told
        assert re.search(r"^written: +20..-", told, re.MULTILINE)
        assert "called: iw reg set NO\n" in machine.run("journalctl", "-u", "edge-wifi-country", "--output=cat")
        assert "called: ssh-keygen -A\n" in machine.run("journalctl", "-u", "edge-ssh-keys", "--output=cat")
        assert machine.run("hostname").strip() == f"edge-{(root / 'var/lib/edge/device-id').read_text().strip()[-6:]}"
        assert "correct horse" not in machine.run("cat", "/boot/firmware/wifi.yaml")
        assert machine.shell("stat -c '%U %G %a' /etc/edge/secrets/cam1").strip() == "root edge 640"
        assert machine.run("cat", "/etc/edge/secrets/cam1").strip() == "correct horse"
        assert machine.run("cat", "/boot/firmware/secrets/cam1").strip() == ""
        joined = "/etc/NetworkManager/system-connections/edge-wifi.nmconnection"
        assert machine.shell(f"stat -c '%a %U' {joined}; grep -c 'psk=correct horse' {joined}").split() == [
            "600",
            "root",
            "1",
        ]
        assert status(machine, "/") == "200"
        assert status(machine, "/v1/json/channels", "-H", f"Authorization: Bearer {token_in(told)}") == "200"
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""
        machine.shell("printf 'device: {name: door}\napi: {tls: {mode: self-signed}}\n' >/boot/firmware/edge.yaml")
        machine.shell("systemctl stop edge; systemctl restart edge-firstboot; systemctl start edge")
        told = machine.run("cat", "/boot/firmware/edge-status.txt")
        assert "page:      https://door.local:48462/" in told
        machine.until(
            "curl -sS --cacert /etc/edge/tls/device.pem --resolve door.local:48462:127.0.0.1 https://door.local:48462/healthz"
        )
        assert machine.run("edge", "status").split("certificate SHA-256 ")[1].split()[0] in told
        assert machine.shell("stat -c '%a %U' /etc/edge/tls/device.pem").strip() == "600 root"
        assert machine.run("systemctl", "--failed", "--plain", "--no-legend") == ""


def test_a_program_that_does_not_come_up_is_told_on_the_boot_partition_and_so_is_its_coming_up(
    package: Path, tmp_path: Path
) -> None:
    needs("mmdebstrap", "systemd-nspawn", "nsenter")
    root = plain_root(tmp_path / "root")
    (root / "root/edge.deb").write_bytes(package.read_bytes())
    with booted(root) as machine:
        install(machine)
        machine.shell("systemctl stop edge; mkdir /boot/firmware; mount -t tmpfs boot /boot/firmware")
        machine.shell("mkdir -p /run/systemd/system/edge-boot-status.service.d")
        machine.shell(
            "printf '[Service]\nRestartSec=3\n' >/run/systemd/system/edge-boot-status.service.d/soon.conf; "
            "systemctl daemon-reload; mv /usr/bin/edge /usr/bin/edge.whole"
        )
        broken = (
            '#!/bin/sh\n[ "$1" != run ] || { echo \'edge: the disk is gone\' >&2; exit 1; }\nexec edge.whole "$@"\n'
        )
        (root / "usr/bin/edge").write_text(broken)
        machine.shell("chmod +x /usr/bin/edge; systemctl enable edge-firstboot edge-boot-status")
        machine.run("systemctl", "start", "--no-block", "edge-boot-status", "edge")
        told = boot_status(machine, "NOT up")
        assert "program:   NOT up: it ended by itself, and is tried again: the disk is gone\n" in told
        assert "edge-boot-status" not in machine.run("systemctl", "--failed", "--plain", "--no-legend")
        machine.shell("mv /usr/bin/edge.whole /usr/bin/edge")
        boot_status(machine, "running")
        machine.until("systemctl is-active -q edge")


def stand_in(program: Path) -> None:
    """Put a program there that tells the journal how it was called."""
    program.write_text(f'#!/bin/sh\necho "called: {program.name} $*"\n')
    program.chmod(0o755)


def boot_status(machine: Booted, word: str) -> str:
    """Return edge-status.txt once it says this of the program."""
    machine.until(f"grep -q '^program: *{word}' /boot/firmware/edge-status.txt", 60)
    return machine.run("cat", "/boot/firmware/edge-status.txt")
