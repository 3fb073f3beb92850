"""What is asked of the camera: two streams of one moment, a large one for people and a small one for the analysis."""

from collections.abc import Mapping
from typing import Any

from edge.capture.csi.library import Library
from edge.model.size import size_for
from edge.settings import CsiSettings

BUFFERS = 6
"""Two may be held, one waits to be taken, the others are being filled."""
_TURNED = 180


def wanted(library: Library, settings: CsiSettings, analysis_width: int, *, turns: bool) -> dict[str, Any]:
    """Return the arguments of `create_video_configuration`.

    The small stream has the size that the analysis works at, so that the camera's own scaler does what the processor
    would. A picture that stands on its head is turned by the sensor where `turns` allows that.
    """
    size = (settings.width // 2 * 2, settings.height // 2 * 2)
    turned = turns and settings.rotation == _TURNED
    return {
        "main": {"size": size, "format": "YUV420"},
        "lores": {"size": small_size(size, settings.rotation, analysis_width), "format": "YUV420"},
        "raw": None,
        "transform": library.transform(hflip=turned, vflip=turned),
        "colour_space": library.colour_space(),
        "buffer_count": BUFFERS,
        "controls": {"FrameDurationLimits": durations_us(settings)},
    }


def small_size(size: tuple[int, int], rotation: int, analysis_width: int) -> tuple[int, int]:
    """Return the size of the small stream, before it is turned; `size` is the large one's."""
    width, height = size
    if rotation % 180:
        height, width = size_for(height, width, analysis_width)
        return width, height
    return size_for(width, height, analysis_width)


def durations_us(settings: CsiSettings) -> tuple[int, int]:
    """Return the shortest and the longest time of one picture, in microseconds."""
    slowest = settings.min_fps or settings.fps
    return round(1e6 / settings.fps), round(1e6 / slowest)


def left_to_turn(configuration: Mapping[str, Any], rotation: int) -> int:
    """Return by how many degrees pictures are still to be turned: not every camera turns them itself.

    `configuration` is the one in force.
    """
    turned = configuration.get("transform")
    by_camera = bool(getattr(turned, "hflip", False)) and bool(getattr(turned, "vflip", False))
    return 0 if by_camera and rotation == _TURNED else rotation
