"""The script that many begin with, to be compared with: every frame, full size, MOG2: naive_mog2.py URL."""

import sys

import cv2


def main() -> None:
    """Look at every frame until the stream ends."""
    capture = cv2.VideoCapture(sys.argv[1])
    background = cv2.createBackgroundSubtractorMOG2()
    while True:
        there, picture = capture.read()
        if not there:
            return
        mask = background.apply(picture)
        _, mask = cv2.threshold(mask, 200, 255, cv2.THRESH_BINARY)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for outline in outlines:
            if cv2.contourArea(outline) > 500:
                cv2.rectangle(picture, cv2.boundingRect(outline), (0, 255, 0), 2)


if __name__ == "__main__":
    main()
