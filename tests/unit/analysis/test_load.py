"""When the board is said to be too slow, and in which words."""

from collections.abc import Sequence

from edge.analysis.load import CLEAR_S, FLOOR_FPS, FOR_S, Load, LoadJudge, Share, in_words


def shares(*got: float, wanted: float = 10.0) -> list[Share]:
    return [Share(f"Camera {number}", wanted, rate) for number, rate in enumerate(got, 1)]


def judged(judge: LoadJudge, begins_s: int, seconds: float, found: Sequence[Share]) -> list[Load]:
    """Return what is said each second, repetitions left out."""
    said: list[Load] = []
    for second in range(round(seconds)):
        load = judge.judge(begins_s + second, found)
        if not said or said[-1] is not load:
            said.append(load)
    return said


def test_a_moment_is_not_said_and_what_lasts_is_said_once() -> None:
    judge = LoadJudge()
    assert judged(judge, 0, FOR_S - 2, shares(3, 3)) == [Load.CARRIED]
    assert judged(judge, 100, 5, shares(10, 10)) == [Load.CARRIED]
    assert judged(judge, 200, 300, shares(5, 5)) == [Load.CARRIED, Load.SHORT]


def test_it_does_not_flap() -> None:
    judge = LoadJudge()
    judged(judge, 0, FOR_S + 2, shares(5, 5))
    swings = [
        judge.judge(100 + second, shares(*([9.9] * 2 if second % 30 < 20 else [7.0] * 2))) for second in range(600)
    ]
    assert set(swings) == {Load.SHORT}
    assert judged(judge, 1000, CLEAR_S - 2, shares(9.5, 9.5)) == [Load.SHORT]
    assert judged(judge, 1060, 5, shares(9.5, 9.5)) == [Load.CARRIED]


def test_below_the_floor_is_worse_and_comes_back_to_short() -> None:
    judge = LoadJudge()
    assert judged(judge, 0, 60, shares(FLOOR_FPS - 0.5, 5)) == [Load.CARRIED, Load.BELOW_FLOOR]
    assert judged(judge, 60, 200, shares(5, 5)) == [Load.BELOW_FLOOR, Load.SHORT]


def test_a_camera_that_gives_little_is_no_load() -> None:
    assert judged(LoadJudge(), 0, 60, shares(1.0, wanted=1.0)) == [Load.CARRIED]
    assert judged(LoadJudge(), 0, 60, shares(0.0, wanted=0.0)) == [Load.CARRIED]
    assert judged(LoadJudge(), 0, 60, []) == [Load.CARRIED]


def test_words_say_how_much_and_what_to_do() -> None:
    assert in_words(Load.SHORT, shares(*[3.1] * 8)) == (
        "about 3 of 10 pictures a second are analysed: the board is too slow for 8 cameras; "
        "use smaller streams, or lower analysis.fps"
    )
    assert in_words(Load.SHORT, shares(10, 4.6)) == (
        "Camera 2: about 4.5 of 10 pictures a second are analysed: the board is too slow for its stream; "
        "use a smaller stream, or lower analysis.fps"
    )
    assert in_words(Load.BELOW_FLOOR, shares(1.2)).endswith(
        "the board is too slow for this camera; use a smaller stream, or lower analysis.fps; "
        f"under {FLOOR_FPS:g} a second events are missed"
    )
    assert in_words(Load.CARRIED, shares(3)) == ""
