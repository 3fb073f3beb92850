"""Updates through the real service: a process for each connection, on a real socket, killed and cut off at any byte."""

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.update.attempt import Attempt
from edge.update.client import send_bundle
from edge.update.errors import UpdateError
from edge.update.service import Places, serve
from edge.update.status import BROKEN_OFF, read_status
from edge.update.stick import install_from
from edge.update.version import Release
from tests.support.appliance import until
from tests.support.updates import IMAGE_BUILD, KEY, NEW, OLD, OTHER_KEY, Rig, answers, bundle_of, device, system

NEW_SYSTEM = system(2)
BUNDLE = bundle_of(NEW_SYSTEM)
KILLS = int(os.environ.get("EDGE_KILLS", "4"))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with device(tmp_path) as made:
        yield made


def status_of(rig: Rig) -> str:
    return read_status(
        rig.folder / "run",
        rig.folder / "state",
        rig.folder / "os-release",
        rig.folder / "edge-slot",
        rig.folder / "running",
    ).text()


def outcome(rig: Rig) -> None:
    """What systemd starts after a start of the device with an update that is open."""
    subprocess.run(rig.command("outcome"), check=True, timeout=60)


def test_an_update_from_the_first_byte_to_good(rig: Rig) -> None:
    done = rig.send(BUNDLE)
    assert (done.version, done.slot, done.restart, rig.restarts()) == (NEW.version, "b", True, 1)
    assert (rig.content("a"), rig.content("b")) == (system(1), NEW_SYSTEM)
    assert status_of(rig) == "restarting 0.2.0+bbbb 100 %"
    (rig.folder / "run/progress.json").unlink()  # memory, which a restart empties
    assert rig.boot() == "b"
    assert status_of(rig) == "0.2.0+bbbb is on trial in slot b"
    subprocess.run([rig.folder / "edge-slot", "commit"], check=True)
    outcome(rig)
    assert status_of(rig) == "updated to 0.2.0+bbbb (slot b)"


def test_a_system_that_is_never_found_good_is_rolled_back_and_told(rig: Rig) -> None:
    rig.send(BUNDLE, restart=False)
    assert (rig.restarts(), rig.progress().phase) == (0, "waiting for a restart")
    trial = rig.attempts.open()
    assert trial is not None
    rig.attempts.begin(replace(trial, boot_id="an earlier start"))
    (rig.folder / "run/progress.json").unlink()
    assert [rig.boot() for _ in range(4)] == ["b", "b", "b", "a"]
    outcome(rig)
    assert status_of(rig) == "rolled back to 0.1.0+aaaa: 0.2.0+bbbb (slot b) was not found good"
    with pytest.raises(UpdateError, match="had before: rolled back") as refused:
        rig.send(BUNDLE, repeat=False)
    assert refused.value.kind == "done"
    assert rig.send(BUNDLE).slot == "b", "by hand it may be tried once more"


def test_killed_at_any_byte_the_running_system_stays_and_the_next_attempt_begins_anew(rig: Rig) -> None:
    dice = random.Random(os.environ.get("EDGE_SEED", "6"))
    for cut in sorted(dice.sample(range(len(BUNDLE)), KILLS)):
        rig.slot("b").write_bytes(system(0))
        with rig.begin(BUNDLE[:cut]):
            until("the service has begun", lambda: rig.progress().phase != "idle", 60)
            rig.kill()
        assert rig.content("a") == system(1), cut
        assert rig.content("b") == system(0) or not rig.bootable("b"), cut
        assert rig.slots.state().trial == "", cut
        assert rig.boot() == "a", cut
        assert status_of(rig) == f"not updated: {BROKEN_OFF}"
    assert rig.send(BUNDLE).slot == "b"
    assert rig.content("b") == NEW_SYSTEM


