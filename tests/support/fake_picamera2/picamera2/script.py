"""What the fake's cameras are and do: a JSON file, read anew whenever it changes.

```json
{"cameras": [{"Model": "imx708", "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a", "scene": "walk"}]}
```

Further keys of a camera, all optional: `stalled` (no frame comes, nothing is said), `drop_every` (every n-th frame is
lost without a word), `hang_on_stop`, `hang_on_open`, `busy`, `forbidden`, `pace` (the sensor's clock runs so many times
as fast as the machine's), `format` (what it makes of any format asked), `lores` (the only small size it has), `pad`
(bytes behind each line), `turns` (false: it cannot turn pictures), `lux`, `late_s` (how
old its pictures are), `upload_s` (how long a network takes into the
sensor), `answers_every` (every n-th frame has the network's answer), `model` of `Rotation` and the like as they are.
"""

import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "EDGE_FAKE_CAMERAS"
Values = dict[str, Any]


class Script:
    """The file; each question looks whether it has changed."""

    def __init__(self) -> None:
        self._read: tuple[str, int] = ("", 0)
        self._cameras: list[Values] = []

    def cameras(self) -> list[Values]:
        """Return all cameras, in the order of libcamera."""
        path = os.environ.get(VARIABLE, "")
        if not path:
            return []
        now = (path, Path(path).stat().st_mtime_ns)
        if now != self._read:
            self._cameras, self._read = json.loads(Path(path).read_text(encoding="utf-8"))["cameras"], now
        return self._cameras

    @staticmethod
    def folder() -> Path:
        """Return where the file lies; what outlives a process is kept there too."""
        return Path(os.environ[VARIABLE]).parent

    def camera(self, camera_id: str) -> Values:
        """Return one camera as it is now; one that was taken away gives no frames."""
        return next((each for each in self.cameras() if each["Id"] == camera_id), {"stalled": True})


SCRIPT = Script()
