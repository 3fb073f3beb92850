"""A network between a camera and us that loses, delays or holds up what travels: a proxy for RTSP, over TCP and UDP."""

import contextlib
import itertools
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Self

_MARK = b"$"
_PORTS = re.compile(rb"client_port=(\d+)-\d+")


@dataclass
class BadNetwork:
    """Passes RTSP on; of the video packets every `lost`-th is dropped (0: none), and by TCP time is `stretched`.

    While `open` is clear, what the camera sends by TCP is kept, and comes all at once when it is set again; of the
    packet in hand the first half has gone by then.
    """

    to_port: int
    lost: int = 0
    stretched: float = 1.0
    dropped: int = 0
    open: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lines = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.open.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                camera = socket.create_connection(("127.0.0.1", self.to_port))
                self._lines += [client, camera]
                threading.Thread(target=self._up, args=(client, camera), daemon=True).start()
                threading.Thread(target=self._down, args=(camera, client), daemon=True).start()

    def _up(self, client: socket.socket, camera: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                camera.sendall(_PORTS.sub(self._udp, piece))

    def _udp(self, ports: re.Match[bytes]) -> bytes:
        """Put ports of our own in place of the client's, and pass on what comes to the first of them."""
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind(("127.0.0.1", 0))
        line.settimeout(20.0)
        self._lines.append(line)
        threading.Thread(target=self._pass_on, args=(line, int(ports[1])), daemon=True).start()
        return b"client_port=%d-%d" % (line.getsockname()[1], line.getsockname()[1] + 1)

    def _pass_on(self, line: socket.socket, to: int) -> None:
        with contextlib.suppress(OSError):
            for count in itertools.count(1):
                packet = line.recv(65536)
                if self.lost and count % self.lost == 0:
                    self.dropped += 1
                else:
                    line.sendto(packet, ("127.0.0.1", to))

    def _down(self, camera: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError), camera.makefile("rb") as received:
            begun_s, first_stamp, count = 0.0, 0, 0
            while first := received.read(1):
                if first != _MARK:
                    client.sendall(first + received.readline())
                    continue
                head = received.read(3)
                packet = first + head + received.read(int.from_bytes(head[1:], "big"))
                if head[0] == 0:
                    count += 1
                    stamp = int.from_bytes(packet[8:12], "big")
                    begun_s, first_stamp = begun_s or time.monotonic(), first_stamp or stamp
                    if self.lost and count % self.lost == 0:
                        self.dropped += 1
                        continue
                    due_s = begun_s + (stamp - first_stamp) / 90_000 * self.stretched
                    time.sleep(max(0.0, due_s - time.monotonic()) if self.stretched > 1.0 else 0.0)
                half = 0 if self.open.is_set() else len(packet) // 2
                client.sendall(packet[:half])
                self.open.wait()
                client.sendall(packet[half:])
