"""Who is inside a zone at this moment, for those who look."""

from edge.model.scene import Scene
from edge.settings import ZoneSettings
from edge.settings.polygon import contains


def inside(scene: Scene, zone: ZoneSettings) -> int:
    """Return how many objects that count for a zone have their anchor inside it.

    This is what a picture shows. The zone's rules wait until an object has been inside for some frames, and differ from
    it for a moment.
    """
    return sum(
        track.origin.value in zone.objects
        and zone.min_size <= track.box.height <= zone.max_size
        and contains(zone.polygon, anchor.x, anchor.y)
        for track in scene.tracks
        for anchor in (track.box.bottom_center if zone.anchor == "bottom_center" else track.box.center,)
    )
