"""Which packets of a stream are decoded, where decoding keeps up and where it does not."""

from hypothesis import given
from hypothesis import strategies as st

from edge.capture.keys import BEHIND_S, PATIENCE_S, Chooser

FPS, GOP = 10, 20


def play(chooser: Chooser, seconds: float, decode_s: float) -> list[float]:
    """Read a stream as one thread does; return how old each picture is when its decoding begins.

    A picture comes each tenth of a second, a key frame every two; leaving one out costs nothing, decoding `decode_s`.
    """
    ages, now_s = [], 0.0
    for number in range(round(seconds * FPS)):
        came_s = number / FPS
        now_s = max(now_s, came_s)
        if chooser.wants(key=number % GOP == 0, waited_s=now_s - came_s, now_s=now_s):
            ages.append(now_s - came_s)
            now_s += decode_s
    return ages


def test_who_keeps_up_decodes_everything() -> None:
    chooser = Chooser()
    assert len(play(chooser, 60, 0.09)) == 600
    assert chooser.skipped == 0


@given(st.floats(0.11, 1.5))
def test_who_does_not_never_decodes_what_is_old_and_never_stops(decode_s: float) -> None:
    chooser = Chooser()
    ages = play(chooser, 120, decode_s)
    assert len(ages) + chooser.skipped == 1200
    assert max(ages) <= BEHIND_S + PATIENCE_S + 2 * decode_s
    assert len(ages) >= 120 / 8 / max(1.0, decode_s)


def test_most_of_the_time_is_used() -> None:
    assert len(play(Chooser(), 120, 0.15)) > 0.5 * 120 / 0.15


def test_a_rest_of_the_machine_is_made_up_for() -> None:
    chooser, now_s = Chooser(), 0.0
    for number in range(300):
        now_s = max(now_s, 12.0 if 100 <= number < 120 else number / FPS)  # for two seconds nobody decodes
        assert chooser.wants(key=number % GOP == 0, waited_s=now_s - number / FPS, now_s=now_s)
        now_s += 0.01


def test_without_any_key_frame_decoding_goes_on_after_a_while() -> None:
    chooser = Chooser()
    waits = [2.0 if 100 < number < 110 else 0.0 for number in range(400)]
    decoded = [n for n, wait in enumerate(waits) if chooser.wants(key=False, waited_s=wait, now_s=n / FPS)]
    assert decoded[-1] == 399
    assert 100 <= chooser.skipped <= 150


def test_at_rest_a_key_frame_a_second_at_most_and_from_the_next_on_all() -> None:
    chooser = Chooser()
    chooser.keys_only = True
    rested = [n for n in range(10, 100) if chooser.wants(key=n % 5 == 0, waited_s=0.0, now_s=n / FPS)]
    assert rested == list(range(10, 100, 10))
    chooser.keys_only = False
    again = [n for n in range(102, 120) if chooser.wants(key=n % 5 == 0, waited_s=0.0, now_s=n / FPS)]
    assert again == list(range(105, 120))
    assert chooser.skipped == 0
