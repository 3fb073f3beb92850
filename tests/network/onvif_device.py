"""The whole device with a camera that gets another address. Run by tests/integration/test_onvif_network.py."""

import json
from pathlib import Path

from tests.support.appliance import appliance, until
from tests.support.network import MOVED, SECOND
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video
from tests.support.rtsp_server import RtspServer, live

ENDPOINT = "urn:uuid:5f5a69c2-e0ae-504f-829b-000000000001"
CHANNELS = f"""
  - id: yard
    name: Yard
    source: {{onvif: {{host: {SECOND}, port: 8099, username: admin, password: secret}}}}
"""


def test_a_camera_that_moves_while_the_device_is_off(tmp_path: Path) -> None:
    for host in (SECOND, MOVED):
        videos = (Video("main", 1280, 720), Video("sub", 640, 360))
        with (
            RtspServer(mounts={"/sub": live(640, 360)}, host=host) as server,
            OnvifCamera(host=host, port=8099, endpoint=ENDPOINT, videos=videos, rtsp=(host, server.port)),
            appliance(tmp_path, CHANNELS) as device,
        ):
            device.serve()
            until("the camera is there", lambda: device.get("/v1/json/channels")[0]["status"] == "ok")
            (channel,) = device.get("/v1/json/channels")
            assert (channel["profile_name"], channel["profile_token"]) == ("sub stream", "sub")
            assert (channel["width"], channel["login"], channel["password"]) == (640, None, None)
            device.stop()
            said = device.log.read_text()
            assert "profile sub (sub stream), 640x360 H264, 10 fps" in said
            assert "secret" not in said
    assert "found again by its endpoint id" in said
    (kept,) = tmp_path.rglob("cameras.json")
    assert json.loads(kept.read_text()) == {f"yard {SECOND}": ENDPOINT}
