"""A broker that can be killed, stalled and brought back: Debian's mosquitto as a process of its own."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from tests.support.ports import free_port

DEADLINE_S = 30.0
DEVICE_USER = "edge"
READER_USER = "reader"
FIVE = 5
CONTROL = "$CONTROL/dynamic-security/v1"


@cache
def unavailable() -> str:
    """Why there is no broker on this machine; empty where there is one."""
    missing = [name for name in ("mosquitto", "mosquitto_passwd") if _program(name) is None]
    return f"{' and '.join(missing)} not installed (apt-get install mosquitto)" if missing else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Broker:
    """One broker; `port` is fixed at the first start, so that it can come back at the same place.

    `users` with their passwords: without any, everybody may connect. `acl` is the text of its access list. With
    `certificates` (see `certificates`) it speaks TLS only.
    """

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    acl: str = ""
    certificates: Path | None = None
    more: str = ""
    port: int = 0
    child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if reason := unavailable():
            pytest.skip(reason)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, with nothing of before: it keeps nothing on disk."""
        self.port = self.port or free_port()
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join(self._lines()) + "\n")
        program = _program("mosquitto")
        assert program is not None
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.child = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        until("the broker listens", self._listens)

    def _lines(self) -> Iterator[str]:
        yield f"user {pwd.getpwuid(os.getuid()).pw_name}"
        yield f"listener {self.port} 127.0.0.1"
        yield f"allow_anonymous {'false' if self.users else 'true'}"
        if self.users:
            yield f"password_file {self._password_file()}"
        if self.acl:
            (self.folder / "acl").write_text(self.acl)
            (self.folder / "acl").chmod(0o600)
            yield f"acl_file {self.folder / 'acl'}"
        if self.certificates is not None:
            yield f"cafile {self.certificates / 'ca.pem'}"
            yield f"certfile {self.certificates / 'server.pem'}"
            yield f"keyfile {self.certificates / 'server.key'}"
        yield self.more

    def _password_file(self) -> Path:
        path = self.folder / "passwords"
        path.write_text("".join(f"{user}:{password}\n" for user, password in self.users.items()))
        path.chmod(0o600)
        program = _program("mosquitto_passwd")
        assert program is not None
        subprocess.run([program, "-U", str(path)], check=True, capture_output=True)
        return path

    def _listens(self) -> bool:
        assert self.child is not None
        assert self.child.poll() is None, (self.folder / "mosquitto.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def set_password(self, user: str, password: str) -> None:
        """Give a user another password, from now on."""
        assert self.child is not None
        self.users[user] = password
        self._password_file()
        self.child.send_signal(signal.SIGHUP)

    def set_acl(self, text: str) -> None:
        """Have another access list in force from now on."""
        assert self.child is not None
        self.acl = text
        (self.folder / "acl").write_text(text)
        self.child.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it as its service manager would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.child is not None:
            self.child.send_signal(how)
            self.child.wait(DEADLINE_S)
            self.child = None

    def stall(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGCONT)


def access_list_plugin(folder: Path, **allowed: bool) -> str:
    """Return lines for `Broker.more`: mosquitto's own plugin, which also refuses subscriptions.

    `allowed` says what everybody may: publishClientSend, publishClientReceive, subscribe, unsubscribe. That can be
    changed by messages to `CONTROL`.
    """
    found = next(Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"), None)
    if found is None:
        pytest.skip("mosquitto has no dynamic security here")
    folder.mkdir(parents=True, exist_ok=True)
    rights = {"publishClientSend": True, "publishClientReceive": True, "subscribe": True, "unsubscribe": True} | allowed
    control = {"acltype": "publishClientSend", "topic": "$CONTROL/#", "allow": True}
    body = {
        "defaultACLAccess": rights,
        "roles": [{"rolename": "control", "acls": [control]}],
        "groups": [{"groupname": "everybody", "roles": [{"rolename": "control"}]}],
        "anonymousGroup": "everybody",
    }
    (folder / "rights.json").write_text(json.dumps(body))
    return f"plugin {found}\nplugin_opt_config_file {folder / 'rights.json'}"


def until(what: str, found: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Ask again and again until the answer is true."""
    end_s = time.monotonic() + deadline_s
    while not found():
        assert time.monotonic() < end_s, f"not within {deadline_s} s: {what}"
        time.sleep(0.01)


def certificates(folder: Path, name: str = "127.0.0.1") -> Path:
    """Make an authority and a broker's certificate for an address; returns the folder with ca.pem and the rest."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed (apt-get install openssl)")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions").write_text(f"subjectAltName=IP:{name}\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions"]
    for words in (
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2"],
        ["req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=broker"],
        ["x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem"],
    ):
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)
    return folder


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a subscriber got it."""

    topic: str
    payload: bytes
    retained: bool
    expires_s: int | None


class Listener:
    """A client that keeps all it hears, and can speak. It comes back by itself, and subscribes again."""

    def __init__(self, broker: Broker, filters: tuple[str, ...] = ("#",)) -> None:
        self._lock = threading.Lock()
        self._heard: list[Heard] = []
        self._filters = filters
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if READER_USER in broker.users:
            self._client.username_pw_set(READER_USER, broker.users[READER_USER])
        if broker.certificates is not None:
            self._client.tls_set(str(broker.certificates / "ca.pem"))
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", broker.port, keepalive=60)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._subscribed.wait(DEADLINE_S)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _told: Properties | None
    ) -> None:
        assert not reason.is_failure, reason
        if self._filters:
            client.subscribe([(each, 1) for each in self._filters])
        else:
            self._subscribed.set()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        expires_s = getattr(message.properties, "MessageExpiryInterval", None)
        with self._lock:
            self._heard.append(Heard(message.topic, bytes(message.payload), message.retain, expires_s))

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish a message and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    def heard(self, topic: str = "") -> list[Heard]:
        """All messages so far, or those of one topic."""
        with self._lock:
            return [each for each in self._heard if topic in ("", each.topic)]

    def payloads(self, topic: str) -> list[bytes]:
        return [each.payload for each in self.heard(topic)]

    def last(self, topic: str) -> bytes | None:
        """The newest payload of a topic."""
        return next(reversed(self.payloads(topic)), None)

    def wait_for(self, topic: str, payload: bytes, deadline_s: float = DEADLINE_S) -> None:
        """Wait until the newest message of a topic is this one."""
        until(f"{topic} is {payload!r}, not {self.last(topic)!r}", lambda: self.last(topic) == payload, deadline_s)


def retained(broker: Broker, filters: tuple[str, ...] = ("#",), settle_s: float = 0.3) -> Mapping[str, bytes]:
    """What a broker keeps: what somebody gets who comes now."""
    with Listener(broker, filters) as fresh:
        count = -1
        while count != len(fresh.heard()):  # what is kept comes at once, in one go
            count = len(fresh.heard())
            time.sleep(settle_s)
        return {each.topic: each.payload for each in fresh.heard() if each.retained}


class Relay:
    """A way to a broker that can be cut and mended while the broker itself, and who listens there, stays.

    With `old`, what is reached knows MQTT 3.1.1 only: 5.0 is refused as such brokers do.
    """

    def __init__(self, behind: int, *, old: bool = False) -> None:
        self._behind = behind
        self._old = old
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._ends: list[socket.socket] = []
        self.port = free_port()

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Let through whoever comes from now on."""
        self._stop = threading.Event()
        server = socket.create_server(("127.0.0.1", self.port))
        server.settimeout(0.05)
        self._run(self._serve, server, self._stop)

    def cut(self) -> None:
        """End all connections without a word; nobody listens any more."""
        self._stop.set()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._ends.clear()
        self._threads.clear()

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _serve(self, server: socket.socket, stop: threading.Event) -> None:
        with server:
            while not stop.is_set():
                with suppress(TimeoutError):
                    client, _ = server.accept()
                    client.settimeout(None)
                    self._run(self._join, client)

    def _join(self, client: socket.socket) -> None:
        with client:
            first = client.recv(4096)
            if self._old and first[first.index(b"MQTT") + 4] == FIVE:
                client.sendall(b"\x20\x02\x00\x01")
                return
            with socket.create_connection(("127.0.0.1", self._behind)) as upstream:
                self._ends += [client, upstream]
                upstream.sendall(first)
                back = threading.Thread(target=_pump, args=(upstream, client))
                back.start()
                _pump(client, upstream)
                back.join(10)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
