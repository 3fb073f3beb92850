"""The image started in a virtual machine: `make test-image`. Not part of `make test`: it takes minutes."""

import hashlib
import http.client
import random
import re
import ssl
import time
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.image.conftest import MQTT, SECRET
from tests.image.device import (
    BOOT_S,
    COUNTING_S,
    edge_status,
    events_after,
    failed_units,
    mount_of,
    power_on,
    slots,
    types_of_events,
    watch,
)
from tests.image.machine import OUTSIDE, Machine
from tests.support.broker import Broker, Listener, unavailable

UNDER_LOAD = 12
MOST_EXPOSED = 2.0
LASTING = (
    "/etc/edge",
    "/etc/NetworkManager/system-connections",
    "/var/lib/edge",
    "/var/lib/NetworkManager",
    "/var/lib/systemd",
)
ANNOUNCED_S = 120.0
OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"

# A question by multicast DNS from a port that is not its own: answered to this port alone.
ASK = """
import socket, struct, sys
words = b"".join(bytes([len(w)]) + w.encode() for w in sys.argv[1].split(".")) + bytes(1)
kind = 12 if sys.argv[1].startswith("_") else 1
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.settimeout(2)
line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.0.2.15"))
for _ in range(10):
    line.sendto(struct.pack(">6H", 7, 0, 1, 0, 0, 0) + words + struct.pack(">2H", kind, 1), ("224.0.0.251", 5353))
    try:
        print(line.recv(9000).hex())
        break
    except TimeoutError:
        continue
"""

pytestmark = pytest.mark.timeout(900)


def crossings(device: Machine) -> list[dict[str, Any]]:
    return [event for event in events_after(device, 0) if event["type"].startswith("Tripwire")]


def test_every_unit_is_up(device: Machine) -> None:
    assert failed_units(device) == ""
    units = "edge avahi-daemon NetworkManager systemd-timesyncd edge-firstboot"
    assert device.run(f"systemctl is-active {units}").split() == ["active"] * 5
    assert "program:   running" in edge_status(device)
    assert device.run("systemctl show --value -p Result edge-boot-status") == "success"


