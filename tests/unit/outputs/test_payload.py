import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.capture.source import CameraStatus
from edge.health import ChannelHealth
from edge.model.calibration import Calibration, Ruler, RulerSource
from edge.model.event import Direction, Event, EventType, StoredEvent
from edge.model.geometry import Point
from edge.model.scene import Origin
from edge.outputs.channel_payload import channel_json, channel_state, without_credentials
from edge.outputs.payload import (
    event_bytes,
    event_json,
    json_bytes,
    local_time,
    stream_seconds,
    utc_time,
)
from edge.settings import (
    CalibrationRuler,
    ChannelSettings,
    CsiSettings,
    DemoSettings,
    FileSettings,
    HttpSettings,
    LineSettings,
    OnvifSettings,
    RtspSettings,
    SourceSettings,
    UsbSettings,
    ZoneSettings,
)

BERLIN = ZoneInfo("Europe/Berlin")
WIRE_KEYS = [
    "event_id",
    "type",
    "time",
    "timestamp",
    "channel_id",
    "channel_name",
    "object_id",
    "origin",
    "rule_id",
    "rule_name",
    "snapshot_path",
    "recording_path",
    "video_file_name",
    "video_file_time",
]
SAMPLE = StoredEvent(
    72,
    Event(
        EventType.MOTION_ON,
        "ddbbe807-8560-4bc7-b04b-4b3b04c69339",
        "Integrated Camera",
        int(datetime(2022, 1, 19, 15, 22, 25, 433000, UTC).timestamp() * 1_000_000),
        1.877,
        1,
        Origin.PEDESTRIAN,
        "ab68d96d-b1a6-4b94-8092-3ece52cf707d",
        "Motion detection",
    ),
)


def test_the_published_sample_comes_out_key_by_key() -> None:
    body = event_json(SAMPLE, BERLIN)
    assert list(body)[:14] == WIRE_KEYS
    assert list(body.values())[:14] == [
        72,
        "MotionInRegionOn",
        "2022-01-19T16:22:25.4330000",
        "1.877",
        "ddbbe807-8560-4bc7-b04b-4b3b04c69339",
        "Integrated Camera",
        "1",
        "Pedestrian",
        "ab68d96d-b1a6-4b94-8092-3ece52cf707d",
        "Motion detection",
        "",
        "",
        "",
        "",
    ]
    assert {key: body[key] for key in list(body)[14:]} == {
        "time_utc": "2022-01-19T15:22:25.4330000Z",
        "clock_synced": True,
    }


def test_an_event_without_rule_and_object_has_no_null() -> None:
    body = event_json(StoredEvent(1, Event(EventType.DISCONNECTED, "c", "C", 0, 0.0)), UTC)
    assert (body["rule_id"], body["rule_name"], body["object_id"], body["origin"]) == ("-1", "", "-1", "Unknown")
    assert None not in body.values()


def test_additions_stand_where_they_apply() -> None:
    event = replace(
        SAMPLE.event,
        direction=Direction.A_TO_B,
        dwell_seconds=12.3456,
        count=0,
        reason="dark",
        confidence=0.87654,
        label="cat",
    )
    body = event_json(replace(SAMPLE, event=event, clock_synced=False, true_time_us=0, snapshot_path="/p.jpg"), UTC)
    assert {key: body[key] for key in list(body)[14:]} == {
        "time_utc": "2022-01-19T15:22:25.4330000Z",
        "clock_synced": False,
        "direction": "a_to_b",
        "dwell_seconds": 12.346,
        "count": 0,
        "reason": "dark",
        "confidence": 0.877,
        "label": "cat",
        "true_time": "1970-01-01T00:00:00.0000000",
    }
    assert body["snapshot_path"] == "/p.jpg"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(18.0, "18"), (1.877, "1.877"), (0.0, "0"), (-0.0, "0"), (0.1, "0.1"), (100.0, "100"), (2.0004, "2")],
)
def test_stream_seconds_have_no_trailing_zeros(seconds: float, text: str) -> None:
    assert stream_seconds(seconds) == text


