# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a seed corpus for the fuzzers: each different payload of the sample
captures and of the tables of dialects and versions, one a file, named by its hash.

    corpus.py DIRECTORY
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))

import pcapng  # noqa: E402  (it stands in tests/lib)

# A fuzzer learns little from the largest datagrams, and slowly.
LARGEST = 4096


def payloads():
    """Every payload that there is."""
    for capture in sorted((ROOT / "pcaps").glob("*.pcapng")):
        if capture.stem != "snaplen":  # its datagrams are cut, and those of unicode.pcapng
            yield from (datagram.payload for datagram in pcapng.datagrams(capture))
    for line in (ROOT / "tests/dissect/dialects.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        payload = line.split("\t")[-1].encode()
        yield payload
        yield payload.replace(b"/", b"\\/")  # as ujson writes it by default
    for line in (ROOT / "tests/dissect/versions.tsv").read_text(encoding="utf-8").splitlines():
        payload = line.split("\t")[-2]
        yield payload.encode()
        yield from in_part(payload)


def in_part(payload):
    """A message without its info says nothing of who sends it; padded, for the size tells how it is sent."""
    message = json.loads(payload)
    if message.pop("info", None):
        yield from (json.dumps(message).encode() + blanks * b" " for blanks in (0, 32, 64, 96))


def main():
    """Leaves what a fuzzer found there before."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for payload in payloads():
        if len(payload) <= LARGEST:
            (directory / hashlib.sha1(payload).hexdigest()).write_bytes(payload)


if __name__ == "__main__":
    main()
