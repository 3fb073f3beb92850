"""A real RTSP server, run as a program with the system's Python: see rtsp_server.py.

Takes one JSON object as its argument: {"port": 0, "auth": "none|basic|digest", "username": ..., "password": ...,
"mounts": {"/path": "pipeline"}}; prints the port on one line once it listens.
"""

import json
import sys
from importlib import import_module

GRANTED = True

gi = import_module("gi")
for library in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(library, "1.0")
GLib, Gst, GstRtsp, GstRtspServer = (
    import_module(f"gi.repository.{name}") for name in ("GLib", "Gst", "GstRtsp", "GstRtspServer")
)


class Server:
    """One server with its mounts; all or none of them want a password."""

    def __init__(self, port: int) -> None:
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
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
        self.server.get_mount_points().add_factory(path, factory)

    def run(self) -> None:
        if self.server.attach(None) == 0:
            sys.exit("cannot listen")
        sys.stdout.write(f"{self.server.get_bound_port()}\n")
        sys.stdout.flush()
        GLib.MainLoop().run()


def main() -> None:
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = Server(wanted["port"])
    if wanted["auth"] != "none":
        server.protect(wanted["auth"], wanted["username"], wanted["password"])
    for path, pipeline in wanted["mounts"].items():
        server.mount(path, pipeline, protected=wanted["auth"] != "none")
    server.run()


if __name__ == "__main__":
    main()
