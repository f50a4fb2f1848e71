# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test of recognition sends, and which frames of it are CRM.

No port here is one that CRM or a dissector of Wireshark's own is registered for.
"""

import csv
import ipaddress
from pathlib import Path

import pcapng
from tshark import as_bytes

HOST, OTHER = "10.9.0.1", "10.9.0.2"
HOST6, OTHER6 = "fd00:9::1", "fd00:9::2"
PORT = 20500

# A datagram that only its ends can make CRM, each in another way of being broken.
JUNK = [b"\x00\xff\x80 junk \x01", b"plain text", b'{"py/object": "dtos.probe_init.ProbeInit", ', b"{}", b"[]",
        b"null", b"}", b'{"id": 1}x']


def dialects():
    """The rows of dialects.tsv: one payload of each DTO as each encoder wrote it."""
    with open(Path(__file__).with_name("dialects.tsv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(tshark, datagrams, **options):
    """A capture of (payload, source, target), one frame each."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for payload, source, target in datagrams:
            writer.udp(as_bytes(payload), source, target, **options)
    return path


def apart(payloads, hosts=(HOST, OTHER), port=PORT):
    """Datagrams that say nothing of one another: each from a host of its own."""
    first = int(ipaddress.ip_address(hosts[0])) + 0x100
    family = type(ipaddress.ip_address(hosts[0]))
    return [(payload, (str(family(first + number)), 40001), (hosts[1], port))
            for number, payload in enumerate(payloads)]


def protocols(tshark, path, *options):
    """What stands above UDP in each frame: [] where nothing does, as ["crm", "json"]."""
    rows = tshark.rows(path, "frame.protocols", options=options)
    return [row[0][0].split(":udp", 1)[-1].split(":")[1:] for row in rows]


def claimed(tshark, path, *options):
    """Whether each frame is CRM."""
    return ["crm" in names for names in protocols(tshark, path, *options)]


def announced(tshark, path, *options):
    """crm.announced_in of each frame: None where it is not CRM, 0 where it is without one."""
    rows = tshark.rows(path, "frame.protocols", "crm.announced_in", options=options)
    return [int(frame[0]) if frame else 0 if "crm" in names[0].split(":") else None for names, frame in rows]
