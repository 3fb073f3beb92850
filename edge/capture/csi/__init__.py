"""A camera module on the ribbon cable, through picamera2."""
