"""The end of the process: what a camera's library still holds is not waited for."""

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with `code`; all that must be closed is closed by now.

    A call into a library that does not come back (a camera that is opened, a name that is looked up) sits on a daemon
    thread. Should it come back while the interpreter takes itself down, CPython ends its thread by unwinding the
    stack, C++ on that stack answers with std::terminate, and a clean stop ends in SIGABRT: CPython issue 87135, mended
    in 3.14. So where such a thread is left, the interpreter is not taken down at all.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        if not thread.daemon:
            thread.join()
    if any(thread.daemon and thread.is_alive() for thread in others):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # a reader that is gone: nobody is left to tell
                stream.flush()
        os._exit(code)
    sys.exit(code)
