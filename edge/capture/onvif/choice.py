"""Which of a camera's streams is watched."""

from collections.abc import Sequence

from edge.capture.onvif.media import Profile
from edge.capture.source import CameraStatus, CaptureError

AUTO = "auto"
SUFFICIENT_WIDTH = 640
_CHEAPEST_FIRST = ("H264", "H265", "JPEG")


def choose(profiles: Sequence[Profile], wanted: str, shown: str) -> Profile:
    """Return the profile of the wanted token or name; `auto`: the smallest of at least 640 pixels, else the largest.

    `auto` stays with the camera's first lens. Of two of one size the codec that decodes cheapest wins. CaptureError
    names what there is; `shown` is the camera, as people read it.
    """
    offered = ", ".join(f"{profile.token} ({profile.shown})" for profile in profiles[:8]) or "none"
    if wanted != AUTO:
        named = [profile for profile in profiles if wanted in {profile.token, profile.name}]
        if not named:
            text = f"has no profile {wanted}; set source.onvif.profile to auto or to one of: {offered}"
            raise CaptureError(CameraStatus.NO_SUCH_STREAM, f"{shown} {text}")
        return named[0]
    playable = [profile for profile in profiles if profile.playable]
    if not playable:
        text = f"offers no stream of H.264, H.265 or JPEG; set one up in the camera (profiles: {offered})"
        raise CaptureError(CameraStatus.NO_SUCH_STREAM, f"{shown} {text}")
    lens = [profile for profile in playable if profile.source == playable[0].source]
    sufficient = [profile for profile in lens if profile.width >= SUFFICIENT_WIDTH]
    return min(sufficient, key=_cost) if sufficient else max(lens, key=lambda profile: profile.width * profile.height)


def _cost(profile: Profile) -> tuple[int, int]:
    return profile.width * profile.height, _CHEAPEST_FIRST.index(profile.codec)
