from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from edge.health import BrokerHealth, ProgramHealth, WorkerHealth
from edge.outputs.rest.metric import Family, render
from edge.settings import ApiSettings
from tests.support.calls import call
from tests.support.device import crossing, door_channel
from tests.support.rest import CHANNEL, Device, serving

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Return what Prometheus's own parser reads."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def named(found: Samples, name: str, **labels: str) -> list[float]:
    return [value for (each, given), value in found.items() if each == name and labels.items() <= dict(given).items()]


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel('A "wide"\\\nname')]) as made:
        yield made


def scraped(device: Device) -> Samples:
    answer = call(device.port, "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples(answer.body.decode())


def test_channels_by_name_and_id(device: Device) -> None:
    device.context.health.set_channel(CHANNEL, status="ok", frames=100, analysed=50, dropped=7, reconnects=2, fps=9.5)
    found = scraped(device)
    labels = {"channel_id": CHANNEL, "channel": 'A "wide"\\\nname'}
    assert named(found, "edge_channel_frames_total", **labels) == [100]
    assert named(found, "edge_channel_analysed_total", **labels) == [50]
    assert named(found, "edge_channel_dropped_total", **labels) == [7]
    assert named(found, "edge_channel_reconnects_total", **labels) == [2]
    assert named(found, "edge_channel_fps", **labels) == [9.5]
    assert named(found, "edge_channel_status", status="ok", **labels) == [1]


def test_the_health_of_a_channel(device: Device) -> None:
    assert named(scraped(device), "edge_channel_picture_age_seconds") == []
    now_s = device.context.clock.monotonic_s()
    device.context.health.set_channel(
        CHANNEL,
        status="ok",
        skipped=4,
        decode_errors=2,
        received_bytes=123_456,
        analysed_fps=4.5,
        last_frame_s=now_s - 7,
    )
    device.context.health.set_notice("load", "the board is too slow")
    found = scraped(device)
    assert named(found, "edge_channel_skipped_total", channel_id=CHANNEL) == [4]
    assert named(found, "edge_channel_decode_errors_total", channel_id=CHANNEL) == [2]
    assert named(found, "edge_channel_received_bytes_total", channel_id=CHANNEL) == [123_456]
    assert named(found, "edge_channel_wanted_fps", channel_id=CHANNEL) == [10]
    assert named(found, "edge_channel_analysed_fps", channel_id=CHANNEL) == [4.5]
    assert named(found, "edge_channel_picture_age_seconds", channel_id=CHANNEL)[0] >= 7
    assert named(found, "edge_notice", notice="load") == [1]
    assert named(found, "edge_healthy") == [1]


def test_the_broker_while_there_is_one(device: Device) -> None:
    assert not any("mqtt" in name for name, _ in scraped(device))
    device.context.health.set_broker(BrokerHealth(connected=True, behind=3, published=7, refused=1))
    found = scraped(device)
    figures = ("connected", "behind", "published_total", "refused_total")
    assert [named(found, f"edge_mqtt_{figure}") for figure in figures] == [[1], [3], [7], [1]]


def test_programs_by_number(device: Device) -> None:
    device.context.health.set_program(
        2, ProgramHealth(command="on-event", well=7, timed_out=1, passed_over=3, waiting=4)
    )
    found = scraped(device)
    labels = {"program": "2", "command": "on-event"}
    assert named(found, "edge_program_runs_total", end="well", **labels) == [7]
    assert named(found, "edge_program_runs_total", end="timed_out", **labels) == [1]
    assert named(found, "edge_program_passed_over_total", **labels) == [3]
    assert named(found, "edge_program_waiting", **labels) == [4]


def test_events_by_type_grow(device: Device) -> None:
    device.commit(crossing())
    assert named(scraped(device), "edge_events_total") == []
    device.commit(crossing(), crossing())
    found = scraped(device)
    assert named(found, "edge_events_total", channel_id=CHANNEL, type="TripwireCrossed") == [2]
    assert named(found, "edge_last_event_id") == [3]


def test_workers_and_faults(device: Device) -> None:
    health = device.context.health
    health.set_worker("store", WorkerHealth(running=True))
    health.set_worker("rest", WorkerHealth(running=False, restarts=3))
    health.raise_flag("disk", "free some space")
    found = scraped(device)
    assert named(found, "edge_worker_running", worker="store") == [1]
    assert named(found, "edge_worker_running", worker="rest") == [0]
    assert named(found, "edge_worker_restarts_total", worker="rest") == [3]
    assert named(found, "edge_fault", fault="disk") == [1]
    assert named(found, "edge_healthy") == [0]


def test_the_program_itself(device: Device, tmp_path: Path) -> None:
    device.settings.append(replace(device.settings[-1], state_dir=str(tmp_path)))
    found = scraped(device)
    assert named(found, "process_resident_memory_bytes")[0] > 10_000_000
    assert named(found, "process_cpu_seconds_total")[0] > 0
    assert named(found, "process_start_time_seconds")[0] > 1_500_000_000
    assert named(found, "edge_store_bytes")[0] > 0
    assert named(found, "edge_waiting_clients") == [0]
    assert named(found, "edge_build_info") == [1]


def test_they_need_a_token_where_everything_does(device: Device) -> None:
    api = ApiSettings(host="127.0.0.1", port=0, auth="all")
    device.settings.append(replace(device.settings[-1], api=api))
    token = device.context.tokens.create("scraper")
    assert call(device.port, "/metrics").status == 401
    assert call(device.port, "/metrics", headers={"Authorization": f"Bearer {token}"}).status == 200


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), st.floats(allow_nan=False))
def test_any_label_and_value_is_read_back(label: str, value: float) -> None:
    text = render([Family("edge_test", "gauge", "A text\nwith a \\ in it.", [({"name": label}, value)])]).decode()
    assert samples(text) == {("edge_test", frozenset({("name", label)})): value}
