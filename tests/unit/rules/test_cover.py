"""What boxes cover of zones, and the paths that are shown, against plainer reckonings of them."""

from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Waypoint
from edge.model.geometry import Box
from edge.model.origin import Origin
from edge.model.scene import Scene, Sighting, Track
from edge.rules.anchor import AnchorKind, anchor
from edge.rules.cover import Covers
from edge.rules.grounds import Grounds
from edge.rules.walks import Walks
from edge.settings import ZoneSettings

ASPECT = 16 / 9
KINDS: tuple[AnchorKind | None, ...] = (None, "bottom_center", "center")
spans = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)).map(sorted).filter(lambda span: span[1] - span[0] > 0.05)
boxes = st.builds(lambda x, y: Box(x[0], y[0], x[1], y[1]), spans, spans)


def _scene(number: int, box: Box) -> Scene:
    at_s = number / 5
    track = Track(1, box, Origin.PEDESTRIAN, 1.0, 0.0, at_s, (Sighting(at_s, box),), moved_s=at_s)
    return Scene("c", 0, at_s, ASPECT, (track,))


@given(boxes, boxes)
def test_a_box_covers_its_part_of_a_rectangle(zone: Box, box: Box) -> None:
    corners = ((zone.left, zone.top), (zone.right, zone.top), (zone.right, zone.bottom), (zone.left, zone.bottom))
    settings = ZoneSettings(zone="Z", polygon=corners)
    walks = Walks()
    covers = Covers(walks)
    number = covers.add(settings, Grounds(walks, "bottom_center"), 0.0)
    across = min(box.right, zone.right) - max(box.left, zone.left)
    down = min(box.bottom, zone.bottom) - max(box.top, zone.top)
    expected = max(across, 0.0) * max(down, 0.0) / (zone.width * zone.height)
    for moved in covers.moved(_scene(0, box), number):
        assert abs(moved.share - expected) < 1e-6


@given(st.lists(st.tuples(boxes, st.sampled_from(KINDS)), min_size=1, max_size=60))
def test_a_path_does_not_hang_on_who_asked_for_it_before(steps: list[tuple[Box, AnchorKind | None]]) -> None:
    walks, seen = Walks(), list[Sighting]()
    for number, (box, asked) in enumerate(steps):
        scene = _scene(number, box)
        walks.walked(scene)
        seen += scene.tracks[0].new
        if asked is not None:
            shown = [(each.stream_s, anchor(each.box, asked, 1.0)) for each in seen[-25:][::-2][::-1]]
            assert walks.path(1, asked) == tuple(Waypoint(at_s, x, y) for at_s, (x, y) in shown)