def test_a_wrong_line_of_the_card_s_settings_is_told_there_and_the_device_runs_with_the_first_ones(
    device: Machine,
) -> None:
    status = edge_status(device)
    assert re.search(r"^ *edge.yaml:3: channels\[0\].nam: unknown key", status, re.MULTILINE)
    assert "http://10.0.2.15:48462/" in status, "its address, once there is a network"
    assert device.run("hostname") == status.split("name:")[1].split()[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{device.port}/", timeout=30) as page:
        assert page.status == HTTPStatus.OK
    device.token, kept = "", device.token
    assert device.get("/v1/json/channels") is None, "asks for the token"
    device.token = kept


def test_a_secret_of_the_card_is_where_the_program_alone_reads_it_and_blanked_on_the_card(device: Machine) -> None:
    kept = "/etc/edge/secrets/broker"
    assert device.run(f"stat --format '%U %G %a' {kept}") == "root edge 640"
    assert device.run(f"setpriv --reuid edge --regid edge --clear-groups cat {kept}") == SECRET.strip()
    assert device.run("tr -d ' ' </boot/firmware/secrets/broker") == ""
    assert "secrets/broker: taken, and blanked" in edge_status(device)


def test_the_program_is_confined(device: Machine) -> None:
    told = device.run("systemd-analyze security --no-pager edge.service | tail -n 1", 120.0)
    found = re.search(r"exposure level for edge.service: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED


def test_as_root_runs_what_is_listed_and_nothing_else(device: Machine) -> None:
    listed = set(re.findall(r"^\| `([\w-]+)` as root \|", OPERATIONS.read_text(), re.MULTILINE))
    device.wait_for("what a start needs has ended", lambda: programs_of_root(device) == listed, 180.0)


def programs_of_root(device: Machine) -> set[str]:
    """Name what runs as root beside the kernel's threads (children of 2) and the test's own shell."""
    shell = device.run("systemctl show --property MainPID --value edge-test")
    rows = [line.split(None, 3) for line in device.run("ps -eo user,pid,ppid,comm --no-headers").splitlines()]
    running = {comm for user, pid, ppid, comm in rows if user == "root" and not {pid, ppid} & {"2", shell}}
    return running - {"ps", "sh"}


def test_the_network_is_told_of_the_device(device: Machine) -> None:
    name = device.run("hostname")
    own_id = f"id={device.run('cat /var/lib/edge/device-id')}".encode()
    device.wait_for("its service", lambda: own_id in ask_neighbours(device, "_edge._tcp.local"), ANNOUNCED_S)
    # Avahi is silent about an address while it makes sure of it, and does so again when IPv6 comes or changes.
    own_address = bytes([10, 0, 2, 15])
    device.wait_for("its address", lambda: own_address in ask_neighbours(device, f"{name}.local"), ANNOUNCED_S)


def ask_neighbours(device: Machine, name: str) -> bytes:
    """Ask over multicast DNS as a neighbour would, and return the answer as it came."""
    return bytes.fromhex(device.run(f"python3 -I -c '{ASK}' {name}", 60.0))


def test_events_reach_a_broker(device: Machine, tmp_path: Path) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    device.run("cp -a /etc/edge/edge.yaml /data/kept.yaml")
    try:
        with Broker(tmp_path, port=device.reachable[MQTT]) as broker, Listener(broker) as listener:
            device.run(f"echo 'mqtt: {{host: {OUTSIDE}}}' >>/etc/edge/edge.yaml && systemctl reload edge")
            device.wait_for("the device is announced", listener.heard, BOOT_S)
            device.wait_for(
                "an event is published",
                lambda: [each for each in listener.heard() if b"event_id" in each.payload],
                COUNTING_S,
            )
    finally:
        device.run("cp -a /data/kept.yaml /etc/edge/edge.yaml && rm /data/kept.yaml && systemctl reload edge")


def test_one_setting_gives_https_and_takes_it_back(device: Machine) -> None:
    device.run("cp -a /etc/edge/edge.yaml /data/kept.yaml")
    try:
        device.run(
            "sed -i 's/^  auth: all.*/&\\n  tls: {mode: self-signed}/' /etc/edge/edge.yaml && systemctl reload edge"
        )
        served = device.wait_for("https", lambda: certificate_of(device), BOOT_S)
        kept = device.run("openssl x509 -in /etc/edge/tls/device.pem -outform DER | sha256sum")
        assert kept.startswith(hashlib.sha256(served).hexdigest())
        assert device.get("/healthz") is None, "nothing is answered unencrypted"
    finally:
        device.run("cp -a /data/kept.yaml /etc/edge/edge.yaml && rm /data/kept.yaml && systemctl reload edge")
    device.wait_for("http again", lambda: device.get("/healthz"), BOOT_S)
    assert failed_units(device) == ""


def certificate_of(device: Machine) -> bytes | None:
    """Return the certificate that is served, once the API answers behind it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is the device's own
    connection = http.client.HTTPSConnection("127.0.0.1", device.port, timeout=20, context=context)
    try:
        connection.request("GET", "/healthz")
        found = connection.sock.getpeercert(binary_form=True)
        return found if connection.getresponse().status == HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def test_the_demo_channel_counts(device: Machine) -> None:
    device.wait_for("a line counted", lambda: crossings(device), COUNTING_S)
    (channel,) = device.get("/v1/json/channels")
    assert channel["name"] == "Demo street"


def test_what_lasts_is_on_the_data_partition_and_nothing_else_can_be_written(device: Machine) -> None:
    assert re.search(r"\bro\b", mount_of(device, "/"))
    for folder in LASTING:
        assert re.search(r"vda4\[.*\] rw,.*noatime", mount_of(device, folder)), folder
    status, _ = device.ask("touch /usr/written || touch /etc/written || touch /usr/lib/edge/written")
    assert status != 0
    assert device.ask("ls /var/log/journal")[0] != 0


def test_the_data_partition_fills_the_card(device: Machine) -> None:
    kib = int(device.run("df --output=size /data | tail -n 1"))
    assert kib > 3 * 1024 * 1024, "of a card of 6 GiB"


def test_nobody_can_log_in(device: Machine) -> None:
    passwords = device.run("cut -d: -f 2 /etc/shadow").split()
    assert set(passwords) <= {"*", "!", "!*"}
    assert device.ask("ls /root/.ssh /etc/ssh/ssh_host_*")[0] != 0
    listening = device.run("ss -Hltn").splitlines()
    assert {line.split()[3].rpartition(":")[2] for line in listening} <= {"48462"}


def test_certificates_of_the_world_are_known(device: Machine) -> None:
    program = "import ssl; print(ssl.get_default_verify_paths().capath)"
    folder = device.run(f"python3 -I -c '{program}'")
    assert int(device.run(f"ls {folder}/*.0 | wc -l")) > 100, "OpenSSL looks them up by hash"


def test_what_a_client_was_shown_survives_a_power_cut(device: Machine) -> None:
    machine_id = device.run("cat /etc/machine-id")
    shown: dict[int, str] = {}
    device.wait_for("some events", lambda: watch(device, shown) >= UNDER_LOAD, COUNTING_S)
    end_s = time.monotonic() + random.uniform(0.0, 8.0)
    while time.monotonic() < end_s:
        watch(device, shown)
    times = times_read(device)
    device.run("echo '# in force' >>/etc/edge/edge.yaml && systemctl reload edge")
    device.wait_for("the settings are read anew", lambda: times_read(device) > times, COUNTING_S)
    device.kill()

    power_on(device)
    assert device.run("tail -n 1 /etc/edge/edge.yaml") == "# in force"
    kept = types_of_events(device)
    assert {event_id: kept.get(event_id) for event_id in shown} == shown
    assert device.run("cat /etc/machine-id") == machine_id
    assert failed_units(device) == ""
    assert device.run("dmesg | grep -i 'ext4.*error' || true") == ""


def times_read(device: Machine) -> int:
    return int(device.run("journalctl -q -b -u edge | grep -c 'configuration read anew' || true"))


def test_a_slot_that_holds_garbage_is_left_by_itself(device: Machine) -> None:
    running, other = slots(device)
    partition = f"/dev/disk/by-partlabel/system_{other}"
    device.run(f"dd if={partition} of=/data/kept bs=1M count=4")
    device.run(f"dd if=/dev/urandom of={partition} bs=1M count=4 conv=fsync")
    device.run(f"edge-slot try {other} 2")
    before = len(device.console())
    device.kill()

    power_on(device)
    story = device.console()[before:]
    assert re.findall(rf"slot {other} is on trial, (\d) more starts", story) == ["1", "0"]
    assert story.count(f"slot {other} holds no system") == 2
    assert f"slot {other} was not found good in time, back to slot {running}" in story
    assert device.run("edge-slot show") == f"slot {running} is running; good {running}"
    assert failed_units(device) == ""
    device.run(f"dd if=/data/kept of={partition} && rm /data/kept && sync")


def test_without_a_partition_for_data_the_device_keeps_them_in_memory_and_says_so(device: Machine) -> None:
    folder = "/run/nowhere"
    places = f"EDGE_DATA_DEVICE=/dev/none EDGE_DATA_FOLDER={folder} EDGE_NOTICES={folder}.notices"
    device.run(f"mkdir {folder} && {places} unshare --mount /usr/lib/edge-appliance/data-partition")
    assert "data_temporary: " in device.run(f"cat {folder}.notices")
