"""What an open page asks for, without drawing it: the stream of events, and the state."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import urllib.request

LOOK = 0.5  # seconds between two looks at the state, as the page does it


def _listen(url: str) -> None:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}api/stream") as stream:
        while stream.readline():
            pass


def main(url: str) -> None:
    """Ask until the server is gone; the first line of the output says that the page is open."""
    opened = False
    threading.Thread(target=_listen, args=(url,), daemon=True).start()
    with contextlib.suppress(OSError):
        while True:
            with urllib.request.urlopen(f"{url}api/state", timeout=10) as answer:
                answer.read()
            if not opened:
                opened = True
                print("open", flush=True)
            time.sleep(LOOK)


if __name__ == "__main__":
    main(sys.argv[1])
