"""A picamera2 that works without a camera: what it shows and how it fails stands in a file (see `script.py`).

Put the folder above on PYTHONPATH, and `import picamera2` finds it. It keeps to what picamera2 0.3.38 does where a
program can tell: one event loop that serves jobs in order, requests that starve the camera while they are held, frames
that are dropped without a word, a `stop` that waits behind a capture, sizes and strides that differ from those asked.
"""

from .camera import Picamera2
from .request import CompletedRequest, MappedArray

__all__ = ["CompletedRequest", "MappedArray", "Picamera2"]
