"""A virtual machine that starts the appliance's image, without a network beyond one forwarded port.

The image is what is shipped, unchanged: a shell for the test is handed in as systemd's credential on the kernel's
command line, and talks through a virtio port of its own.
"""

import base64
import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from edge.firstboot.status import token_in
from tests.image import monitor
from tests.support.appliance import until
from tests.support.ports import free_port

TOOLS: Final = ("qemu-system-aarch64", "qemu-img", "qemu-io", "mcopy")
BOOT_PARTITION: Final = (1 << 20, 64 << 20)
PIPE: Final = Path(__file__).with_name("pipe.py")
OUTSIDE: Final = "10.0.2.100"
API_PORT: Final = 48462
MARK: Final = "edge-test-answer"
SHELL_UNIT: Final = """\
[Unit]
Description=Shell for a test
BindsTo=dev-virtio\\x2dports-edge.test.device
After=dev-virtio\\x2dports-edge.test.device
[Service]
ExecStart=/bin/sh
StandardInput=file:/dev/virtio-ports/edge.test
StandardOutput=file:/dev/virtio-ports/edge.test
Restart=always
RestartSec=1
"""
MONITOR: Final = "monitor"
DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")  # a test run that is killed leaves no machine behind
SAVED: Final = "up"
TRIAL: Final = "[Service]\nEnvironment=EDGE_HEALTHY_S={healthy_s} EDGE_GIVE_UP_S={give_up_s}\n"


def credential(name: str, text: str) -> str:
    """Return a word of the kernel's command line that hands a text to systemd."""
    return f"systemd.set_credential_binary={name}:{base64.b64encode(text.encode()).decode()}"


