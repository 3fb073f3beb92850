"""The cursor never passes an event that is not acknowledged, whatever comes back in which order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.outputs.mqtt.feed import Feed
from edge.settings import ApiSettings
from edge.store.outbox import Outbox
from tests.support.rest import BERLIN, Device, demo_channel, device, event

EVENTS = 30


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Device]:
    with device(tmp_path, api=ApiSettings(), channels=[demo_channel()], zone=BERLIN) as made:
        yield made


def outbox_of(made: Device, folder: Path) -> Outbox:
    outbox = Outbox(folder, made.clock, health=made.context.health, newest_id=made.context.log.last_event_id)
    outbox.open()
    return outbox


def test_a_new_reader_begins_behind_what_is_there(made: Device, tmp_path: Path) -> None:
    made.commit(event(), event())
    outbox = outbox_of(made, tmp_path)
    feed = Feed(made.context.log, outbox)
    feed.begin()
    assert feed.read(10) == []
    made.commit(event())
    assert [stored.event_id for stored in feed.read(10)] == [3]
    assert outbox.cursor("mqtt") == 2
    outbox.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.data())
def test_the_cursor_stands_before_the_first_that_is_not_acknowledged(
    made: Device, tmp_path: Path, data: st.DataObject
) -> None:
    outbox = outbox_of(made, tmp_path)
    feed = Feed(made.context.log, outbox)
    first = made.context.log.last_event_id()
    outbox.move("mqtt", first)
    feed.begin()
    made.commit(*(event() for _ in range(EVENTS)))
    number, on_their_way, acknowledged = 0, {}, first
    for _ in range(data.draw(st.integers(1, 40))):
        match data.draw(st.sampled_from(["read", "acknowledge", "rewind"])):
            case "read":
                for stored in feed.read(data.draw(st.integers(0, 5))):
                    numbers = range(number, number + data.draw(st.integers(1, 2)))
                    number = numbers.stop
                    on_their_way[stored.event_id] = set(numbers)
                    feed.sent(stored.event_id, numbers)
            case "acknowledge" if waiting := sorted(each for some in on_their_way.values() for each in some):
                done = data.draw(st.sampled_from(waiting))
                feed.acknowledged(done)
                for some in on_their_way.values():
                    some.discard(done)
            case "rewind":
                feed.rewind()
                on_their_way.clear()
        while (acknowledged + 1) in on_their_way and not on_their_way[acknowledged + 1]:
            acknowledged += 1
            del on_their_way[acknowledged]
        feed.save(0.0, now=True)
        assert outbox.cursor("mqtt") == acknowledged
        assert feed.behind == first + EVENTS - acknowledged
    outbox.close()