def test_both_passes_of_the_doubled_hour_read_the_same_locally_and_differ_in_utc() -> None:
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * 1_000_000
    second = first + 3600 * 1_000_000
    assert local_time(first, BERLIN) == local_time(second, BERLIN) == "2026-10-25T02:30:00.0000000"
    assert utc_time(first) == "2026-10-25T00:30:00.0000000Z"
    assert utc_time(second) == "2026-10-25T01:30:00.0000000Z"


def test_bytes_are_compact_utf_8_and_survive_any_name() -> None:
    name = "Tür \u2028 \ud800 \x00"
    stored = replace(SAMPLE, event=replace(SAMPLE.event, channel_name=name))
    assert json.loads(event_bytes(stored, UTC))["channel_name"] == "Tür \u2028 ? \x00"
    assert json_bytes({"a": [1, None]}) == b'{"a":[1,null]}'


CHANNEL = ChannelSettings(name="Gate", id="c/1", source=SourceSettings(demo=DemoSettings()))
SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("source", "kind", "uri"),
    [
        (
            SourceSettings(rtsp=RtspSettings(url="rtsp://10.0.0.1/a", username="u", password=SECRET)),
            "Rtsp",
            "rtsp://10.0.0.1/a",
        ),
        (SourceSettings(rtsp=RtspSettings(url=f"rtsp://u:{SECRET}@cam:554/a")), "Rtsp", "rtsp://cam:554/a"),
        (
            SourceSettings(onvif=OnvifSettings(host="cam", username="u", password=SECRET)),
            "Onvif",
            "http://cam:80/onvif/device_service",
        ),
        (SourceSettings(file=FileSettings(path="/clips/a.mp4")), "File", "/clips/a.mp4"),
        (
            SourceSettings(http=HttpSettings(url=f"http://cam/snap.jpg?user=u&pwd={SECRET}&ch=1")),
            "Http",
            "http://cam/snap.jpg?ch=1",
        ),
        (SourceSettings(csi=CsiSettings()), "Csi", ""),
        (SourceSettings(usb=UsbSettings()), "Usb", ""),
        (SourceSettings(demo=DemoSettings()), "Demo", ""),
    ],
    ids=["rtsp", "rtsp with credentials", "onvif", "file", "http", "csi", "usb", "demo"],
)
def test_channel_by_source(source: SourceSettings, kind: str, uri: str) -> None:
    body = channel_json(replace(CHANNEL, source=source), ChannelHealth(status="ok", width=640, height=360, fps=9.98))
    assert list(body)[:9] == [
        "channel_id",
        "name",
        "type",
        "stream_uri",
        "uri",
        "login",
        "password",
        "profile_name",
        "profile_token",
    ]
    assert (body["type"], body["uri"], body["stream_uri"]) == (kind, uri, uri or "/v1/mjpeg/c%2F1")
    assert body["login"] is None
    assert body["password"] is None
    assert (body["status"], body["width"], body["height"], body["fps"]) == ("ok", 640, 360, 10.0)
    assert body["snapshot_uri"] == "/v1/channels/c%2F1/snapshot.jpg"
    assert SECRET not in json.dumps(body)


def test_the_stream_that_was_chosen_is_told() -> None:
    body = channel_json(CHANNEL, ChannelHealth(profile_name="Sub", profile_token="p2"))
    assert (body["profile_name"], body["profile_token"]) == ("Sub", "p2")


@pytest.mark.parametrize("status", [CameraStatus.STARTING, CameraStatus.ENDED, CameraStatus.DISABLED])
def test_a_state_that_nobody_says_more_of_has_a_sentence_all_the_same(status: CameraStatus) -> None:
    word, sentence = channel_state(CHANNEL, ChannelHealth(status=status.value))
    assert (word, len(sentence) > 10) == (status.value, True)
    assert channel_json(CHANNEL, ChannelHealth(status=status.value))["detail"] == sentence


