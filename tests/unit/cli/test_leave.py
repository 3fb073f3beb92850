"""How the process ends: with its code, also where a thread is still in a library."""

import subprocess
import sys
from textwrap import dedent

IN_A_LIBRARY = """
    import sys
    import threading

    import cv2
    import numpy as np

    from edge.cli.leave import leave

    busy = threading.Event()
    picture = np.zeros((400, 400), np.uint8)

    def work() -> None:
        while True:
            cv2.GaussianBlur(picture, (0, 0), 5)
            busy.set()

    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    busy.wait()
    print("all said", end="")
    {end}(3)
"""
RUNS = 5


def ends(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, timeout=60, check=False)


def test_a_thread_in_a_library_does_not_turn_the_end_into_an_abort() -> None:
    for _ in range(RUNS):
        ended = ends(IN_A_LIBRARY.format(end="leave"))

        assert (ended.returncode, ended.stdout, ended.stderr) == (3, "all said", "")


def test_what_is_not_a_daemon_is_waited_for() -> None:
    ended = ends(
        """
        import threading
        import time

        from edge.cli.leave import leave

        def work():
            time.sleep(0.2)
            print("done", end="")

        threading.Thread(target=work).start()
        leave(0)
        """
    )

    assert (ended.returncode, ended.stdout) == (0, "done")


def test_without_threads_what_was_registered_for_the_end_is_run() -> None:
    ended = ends("import atexit; from edge.cli.leave import leave; atexit.register(print, 'end', end=''); leave(2)")

    assert (ended.returncode, ended.stdout) == (2, "end")
