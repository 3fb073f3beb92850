import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.mailbox import Mailboxes
from edge.model.scene import Frame, Picture

_PLANE = np.zeros((2, 2), np.uint8)
_PICTURE = Picture(_PLANE, _PLANE, _PLANE)
moves = st.lists(st.sampled_from(["a", "b", "c", "take"]), max_size=80)


def frame(channel_id: str, sequence: int) -> Frame:
    return Frame(channel_id, sequence, 0, 0.0, _PICTURE)


@given(moves)
def test_every_frame_is_taken_or_dropped_or_still_there_and_only_the_newest_is_taken(steps: list[str]) -> None:
    boxes = Mailboxes()
    put = dict.fromkeys("abc", 0)
    taken: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    for step in steps:
        if step == "take":
            got = boxes.take(0.0)
            if got is not None:
                assert got.sequence == put[got.channel_id]
                taken[got.channel_id].append(got.sequence)
        else:
            put[step] += 1
            boxes.put(frame(step, put[step]))
    for channel_id in "abc":
        waiting = put[channel_id] > (taken[channel_id][-1] if taken[channel_id] else 0)
        assert put[channel_id] == len(taken[channel_id]) + boxes.drops(channel_id) + waiting


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_channels_are_served_in_turn(order: list[str]) -> None:
    boxes = Mailboxes()
    for i, channel_id in enumerate(order):
        boxes.put(frame(channel_id, i))
    first_seen = list(dict.fromkeys(order))
    got = [boxes.take(0.0) for _ in first_seen]
    assert [item.channel_id for item in got if item] == first_seen
    assert boxes.take(0.0) is None


def test_a_busy_channel_does_not_starve_another() -> None:
    boxes = Mailboxes()
    boxes.put(frame("busy", 0))
    boxes.put(frame("calm", 0))
    turns = []
    for i in range(4):
        got = boxes.take(0.0)
        assert got is not None
        turns.append(got.channel_id)
        boxes.put(frame("busy", i + 1))
        boxes.put(frame("calm", i + 1))
    assert turns == ["busy", "calm", "busy", "calm"]


def test_lockstep_loses_nothing() -> None:
    boxes = Mailboxes()
    stop = threading.Event()
    writer = threading.Thread(target=lambda: [boxes.put_wait(frame("a", i), stop) for i in range(200)])
    writer.start()
    got = [boxes.take(10.0) for _ in range(200)]
    writer.join(10)
    assert [item.sequence for item in got if item] == list(range(200))
    assert boxes.drops("a") == 0


def test_lockstep_gives_up_on_stop_and_on_time() -> None:
    boxes = Mailboxes()
    stop = threading.Event()
    assert boxes.put_wait(frame("a", 1), stop, 0.0)
    assert not boxes.put_wait(frame("a", 2), stop, 0.05)
    assert not boxes.wait_done("a", stop, 0.05)
    stop.set()
    assert not boxes.put_wait(frame("a", 2), stop)
    got = boxes.take(0.0)
    assert got is not None
    assert got.sequence == 1


def taken(boxes: Mailboxes) -> tuple[str, int]:
    got = boxes.take(0.0)
    assert got is not None
    return got.channel_id, got.sequence


def test_a_frame_is_done_with_once_the_next_is_asked_for() -> None:
    """Who tells that a camera is lost waits for that, else its last frame would begin a stream that nobody ends."""
    boxes, stop = Mailboxes(), threading.Event()
    waited: list[bool] = []
    waits = threading.Thread(target=lambda: waited.append(boxes.wait_done("b", stop, 20)))
    boxes.put(frame("a", 1))
    boxes.put(frame("b", 1))
    assert taken(boxes) == ("a", 1)
    assert not boxes.wait_done("a", stop, 0.05)
    assert not boxes.wait_done("b", stop, 0.05)
    assert boxes.put_wait(frame("a", 2), stop, 0.0)
    waits.start()
    assert taken(boxes) == ("b", 1)
    assert taken(boxes) == ("a", 2)
    waits.join(20)
    assert waited == [True]
    assert boxes.take(0.0) is None
    assert boxes.wait_done("a", stop, 0.0)


def test_a_removed_channel_leaves_nothing() -> None:
    boxes = Mailboxes()
    for i in range(3):
        boxes.put(frame("a", i))
        boxes.put(frame("b", i))
    boxes.remove("a")
    assert boxes.drops("a") == 0
    got = boxes.take(0.0)
    assert got is not None
    assert got.channel_id == "b"
    assert boxes.take(0.0) is None
    boxes.remove("never there")
