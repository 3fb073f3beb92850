"""What a camera says of its exposure, and what it excuses."""

import numpy as np
import pytest

from edge.detect.exposures import Exposures
from edge.detect.view import ViewWatch
from edge.model.exposure import Exposure
from edge.model.scene import Picture, Plane, ViewFault

FPS = 5
WARM_S = 20.0


def exposed(stops: float) -> Exposure:
    return Exposure(1000.0, 2.0**stops)


def watch_of(stops: list[float]) -> tuple[Exposures, list[bool]]:
    """Return who has watched, and when the camera was setting its exposure."""
    watch, setting = Exposures(), []
    for number, each in enumerate(stops):
        watch.add(exposed(each), number / FPS)
        setting.append(watch.sets(number / FPS))
    return watch, setting


def test_a_camera_at_rest_is_not_setting_anything() -> None:
    watch, setting = watch_of([3.0 + 0.1 * (number % 2) for number in range(100)])
    assert not any(setting)
    assert not watch.switched(20.0, 60.0)


def test_a_step_excuses_for_as_long_as_it_takes() -> None:
    _, setting = watch_of([3.0] * 25 + [3.5, 4.0, 4.5, 5.0] + [5.0] * 25)
    assert not any(setting[:25])
    assert all(setting[25:32])
    assert not any(setting[33:])


def test_dusk_is_no_step() -> None:
    watch, setting = watch_of([number / FPS / 60.0 for number in range(600 * FPS)])
    assert not any(setting)
    assert not watch.switched(600.0, 60.0)


def test_steps_for_ever_excuse_nothing_for_ever() -> None:
    _, setting = watch_of([3.0 + number % 2 for number in range(60 * FPS)])
    assert sum(setting) <= 5 * FPS


@pytest.mark.parametrize(("stops", "switched"), [(2.0, False), (3.5, True), (-3.5, True)])
def test_day_and_night_are_three_stops_apart(stops: float, *, switched: bool) -> None:
    watch, _ = watch_of([5.0] * 50 + [5.0 + stops] * 50)
    assert watch.switched(20.0, 15.0) is switched
    assert not watch.switched(120.0, 60.0)


def test_a_camera_that_says_nothing_is_judged_as_ever() -> None:
    watch = Exposures()
    for number in range(50):
        watch.add(None, number / FPS)
        watch.add(Exposure(0.0, 1.0), number / FPS)
    assert not watch.sets(10.0)
    assert not watch.switched(10.0, 60.0)


def picture(level: float = 1.0, blur: int = 1) -> Picture:
    random = np.random.default_rng(5)
    cells = random.uniform(40, 200, (24, 32)).repeat(10, 0).repeat(10, 1)
    fine = cells + random.normal(0, 12, cells.shape)
    if blur > 1:
        kernel = np.ones(blur) / blur
        for axis in (0, 1):
            fine = np.apply_along_axis(lambda row: np.convolve(row, kernel, "same"), axis, fine)
    luma: Plane = np.clip(fine * level, 16, 235).astype(np.uint8)
    hue: Plane = np.full((120, 160), 140, np.uint8)
    return Picture(luma, hue, hue)


BRIGHT, BLURRED, BLACK = picture(6.0), picture(blur=9), picture(0.0)


def faults(spoilt: Picture, stops: list[float]) -> set[ViewFault | None]:
    """Return what is told of pictures that are spoilt after a time in which all was well; None where nothing is."""
    watch, normal = ViewWatch(), picture()
    for number in range(round(WARM_S * FPS)):
        watch.look(normal, number / FPS, exposed(3.0))
    told = set()
    for number, each in enumerate(stops):
        view = watch.look(spoilt, WARM_S + number / FPS, exposed(each))
        told.add(view.fault if view.settled else None)
    return told


def test_too_much_light_is_excused_while_the_exposure_follows() -> None:
    following = [2.6 - 0.4 * number for number in range(15)]
    assert faults(BRIGHT, following) == {None}
    assert ViewFault.BRIGHT in faults(BRIGHT, [3.0] * 15)
    assert ViewFault.BRIGHT in faults(BRIGHT, following + [-3.0] * 15)


def test_a_lens_that_is_covered_black_is_told_although_the_camera_opens_up() -> None:
    opening = [3.0 + min(6.0, 0.4 * number) for number in range(6 * FPS)]
    assert ViewFault.DARK in faults(BLACK, opening)


def test_noise_that_blurs_at_night_is_excused_and_a_bag_is_not() -> None:
    assert ViewFault.BLURRED in faults(BLURRED, [3.0] * 20)
    assert ViewFault.BLURRED in faults(BLURRED, [5.0] * 20)
    assert ViewFault.BLURRED not in faults(BLURRED, [6.5] * 20)