def _told(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def missing_tools() -> list[str]:
    """Name the programs of QEMU that are not here."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Machine:
    """One machine with a card of its own, made from an image; `kill` is a power cut, `start` is power on again.

    A machine whose memory was saved can be resumed with other ports of this machine, but no other devices.
    """

    def __init__(
        self,
        image: Path,
        folder: Path,
        *,
        card: str = "6G",
        reachable: dict[int, int] | None = None,
        clock: str = "utc",
        stick: Path | None = None,
    ) -> None:
        """`reachable`: ports of OUTSIDE, the one address beyond the machine, and ports of this machine behind them.

        `clock`: what the board's own clock shows at each start; a time, else that of this machine. `stick`: a second
        disk, /dev/vdb, that cannot be written.
        """
        self._clock = clock
        self._stick = stick
        self.reachable = reachable or {}
        self._trial = ""
        self._image = image
        self._folder = folder
        self._card = folder / "card.qcow2"
        self._console = folder / "console.log"
        self._shell = folder / "shell"
        self._process: subprocess.Popen[bytes] | None = None
        self._line = socket.socket(socket.AF_UNIX)
        self.port = free_port()
        self.token = ""
        source = image / "disk.img"
        words = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(source.resolve()), "-F", "raw"]
        subprocess.run([*words, str(self._card), card], check=True)

    def put_on_card(self, name: str, text: str) -> None:
        """Write a file to the boot partition, as people do with the card in their computer. Only while it is off."""
        start, length = BOOT_PARTITION
        part, file = self._folder / "boot.vfat", self._folder / Path(name).name
        file.write_text(text)
        dump = ["qemu-img", "dd", "-f", "qcow2", "-O", "raw", "bs=1M", "skip=1", "count=65"]
        subprocess.run([*dump, f"if={self._card}", f"of={part}"], check=True)
        if folder := Path(name).parent.name:
            subprocess.run(["mmd", "-D", "s", "-i", str(part), f"::{folder}"], check=True)
        subprocess.run(["mcopy", "-o", "-i", str(part), str(file), f"::{name}"], check=True)
        write = f"write -s {part} {start} {length}"
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", write, str(self._card)], check=True, stdout=subprocess.DEVNULL)

    def copy_partition(self, name: str, to: Path) -> None:
        """Copy a partition of the card into a file. Only while it is off."""
        table = json.loads(_told("qemu-img", "info", "--output=json", str(self._card)))
        head = self._folder / "head.raw"
        _told("qemu-img", "dd", "-f", "qcow2", "-O", "raw", "bs=1M", "count=1", f"if={self._card}", f"of={head}")
        with head.open("ab") as file:
            file.truncate(table["virtual-size"])
        rows = json.loads(_told("sfdisk", "--json", str(head)))["partitiontable"]["partitions"]
        found = next(row for row in rows if row["name"] == name)
        source = f"driver=raw,offset={found['start'] * 512},size={found['size'] * 512}"
        source += f",file.driver=qcow2,file.file.filename={self._card}"
        _told("qemu-img", "convert", "--image-opts", source, "-O", "raw", str(to))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._line.close()

    def start(self, *, healthy_s: float = 20.0, give_up_s: float = 600.0) -> None:
        """Switch the power on. A slot on trial is committed and given up after the times given."""
        self._trial = TRIAL.format(healthy_s=healthy_s, give_up_s=give_up_s)
        self._run_qemu()

    def save(self, folder: Path) -> None:
        """Keep the machine as it runs now, its memory too, for any that goes on from there; this one is off then."""
        told = monitor.command(self._folder / MONITOR, f"savevm {SAVED}")
        assert told == "", told
        self.kill()
        folder.mkdir(parents=True)
        shutil.copy(self._card, folder / self._card.name)
        (folder / "token").write_text(self.token)

    def resume(self, folder: Path) -> None:
        """Go on where a machine like this one was saved: that takes seconds where a start takes minutes."""
        shutil.copy(folder / self._card.name, self._card)
        self.token = (folder / "token").read_text()
        self._run_qemu("-loadvm", SAVED)

    def _run_qemu(self, *more: str) -> None:
        with (self._folder / "qemu.log").open("ab") as log:
            words = [*DIES_WITH_US, *self._command(), *more]
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # The shell in the machine ends whenever nobody is at this end of its line: so from now on somebody is.
        self._line.close()
        self._line = socket.socket(socket.AF_UNIX)
        self.wait_for("QEMU listens", self._connected, 60.0)

    def kill(self) -> None:
        """Switch the power off: at once, what the guest had not written through is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._line.close()
            self._shell.unlink(missing_ok=True)

    def console(self) -> str:
        """Return all that came over the serial line, of every start."""
        return self._console.read_text(errors="replace") if self._console.exists() else ""

    def get(self, path: str, timeout_s: float = 30.0) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that a call with the device's token answers; None while nobody does, to its end."""
        call = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        call.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(call, timeout=timeout_s) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return None

    def upload(self, path: str, file: Path, timeout_s: float) -> tuple[int, Any]:
        """Send a file as a client does; return the status and the JSON that is answered."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/octet-stream",
            "Content-Length": str(file.stat().st_size),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            with file.open("rb") as body:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def reconnect(self) -> None:
        """Talk to the shell anew, after the machine has started anew by itself."""
        self._line.close()
        self._line = socket.socket(socket.AF_UNIX)
        self.wait_for("the shell's line is there", self._connected, 60.0)

    def wait_for(self, what: str, found: Callable[[], Any], deadline_s: float) -> Any:  # noqa: ANN401 - what is found
        """Ask again and again until the answer is true; a machine that has ended, or does not get there, is told."""
        try:
            return until(what, lambda: self._running() and found(), deadline_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; the console's end:\n{self.console()[-3000:]}") from None

    def wait_for_events(self, deadline_s: float) -> float:
        """Wait until the API answers for events; return the seconds it took. The token is read as its owner does."""
        began_s = time.monotonic()
        if not self.token:
            self.wait_for("the device answers", lambda: self.get("/healthz"), deadline_s)
            self.token = token_in(self.run("cat /boot/firmware/edge-status.txt"))
        self.wait_for("/v1/json/events answers", lambda: self.get("/v1/json/events?timeout=0") is not None, deadline_s)
        return time.monotonic() - began_s

    def run(self, command: str, timeout_s: float = 60.0) -> str:
        """Run a command of the shell as root in the machine; return what it printed. It must succeed."""
        status, output = self.ask(command, timeout_s)
        assert status == 0, f"{command!r} ended with {status}: {output}"
        return output

    def ask(self, command: str, timeout_s: float = 60.0) -> tuple[int, str]:
        """Run a command that may fail; return its status and what it printed."""
        line = f"( {command}\n) </dev/null 2>&1; printf '\\n{MARK} %d\\n' $?\n"
        self._line.settimeout(timeout_s)
        self._line.sendall(line.encode())
        answer = b""
        while not (answer.endswith(b"\n") and MARK.encode() in answer):
            received = self._line.recv(65536)
            assert received, "the machine has ended"
            answer += received
        output, _, status = answer.decode(errors="replace").rpartition(f"{MARK} ")
        return int(status), output.strip()

    def _connected(self) -> bool:
        try:
            self._line.connect(str(self._shell))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _running(self) -> bool:
        assert self._process is not None, "the machine was not started"
        status = self._process.poll()
        assert status is None, f"QEMU has ended with {status}: {(self._folder / 'qemu.log').read_text()}"
        return True

    def _command(self) -> list[str]:
        kernel_line = (
            "console=ttyAMA0 panic=5 quiet systemd.default_device_timeout_sec=900 systemd.wants=edge-test.service "
            f"{credential('systemd.extra-unit.edge-test.service', SHELL_UNIT)} "
            f"{credential('systemd.unit-dropin.edge-slot-health.service', self._trial)}"
        )
        network = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:{API_PORT}"
        for inside, outside in self.reachable.items():
            network += f",guestfwd=tcp:{OUTSIDE}:{inside}-cmd:{sys.executable} {PIPE} {outside}"
        stick = []
        if self._stick is not None:
            drive = f"file={self._stick},format=raw,if=none,id=stick,readonly=on"
            stick = ["-drive", drive, "-device", "virtio-blk-pci,drive=stick"]
        return [
            "qemu-system-aarch64",
            *("-machine", "virt", "-cpu", "cortex-a72", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024"),
            *(
                "-nodefaults",
                "-display",
                "none",
                "-monitor",
                "none",
                "-qmp",
                f"unix:{self._folder / MONITOR},server=on,wait=off",
            ),
            *("-kernel", str(self._image / "vmlinuz"), "-initrd", str(self._image / "initrd"), "-append", kernel_line),
            *("-drive", f"file={self._card},format=qcow2,if=none,id=card", "-device", "virtio-blk-pci,drive=card"),
            *stick,
            *("-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-device", "virtio-rng-pci", "-rtc", f"base={self._clock}"),
            *("-chardev", f"file,id=serial,path={self._console},append=on", "-serial", "chardev:serial"),
            *("-chardev", f"socket,id=shell,path={self._shell},server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=shell,name=edge.test"),
        ]