def test_what_is_said_of_a_state_is_told_beside_it() -> None:
    lost = ChannelHealth(status="unreachable", detail="nobody answers: is it plugged in?")
    body = channel_json(CHANNEL, lost)
    assert (body["status"], body["detail"]) == ("unreachable", lost.detail)
    assert channel_state(CHANNEL, ChannelHealth(status="ok")) == ("ok", "")
    assert channel_state(replace(CHANNEL, enabled=False), ChannelHealth(status="ok"))[0] == "disabled"


def test_figures_of_its_health_stand_apart_and_none_is_null() -> None:
    assert channel_json(CHANNEL, ChannelHealth(), 50.0)["health"] == {
        "wanted_fps": CHANNEL.analysis.fps,
        "analysed_fps": 0.0,
        "left_out": 0,
        "decode_errors": 0,
        "reconnects": 0,
        "bytes_per_s": 0,
    }
    health = ChannelHealth(
        analysed_fps=4.97, dropped=3, skipped=4, decode_errors=2, reconnects=1, bytes_per_s=52_500, last_frame_s=46.6
    )
    assert channel_json(CHANNEL, health, 50.0)["health"] == {
        "wanted_fps": CHANNEL.analysis.fps,
        "analysed_fps": 5.0,
        "left_out": 7,
        "decode_errors": 2,
        "reconnects": 1,
        "bytes_per_s": 52_500,
        "picture_age_s": 3,
    }


def test_a_channel_that_is_off_says_so() -> None:
    body = channel_json(replace(CHANNEL, enabled=False), ChannelHealth())
    assert (body["enabled"], body["status"]) == (False, "disabled")


def test_rules_are_listed_with_their_kind_and_corners() -> None:
    rules = (
        LineSettings(line="Door", id="l", points=((0.1, 0.2), (0.3, 0.4)), direction="a_to_b"),
        ZoneSettings(zone="Yard", id="z", enabled=False, polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))),
    )
    assert channel_json(replace(CHANNEL, rules=rules), ChannelHealth())["rules"] == [
        {
            "rule_id": "l",
            "rule_name": "Door",
            "kind": "line",
            "enabled": True,
            "points": [[0.1, 0.2], [0.3, 0.4]],
            "direction": "a_to_b",
        },
        {
            "rule_id": "z",
            "rule_name": "Yard",
            "kind": "zone",
            "enabled": False,
            "points": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]],
            "join_leave": False,
        },
    ]


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("rtsp://u:p@h/x?channel=1&subtype=0", "rtsp://h/x?channel=1&subtype=0"),
        ("rtsp://u:p@w@h:554/x", "rtsp://h:554/x"),
        ("rtsp://h/x?user=u&password=p&channel=1", "rtsp://h/x?channel=1"),
        ("rtsp://[::1]:554/x", "rtsp://[::1]:554/x"),
        ("rtsp://[::1/x", ""),
    ],
)
def test_addresses_lose_their_credentials(url: str, bare: str) -> None:
    assert without_credentials(url) == bare


def test_a_channel_says_how_tall_people_are_and_where_it_knows_that_from() -> None:
    plain = ChannelSettings(name="C", id="c", source=SourceSettings(demo=DemoSettings()))
    nothing = {"source": "none", "sure": 0.0, "people": 0, "in_use": False, "rulers": []}
    assert channel_json(plain, ChannelHealth())["calibration"] == nothing
    learned = Calibration(RulerSource.LEARNED, 0.72, 9, (Ruler(Point(0.51234, 0.8), 0.14159),))
    assert channel_json(plain, ChannelHealth(calibration=learned))["calibration"] == {
        "source": "learned",
        "sure": 0.72,
        "people": 9,
        "in_use": True,
        "rulers": [{"foot": [0.512, 0.8], "height": 0.142}],
    }
    given = replace(plain, calibration=(CalibrationRuler(foot=(0.5, 0.9), height=0.35),))
    assert channel_json(given, ChannelHealth())["calibration"] == {
        "source": "settings",
        "sure": 1.0,
        "people": 0,
        "in_use": True,
        "rulers": [{"foot": [0.5, 0.9], "height": 0.35}],
    }
