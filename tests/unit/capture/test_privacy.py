"""Privacy masks: painted over, and nothing else touched."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from edge.capture.gate import Gate
from edge.capture.privacy import GREY, PrivacyPainter
from edge.model.scene import Frame, Picture, Plane
from edge.settings import AnalysisSettings, ChannelSettings, DemoSettings, SourceSettings
from tests.support.masks import CONCAVE, POLYGONS, SIZES, Polygon, privacy, stars, touched


def _frame(columns: int, rows: int) -> Frame:
    """Return a frame with no grey in it, its planes views with a stride into a buffer that may not be written to."""
    random = np.random.default_rng(columns * 1000 + rows)

    def plane(width: int, height: int) -> Plane:
        buffer = random.choice(np.array([20, 60, 200, 240], np.uint8), (height, width + 13))
        buffer.setflags(write=False)
        return buffer[:, :width]

    half = ((columns + 1) // 2, (rows + 1) // 2)
    return Frame("c", 4, 5, 6.0, Picture(plane(columns, rows), plane(*half), plane(*half)))


@settings(max_examples=30, deadline=None)
@given(stars(), SIZES)
def test_nothing_of_the_original_is_left_within_and_all_of_it_outside(polygon: Polygon, size: tuple[int, int]) -> None:
    frame = _frame(*size)
    painted = PrivacyPainter(privacy(polygon)).painted(frame)
    hidden = touched(polygon, *size, fine=3)
    assert (painted.picture.y[hidden] == GREY).all()
    rows, columns = np.nonzero(hidden)
    for before, plane in ((frame.picture.u, painted.picture.u), (frame.picture.v, painted.picture.v)):
        assert (plane[rows // 2, columns // 2] == GREY).all()
        assert ((plane == before) | (plane == GREY)).all()
    assert ((painted.picture.y == frame.picture.y) | (painted.picture.y == GREY)).all()
    assert np.count_nonzero(painted.picture.y == GREY) <= _most(polygon, size)


def _most(polygon: Polygon, size: tuple[int, int]) -> float:
    """Return the polygon's area in pixels, and a generous seam of two pixels along its sides."""
    corners = np.array(polygon) * size
    follows = np.roll(corners, -1, axis=0)
    area = abs(float((corners[:, 0] * follows[:, 1] - corners[:, 1] * follows[:, 0]).sum())) / 2
    return area + float((2 * np.hypot(*(follows - corners).T) + 4).sum())


def test_every_size_is_painted_anew_and_time_and_range_stay() -> None:
    painter = PrivacyPainter(privacy(CONCAVE, POLYGONS["strip"]))
    for size in ((64, 48), (33, 17), (64, 48), (31, 48)):
        painted = painter.painted(_frame(*size))
        assert painted.picture.y.shape == size[::-1]
        assert (painted.picture.y[touched(CONCAVE, *size, fine=2)] == GREY).all()
        assert (painted.sequence, painted.time_us, painted.stream_s) == (4, 5, 6.0)
        assert not painted.picture.full_range


def test_without_a_privacy_mask_the_very_same_frame_goes_on() -> None:
    frame = _frame(64, 48)
    channel = ChannelSettings(name="c", source=SourceSettings(demo=DemoSettings()))
    assert Gate(channel).admit(frame) is frame


def test_what_passes_the_gate_is_painted_and_thinned() -> None:
    channel = ChannelSettings(
        name="c",
        source=SourceSettings(demo=DemoSettings()),
        analysis=AnalysisSettings(fps=5),
        masks=privacy(POLYGONS["whole"]),
    )
    gate, plain = Gate(channel), _frame(64, 48).picture
    admitted = [gate.admit(Frame("c", number, 0, number / 10, plain)) for number in range(20)]
    seen = [frame for frame in admitted if frame is not None]
    assert len(seen) == 10
    assert all((plane == GREY).all() for frame in seen for plane in (frame.picture.y, frame.picture.u, frame.picture.v))


class Twice:
    """A larger picture, counted as it is fetched."""

    size = (64, 48)

    def __init__(self) -> None:
        self.fetched = 0

    def picture(self) -> Picture:
        self.fetched += 1
        return _frame(*self.size).picture


def test_the_larger_picture_is_painted_too_and_only_where_it_is_wanted() -> None:
    larger = Twice()
    polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
    frame = replace(_frame(32, 24), larger=larger)
    painted = PrivacyPainter(privacy(polygon)).painted(frame)
    assert larger.fetched == 0
    assert painted.size == (64, 48)
    assert (painted.shown().y[:24, :32] == GREY).all()
    assert (painted.picture.y[:12, :16] == GREY).all()
    assert not (painted.shown().y[25:, 33:] == GREY).any()
    assert painted.shown() is painted.shown()
    assert larger.fetched == 1
    assert PrivacyPainter(()).painted(frame).larger is larger
