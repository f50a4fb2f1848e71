# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a session (session.py) into a capture file: script/capture.

The capture ends when each datagram that the hosts say they sent is in the file.
"""

import argparse
import json
import os
import platform
import struct
import subprocess
import sys
import threading
from pathlib import Path

import session

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import pcapng  # noqa: E402  (it stands in tests/lib)

# Ends a capture that hangs; nothing is measured by it.
PATIENCE = 60


def blocks(stream):
    """(type, the whole block) of each block of a pcapng stream of this machine's byte order."""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("=II", head)
        yield kind, head + stream.read(length - 8)


def is_datagram(frame):
    """Whether an Ethernet frame ends a UDP datagram over IPv4: no fragments follow."""
    return (frame[12:14] == b"\x08\x00" and frame[23] == 17
            and struct.unpack_from("!H", frame, 20)[0] & 0x2000 == 0)


def copy(stream, path, seen):
    """Copies the capture, and releases `seen` for each datagram in it."""
    with open(path, "wb") as file:
        for kind, block in blocks(stream):
            file.write(block)
            if kind == pcapng.PACKET and is_datagram(block[28:]):
                seen.release()


def main():
    arguments = argparse.ArgumentParser(prog="script/capture", parents=[session.parser()],
                                        usage="script/capture OUT.pcapng [options]", add_help=True)
    arguments.add_argument("out", metavar="OUT.pcapng")
    # For script/capture, before it installs what a capture needs.
    arguments.add_argument("--only-parse", action="store_true", help=argparse.SUPPRESS)
    parsed = arguments.parse_args()
    out = parsed.out
    words = [word for word in sys.argv[1:] if word != "--only-parse"]
    if words[0] != out:
        arguments.error("OUT.pcapng comes first")
    if parsed.only_parse:
        return
    import jsonpickle   # which may not be there yet when arguments are only parsed

    options = words[1:]
    obstacle = session.obstacle()
    if obstacle:
        sys.exit(f"script/capture: {obstacle}")

    comment = f"jsonpickle {jsonpickle.__version__}, Python {platform.python_version()}; script/capture {' '.join(options)}"
    source, sink = os.pipe()
    running = subprocess.Popen(session.command(sink, "--comment", comment.strip(), *options), pass_fds=[sink],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    os.close(sink)
    seen = threading.Semaphore(0)
    reader = threading.Thread(target=copy, args=(os.fdopen(source, "rb"), out, seen))
    reader.start()
    sent = 0
    for line in running.stdout:
        event = json.loads(line)["event"]
        sent += event == "sent"
        if event == "over":
            break
    complete = all(seen.acquire(timeout=PATIENCE) for _ in range(sent))
    running.stdin.close()
    status = running.wait(PATIENCE)
    reader.join()
    if status or not complete:
        sys.exit(f"script/capture: the session failed; {out} is not complete")
    print(f"script/capture: {sent} datagrams in {out}")


if __name__ == "__main__":
    main()
