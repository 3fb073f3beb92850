"""Prints what a Home Assistant needs, as requirements; run by the Python that has the package alone.

Three of its pins have no wheel for Python 3.13 and are let loose; two others are built, which takes a C++ compiler.
Without its pages it starts in recovery mode, and knows no MQTT after a restart.
"""

import json
import re
import sys
from importlib.metadata import files, requires

LOOSE = re.compile(r"^(ciso8601|lru-dict|PyTurboJPEG)==\S+", re.IGNORECASE)
PAGES = "homeassistant/components/frontend/manifest.json"

needed = [LOOSE.sub(r"\1", each) for each in requires("homeassistant") or ()]
for path in files("homeassistant") or ():
    if str(path) == PAGES:
        needed += json.loads(path.read_text())["requirements"]
sys.stdout.write("\n".join(needed) + "\n")
