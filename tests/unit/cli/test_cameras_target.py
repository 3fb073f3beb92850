"""What `edge cameras test` takes for a camera module."""

import pytest

from edge.capture.onvif.client import Login
from edge.cli.cameras_target import target_of
from edge.cli.errors import CommandError
from edge.settings import CsiSettings


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("csi:1", CsiSettings(camera=1), id="number"),
        pytest.param("CSI:imx708", CsiSettings(id="imx708"), id="model"),
        pytest.param("csi:/base/i2c@1/imx708@1a", CsiSettings(id="/base/i2c@1/imx708@1a"), id="id"),
    ],
)
def test_a_camera_module_is_named_as_in_the_settings(text: str, settings: CsiSettings) -> None:
    assert target_of(text, Login(), "tcp", insecure=False).source.csi == settings


@pytest.mark.parametrize("text", ["csi:", "csi:8", "csi:12"])
def test_a_number_that_no_camera_has_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="write csi:0"):
        target_of(text, Login(), "tcp", insecure=False)
