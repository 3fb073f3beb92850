"""A real RTSP server, run as a program with the system's Python: see rtsp_server.py.

Takes one JSON object as its argument: {"host": "127.0.0.1", "port": 0, "auth": "none|basic|digest", "username": ...,
"password": ..., "mounts": {"/path": "pipeline"}}; prints the port on one line once it listens.
"""

import json
import sys
import time
from importlib import import_module
from typing import Any

GRANTED = True

gi = import_module("gi")
for library in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(library, "1.0")
GLib, Gst, GstRtsp, GstRtspServer = (
    import_module(f"gi.repository.{name}") for name in ("GLib", "Gst", "GstRtsp", "GstRtspServer")
)


class Server:
    """One server with its mounts; all or none of them want a password."""

    def __init__(self, host: str, port: int) -> None:
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address(host)
        self.server.set_service(str(port))

    def protect(self, method: str, username: str, password: str) -> None:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        if method == "basic":
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(username, password), token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(username, password, token)
        self.server.set_auth(auth)

    def mount(self, path: str, pipeline: str, *, protected: bool) -> None:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline)
        factory.set_latency(0)
        if protected:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("user", "media.factory.access", GRANTED)
            permissions.add_permission_for_role("user", "media.factory.construct", GRANTED)
            factory.set_permissions(permissions)
        factory.connect("media-configure", show_the_time)
        self.server.get_mount_points().add_factory(path, factory)

    def run(self) -> None:
        if self.server.attach(None) == 0:
            sys.exit("cannot listen")
        sys.stdout.write(f"{self.server.get_bound_port()}\n")
        sys.stdout.flush()
        GLib.MainLoop().run()


def show_the_time(_factory: object, media: Any) -> None:  # noqa: ANN401 - GObject has no types
    """Feed an appsrc named clock, of 320x64 grey at 25 a second: 20 bars of 16 pixels, the milliseconds in binary."""
    source = media.get_element().get_by_name("clock")
    if source is not None:
        source.connect("need-data", push_the_time)


def push_the_time(source: Any, _wanted: int) -> None:  # noqa: ANN401 - GObject has no types
    time.sleep(0.04)
    now_ms = time.time_ns() // 1_000_000
    row = b"".join((b"\xeb" if now_ms >> bit & 1 else b"\x10") * 16 for bit in range(20))
    source.emit("push-buffer", Gst.Buffer.new_wrapped(row * 64))


def main() -> None:
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = Server(wanted["host"], wanted["port"])
    if wanted["auth"] != "none":
        server.protect(wanted["auth"], wanted["username"], wanted["password"])
    for path, pipeline in wanted["mounts"].items():
        server.mount(path, pipeline, protected=wanted["auth"] != "none")
    server.run()


if __name__ == "__main__":
    main()
