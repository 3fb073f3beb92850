"""A channel: one camera with its detector, masks and rules."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.settings.checks import NOT_BLANK_PATTERN, not_blank, simple_polygon
from edge.settings.marks import Check, Doc, Length, NotYet, Range
from edge.settings.rules import ID, Corner, RuleSettings
from edge.settings.source import SourceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """How much of the video is looked at, at most; the picture is scaled down, never up."""

    width: Annotated[int, Doc("pixels"), Range(160, 1920)] = 640
    fps: Annotated[float, Doc("frames per second"), Range(1, 30)] = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """What finds the objects."""

    kind: Annotated[
        Literal["motion", "onnx", "imx500"],
        Doc("method; imx500: a network in the sensor itself, for a csi camera of that model"),
        NotYet(("onnx",)),
    ] = "motion"
    model: Annotated[
        str,
        Doc("network of an imx500: its file, or its name below /usr/share/imx500-models; empty: SSD MobileNet"),
        Length(0, 500),
    ] = ""
    labels_file: Annotated[
        str,
        Doc("names of the network's classes, one a line; empty: those in the network, else those of COCO"),
        Length(0, 500),
    ] = ""
    box_order: Annotated[
        Literal["auto", "yx", "xy"], Doc("which of a corner's numbers the network gives first; auto: as it says itself")
    ] = "auto"
    classes: Annotated[tuple[str, ...], Doc("class names of the network that count; empty: people and vehicles")] = ()
    min_confidence: Annotated[float, Doc("of a network: what it believes less does not count"), Range(0, 1)] = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRuler:
    """How tall a standing person is at one place of the picture."""

    foot: Annotated[Corner, Doc("where the person stands, [x, y] in fractions of the frame")]
    height: Annotated[float, Doc("share of the frame's height"), Range(0.01, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskSettings:
    """A part of the picture that is not analysed, or not even seen."""

    kind: Annotated[Literal["exclude", "privacy"], Doc("exclude: not analysed; privacy: painted over first of all")]
    polygon: Annotated[
        tuple[Corner, ...],
        Doc("3 or more corners, each [x, y] in fractions of the frame"),
        Length(3, 100),
        Check(simple_polygon),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SabotageSettings:
    """The view is dark, bright, blurred, covered or moved."""

    seconds: Annotated[float, Doc("for so long"), Range(1, 3600)] = 5.0
    clear_s: Annotated[float, Doc("healthy for so long before the next"), Range(1, 3600)] = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectSettings:
    """The camera gives no new picture."""

    seconds: Annotated[float, Doc("for so long"), Range(1, 3600)] = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One camera and all that is done with it."""

    name: Annotated[str, Doc("shown everywhere"), Length(1, 200), Check(not_blank, NOT_BLANK_PATTERN)]
    source: Annotated[SourceSettings, Doc("where the video comes from")]
    id: Annotated[str, Doc("identity on the wire; empty: made from the name"), ID] = ""
    enabled: Annotated[bool, Doc("look at it at all")] = True
    keep_alive: Annotated[
        bool, Doc("while not enabled: stay connected and show a picture a second at most, looking for nothing in it")
    ] = False
    analysis: Annotated[AnalysisSettings, Doc("how much is looked at")] = field(default_factory=AnalysisSettings)
    detector: Annotated[DetectorSettings, Doc("what finds the objects")] = field(default_factory=DetectorSettings)
    calibration: Annotated[tuple[CalibrationRuler, ...], Doc("one ruler, or two (near and far)"), Length(0, 2)] = ()
    masks: Annotated[tuple[MaskSettings, ...], Doc("parts of the picture left out")] = ()
    rules: Annotated[
        tuple[RuleSettings, ...], Doc("lines and zones; none: motion in the whole picture"), Length(0, 100)
    ] = ()
    objects: Annotated[bool, Doc("ObjectAppear and ObjectDisappear")] = True
    sabotage: Annotated[SabotageSettings | None, Doc("the view is spoilt; false: do not watch")] = field(
        default_factory=SabotageSettings
    )
    disconnect: Annotated[DisconnectSettings | None, Doc("the camera is lost; false: do not watch")] = field(
        default_factory=DisconnectSettings
    )
