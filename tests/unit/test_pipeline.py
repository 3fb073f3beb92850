"""The pipeline: the order of events in a frame, and rules that change while it runs."""

import itertools
from datetime import UTC

from edge.model.event import FIRING_ORDER, Event, EventType
from edge.pipeline import in_firing_order
from edge.rules.table import make_rules
from tests.support.streets import block_channel, block_frame, build_blocks, middle_line

APPEAR, DISAPPEAR, CROSSED = EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR, EventType.TRIPWIRE_CROSSED


def test_events_of_a_frame_come_in_the_specified_order_and_by_object() -> None:
    kinds = itertools.product(reversed(FIRING_ORDER), (2, 1))
    events = [Event(kind, "c", "Camera", 0, 0.0, object_id) for kind, object_id in kinds]
    told = [(event.type, event.object_id) for event in in_firing_order(events)]
    assert told == list(itertools.product(FIRING_ORDER, (1, 2)))


def test_frames_give_appear_crossing_and_disappear() -> None:
    pipeline = build_blocks(block_channel(rules=[middle_line()]), 7)
    places = [0.2, 0.3, 0.4, 0.45, 0.55, 0.65, 0.7, 0.8, 0.9]
    frames = [block_frame(number, {3: place}) for number, place in enumerate(places)] + [block_frame(9, {})]
    events = [event for frame in frames for event in pipeline.process(frame).events]
    assert [(event.type, event.object_id) for event in events] == [(APPEAR, 7), (CROSSED, 7), (DISAPPEAR, 7)]
    assert events[1].time_us == block_frame(0, {}).time_us + round(events[1].stream_s * 1e6)
    assert pipeline.last_object_id == 7
    assert pipeline.close(frames[-1].time_us, frames[-1].stream_s) == ()


def test_close_tells_who_was_still_there() -> None:
    pipeline = build_blocks(block_channel(), 1)
    frame = block_frame(0, {3: 0.2, 4: 0.8})
    pipeline.process(frame)
    assert [(event.type, event.object_id) for event in pipeline.close(frame.time_us, 0.0)] == [
        (DISAPPEAR, 1),
        (DISAPPEAR, 2),
    ]


def test_a_rule_that_stays_keeps_its_memory_and_one_that_goes_is_closed() -> None:
    before = block_channel(rules=[middle_line()])
    pipeline = build_blocks(before, 1)
    for number, place in enumerate([0.3, 0.4, 0.55]):
        pipeline.process(block_frame(number, {3: place}))
    last = block_frame(2, {})
    more = block_channel(rules=[middle_line(), middle_line("Other")])
    assert pipeline.change_rules(more, make_rules(more, UTC), last.time_us, last.stream_s) == ()
    events = [event for n in (3, 4, 5) for event in pipeline.process(block_frame(n, {3: 0.55 + n / 30})).events]
    assert [(event.type, event.rule_name) for event in events] == [(CROSSED, "Middle")]
    quiet = block_channel(rules=[middle_line()], objects=False)
    closed = pipeline.change_rules(quiet, make_rules(quiet, UTC), last.time_us, last.stream_s)
    assert [event.type for event in closed] == [DISAPPEAR]
    assert pipeline.process(block_frame(6, {})).events == ()
