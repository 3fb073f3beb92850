"""From a channel's settings to its source of frames."""

from datetime import tzinfo

from edge.capture.csi.escape import Escape
from edge.capture.file import FileSource
from edge.capture.onvif.known import KnownCameras
from edge.capture.rtsp import RtspSource
from edge.capture.source import FrameSource
from edge.model.clock import Clock
from edge.settings import ChannelSettings


def make_source(
    channel: ChannelSettings,
    clock: Clock,
    timezone: tzinfo | None = None,
    known: KnownCameras | None = None,
    escape: Escape | None = None,
) -> FrameSource:
    """Return the channel's source, not yet opened. `timezone` is the device's, None for the system's.

    `known` is where ids of cameras are kept, None for memory only; `escape` the way out where a camera hangs.

    ValueError where the settings name no kind that this version has; the configuration refuses those first.
    """
    source = channel.source
    if source.file is not None:
        return FileSource(channel.id, source.file, clock, timezone)
    if source.rtsp is not None:
        return RtspSource(channel.id, source.rtsp, clock)
    if source.onvif is not None:
        from edge.capture.onvif.source import OnvifSource  # noqa: PLC0415 - XML and TLS: 4 MB that others do not need

        return OnvifSource(channel.id, source.onvif, clock, known)
    if source.http is not None:
        from edge.capture.web.source import HttpSource  # noqa: PLC0415 - TLS, as above

        return HttpSource(channel.id, source.http, clock)
    return _made_here(channel, clock, escape)


def _made_here(channel: ChannelSettings, clock: Clock, escape: Escape | None) -> FrameSource:
    """Return the source of a camera on this machine itself."""
    source = channel.source
    if source.csi is not None:
        from edge.capture.csi.source import CsiSource  # noqa: PLC0415 - few devices have a camera module

        return CsiSource(channel, clock, escape=escape)
    if source.usb is not None:
        from edge.capture.usb.source import UsbSource  # noqa: PLC0415 - or a webcam

        return UsbSource(channel.id, source.usb, clock)
    if source.demo is not None:
        from edge.capture.demo import DemoSource  # noqa: PLC0415 - the street's painter: 3 MB that no real camera needs

        return DemoSource(channel.id, source.demo, clock)
    raise ValueError(f"channel {channel.name}: its kind of source is not available in this version")
