"""The command `edge`, as on a device, where picamera2's cameras are the virtual ones."""

from edge.cli.main import program
from tests.camera_root import virtual_camera

if __name__ == "__main__":
    virtual_camera.install()
    program()