def test_a_sender_that_goes_away_leaves_no_system_that_could_be_started(rig: Rig) -> None:
    with rig.begin(BUNDLE[: len(BUNDLE) // 2]) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert "ended before it was whole" in answers(connection)[-1]["error"]
    assert not rig.bootable("b")
    assert status_of(rig).startswith("not updated to 0.2.0+bbbb: the bundle ended before it was whole")
    with rig.begin(BUNDLE[: len(BUNDLE) // 2]):
        pass
    until("the second one has ended too", lambda: rig.processes[-1].poll() is not None, 60)
    assert rig.content("a") == system(1)


def test_a_sender_that_has_sent_all_need_not_wait(rig: Rig) -> None:
    with rig.begin(BUNDLE) as connection:
        connection.shutdown(socket.SHUT_WR)
    until("it is tried nevertheless", lambda: rig.slots.state().trial == "b", 60)


def test_two_at_once_are_one_and_a_refusal(rig: Rig) -> None:
    with rig.begin(BUNDLE[:-1]) as first:
        until("the first writes", lambda: rig.progress().phase == "writing", 60)
        with pytest.raises(UpdateError, match="another update is under way") as refused:
            rig.send(BUNDLE)
        assert refused.value.kind == "busy"
        assert rig.progress().phase == "writing", "what the first says is not lost"
        first.sendall(BUNDLE[-1:])
        first.shutdown(socket.SHUT_WR)
        assert answers(first)[-1]["slot"] == "b"
    assert rig.content("b") == NEW_SYSTEM


def test_a_device_that_does_not_restart_waits_for_somebody_who_does_it(rig: Rig) -> None:
    (rig.folder / "restart").write_text("#!/bin/sh\nexit 1\n")
    rig.send(BUNDLE)
    until("it is told", lambda: rig.progress().phase == "waiting for a restart", 60)
    assert rig.slots.state().trial == "b"


def test_silence_ends_it(rig: Rig) -> None:
    ours, theirs = socket.socketpair()
    places = Places(
        run=rig.folder / "run",
        state=rig.folder / "state",
        key=rig.folder / "key.pem",
        os_release=rig.folder / "os-release",
        program=rig.folder / "edge-slot",
        slots=(str(rig.folder / "edge-slot"),),
        restart=("false",),
        silence_s=0.3,
    )
    with ours, theirs:
        thread = threading.Thread(target=serve, args=(theirs, places))
        thread.start()
        ours.sendall(b'{"restart": "now", "repeat": true, "source": "test"}\n' + BUNDLE[:1000])
        thread.join(60)
        theirs.shutdown(socket.SHUT_WR)
        assert "nothing has come" in answers(ours)[-1]["error"]
    assert rig.content("b") == system(0)


@pytest.mark.parametrize("request_line", [b"\n", b"GET / HTTP/1.1\r\n", b"[]\n", b'{"restart": "now"}\n', b"\0" * 5000])
def test_who_speaks_another_language_is_told(rig: Rig, request_line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(rig.path))
        connection.sendall(request_line)
        connection.shutdown(socket.SHUT_WR)
        assert "takes a line of JSON" in answers(connection)[-1]["error"]


def test_without_the_service_the_package_manager_updates(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="apt install") as refused, (IMAGE_BUILD / "README.md").open("rb") as file:
        send_bundle(file, "test", restart=True, path=tmp_path / "none")
    assert refused.value.kind == "unsupported"


def stick(rig: Rig, **bundles: bytes) -> Path:
    folder = rig.folder / "stick"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in bundles.items():
        (folder / f"edge-{name}.edgeup").write_bytes(content)
    return folder


def test_a_stick_with_bundles_for_several_boards_gives_the_right_one(rig: Rig) -> None:
    folder = stick(rig, zz_other_board=bundle_of(NEW_SYSTEM, board="edge-rpi5"), test=BUNDLE, broken=b"x")
    (folder / "edge-folder.edgeup").mkdir()
    assert "is in slot b" in install_from(folder, rig.path)
    assert rig.restarts() == 1


def test_a_stick_that_stays_in_does_not_go_round(rig: Rig) -> None:
    folder = stick(rig, test=BUNDLE)
    install_from(folder, rig.path)
    rig.boot()
    subprocess.run([rig.folder / "edge-slot", "commit"], check=True)
    (rig.folder / "os-release").write_text(
        f"IMAGE_ID=edge-test\nIMAGE_VERSION={NEW.version}\nEDGE_BUILD_EPOCH={NEW.epoch}\n"
    )
    assert "runs already" in install_from(folder, rig.path)
    assert rig.restarts() == 1
    assert rig.progress().error == ""


def begin_anew(rig: Rig) -> list[str]:
    """Four starts of the machine with a system that is never found good."""
    trial = rig.attempts.open()
    assert trial is not None
    rig.attempts.begin(replace(trial, boot_id="an earlier start"))
    return [rig.boot() for _ in range(4)]


@pytest.mark.parametrize("told", [True, False], ids=["told", "before it was told"])
def test_a_stick_with_two_bundles_that_do_not_do_well_does_not_go_round(rig: Rig, told: bool) -> None:  # noqa: FBT001
    newer = bundle_of(system(3), release=Release("0.10.0", 3000))
    folder = stick(rig, **{"test-0.9.0": BUNDLE, "test-0.10.0": newer})
    for content in (system(3), NEW_SYSTEM):
        assert "is in slot b" in install_from(folder, rig.path)
        assert rig.content("b") == content, "the newest first"
        assert begin_anew(rig) == ["b", "b", "b", "a"]
        if told:
            outcome(rig)
    assert "rolled back" in install_from(folder, rig.path)
    assert rig.restarts() == 2
    assert rig.send(newer).slot == "b", "by hand it may be tried once more"


def test_a_stick_that_could_not_be_mounted_is_told_with_what_to_do(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "edge", "update-service", "stick", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "format it as FAT32 or exFAT" in done.stderr


def test_a_stick_with_nothing_for_this_device_says_why(rig: Rig) -> None:
    assert install_from(stick(rig), rig.path) == "no edge-*.edgeup on this stick"
    with pytest.raises(UpdateError, match=r"signature.*for edge-rpi5"):
        install_from(
            stick(rig, b=bundle_of(NEW_SYSTEM, key=OTHER_KEY), a=bundle_of(NEW_SYSTEM, board="edge-rpi5")), rig.path
        )


@contextmanager
def loop_device(file: Path) -> Iterator[Path]:
    """A real block device over a file."""
    made = subprocess.run(["losetup", "--find", "--show", str(file)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no loop devices here: {made.stderr.strip()}")
    try:
        yield Path(made.stdout.strip())
    finally:
        subprocess.run(["losetup", "--detach", made.stdout.strip()], check=True)


def ext4(folder: Path, release: Release) -> Path:
    """A slot's image as a build leaves it: a file system that says what it is."""
    root = folder / "root/usr/lib"
    root.mkdir(parents=True)
    (root / "os-release").write_text(
        f"IMAGE_ID=edge-test\nIMAGE_VERSION={release.version}\nEDGE_BUILD_EPOCH={release.epoch}\n"
    )
    image = folder / "system.ext4"
    words = ["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", str(folder / "root"), str(image), "8M"]
    if shutil.which("mke2fs") is None:
        pytest.skip("no mke2fs here (apt-get install e2fsprogs)")
    subprocess.run(words, check=True)
    return image


def make_bundle(folder: Path, key: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(IMAGE_BUILD / "bundle.py"), "make", str(folder)]
    environment = {"EDGE_UPDATE_KEY": str(key), "PATH": f"/usr/sbin:/sbin:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(words, check=True, capture_output=True, text=True, env=environment)


@pytest.mark.skipif(shutil.which("debugfs", path=f"/usr/sbin:{os.environ['PATH']}") is None, reason="no debugfs here")
def test_a_bundle_as_a_build_makes_it_onto_a_real_block_device(rig: Rig) -> None:
    build = rig.folder / "build"
    build.mkdir()
    image, key = ext4(build, NEW), rig.folder / "keys/update.pem"
    first = make_bundle(build, key)
    assert "KEEP IT" in first.stderr
    assert key.stat().st_mode & 0o777 == 0o600
    bundle = build / "edge-test-0.2.0+bbbb.edgeup"
    made = bundle.read_bytes()
    assert "KEEP IT" not in make_bundle(build, key).stderr
    assert bundle.read_bytes() == made, "the same system and key give the same bytes"
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], check=True, capture_output=True).stdout
    (rig.folder / "key.pem").write_bytes(public)
    rig.slot("b").write_bytes(b"\xa5" * 2**23)
    with loop_device(rig.slot("b")) as block_device:
        (rig.folder / "programs/slot-board.sh").write_text(f"board_device() {{ echo {block_device}; }}\n")
        assert rig.send(made).slot == "b"
        assert block_device.read_bytes() == image.read_bytes()
        mount = rig.folder / "mounted"
        mount.mkdir()
        if subprocess.run(["mount", "-o", "ro", block_device, mount], check=False).returncode:
            pytest.skip("the bundle is on the block device; nothing can be mounted here")
        try:
            assert NEW.version in (mount / "usr/lib/os-release").read_text()
            subprocess.run([rig.folder / "edge-slot", "cancel"], check=True)
            with pytest.raises(UpdateError, match="Device or resource busy"):
                rig.send(made)
        finally:
            subprocess.run(["umount", mount], check=True)


def test_what_is_remembered_names_the_bundle(rig: Rig) -> None:
    rig.send(BUNDLE)
    attempt = rig.attempts.newest()
    assert isinstance(attempt, Attempt)
    assert (attempt.before, attempt.version, attempt.stage) == (OLD.version, NEW.version, "trial")
    assert bytes(KEY).hex() not in (rig.folder / "state/open.json").read_text()
