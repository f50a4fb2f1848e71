# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes and reads pcapng files of UDP over Ethernet, without any package.

    with Writer(path) as capture:
        capture.udp(b"...", src=("10.0.0.2", 9090), dst=("10.0.0.11", 10500))

    for datagram in datagrams(path):        # fragments put together
        datagram.payload, datagram.src, datagram.dst, datagram.frame

    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        capture.udp(b"...", src=..., dst=..., interface=1, vlan=(10, 20), ttl=63)
        capture.udp(b"...", src=..., dst=..., time=NO_TIME)

The format is that of draft-ietf-opsawg-pcapng: section header, interfaces with
nanosecond time stamps unless they say otherwise, one enhanced packet block a
frame, or a simple packet block for one without a time.
"""

import functools
import ipaddress
import struct
from collections import namedtuple
from dataclasses import dataclass

SECTION, INTERFACE, SIMPLE_PACKET, PACKET = 0x0A0D0D0A, 1, 3, 6
ETHERNET, IEEE_802_11, USER0 = 1, 105, 147
NO_TIME = object()      # for a frame that is written without a time stamp

Datagram = namedtuple("Datagram", "frame time src dst payload interface", defaults=(0,))


@dataclass(frozen=True)
class Interface:
    """A capture point: its name, if it has one, what its frames are, and the
    unit of its time stamps as a power of ten of a second."""

    name: str = ""
    linktype: int = ETHERNET
    tsresol: int = 9


def _checksum(data):
    """The internet checksum of data that is not all zero. Adding 16-bit words
    with end-around carry is reckoning modulo 0xFFFF, which a long integer
    does at once; a sum of zero is then written as 0xFFFF."""
    if len(data) % 2:
        data += b"\0"
    return ~(int.from_bytes(data, "big") % 0xFFFF or 0xFFFF) & 0xFFFF


_address = functools.lru_cache(maxsize=None)(ipaddress.ip_address)


@functools.lru_cache(maxsize=None)
def _mac(address):
    """A locally administered address that tells the hosts of a capture apart."""
    if address.is_multicast or address == ipaddress.ip_address("255.255.255.255"):
        return b"\xff" * 6
    return b"\x02\x00" + address.packed[-4:]


def _udp_segment(payload, src, dst, sport, dport):
    length = 8 + len(payload)
    pseudo = src.packed + dst.packed + struct.pack("!IHH" if src.version == 6 else "!HH",
                                                   *((length, 0, 17) if src.version == 6 else (17, length)))
    header = struct.pack("!HHHH", sport, dport, length, 0)
    return header[:6] + struct.pack("!H", _checksum(pseudo + header + payload) or 0xFFFF) + payload


def _ip_packets(segment, src, dst, ident, mtu, ttl):
    """The segment in one IP packet, or in fragments of at most mtu bytes."""
    if src.version == 6:
        if 40 + len(segment) > mtu:
            raise ValueError("IPv6 fragments are not written")
        yield struct.pack("!IHBB", 6 << 28, len(segment), 17, ttl) + src.packed + dst.packed + segment
        return
    room = mtu - 20
    step = room if len(segment) <= room else room // 8 * 8
    for offset in range(0, len(segment), step):
        part = segment[offset:offset + step]
        more = 0x2000 if offset + step < len(segment) else 0
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), ident, more | offset // 8, ttl, 17, 0,
                             src.packed, dst.packed)
        yield header[:10] + struct.pack("!H", _checksum(header)) + header[12:] + part


def frames_of_datagram(payload, src, dst, ident=1, vlan=None, mtu=65535, ttl=64):
    """The Ethernet frames of one UDP datagram from src to dst, both (address,
    port). vlan: a tag, or several, the outermost first."""
    source, target = _address(src[0]), _address(dst[0])
    kind = b"\x86\xdd" if source.version == 6 else b"\x08\x00"
    vlans = () if vlan is None else (vlan,) if isinstance(vlan, int) else vlan
    tags = b"".join(struct.pack("!HH", 0x8100, tag) for tag in vlans)
    segment = _udp_segment(payload, source, target, src[1], dst[1])
    for packet in _ip_packets(segment, source, target, ident, mtu, ttl):
        yield _mac(target) + _mac(source) + tags + kind + packet


def aggregated(frames):
    """An IEEE 802.11 frame with an A-MSDU of what these Ethernet frames without a tag carry."""
    units = []
    for frame in frames:
        content = b"\xaa\xaa\x03\0\0\0" + frame[12:]
        unit = frame[:12] + struct.pack("!H", len(content)) + content
        units.append(unit + bytes(-len(unit) % 4))
    return struct.pack("<HH", 0x0188, 0) + bytes(18) + struct.pack("<HH", 0, 0x80) + b"".join(units)


def port_unreachable(frame):
    """The answer of a host on which nothing listens: it quotes the datagram in
    this frame, which is of IPv4 and without a tag."""
    packet = frame[14:]
    message = struct.pack("!BBHI", 3, 3, 0, 0) + packet
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(message), 9, 0, 64, 1, 0, packet[16:20], packet[12:16])
    return frame[6:12] + frame[:6] + frame[12:14] + header + message


def _option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


class Writer:
    """One capture file; `frames` tells how many frames it has so far."""

    def __init__(self, path, snaplen=262144, interfaces=(Interface(),)):
        self._file = open(path, "wb")
        self._snaplen = snaplen
        self._interfaces = interfaces
        self._ident = 0
        self.frames = 0
        self.time = 1_600_000_000.0
        self._block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        for interface in interfaces:
            name = _option(2, interface.name.encode()) if interface.name else b""
            self._block(INTERFACE, struct.pack("<HHI", interface.linktype, 0, snaplen) + name
                        + _option(9, bytes([interface.tsresol])) + _option(0, b""))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._file.close()

    def _block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        length = struct.pack("<I", 12 + len(body))
        self._file.write(struct.pack("<I", kind) + length + body + length)

    def _units(self, interface):
        """The time in the interface's units, rounded to microseconds as floats are no finer."""
        resolution = self._interfaces[interface].tsresol
        return round(self.time * 1_000_000) * 10**resolution // 10**6

    def frame(self, data, time=None, interface=0, kept=None):
        """One frame as it is. Without a time, 1 ms after the one before; NO_TIME
        writes none, which the format has for its first interface alone. kept: as
        many bytes of it are in the file."""
        kept = data[:self._snaplen if kept is None else kept]
        if time is NO_TIME:
            if interface:
                raise ValueError("a frame without a time is always the first interface's")
            self._block(SIMPLE_PACKET, struct.pack("<I", len(data)) + kept)
        else:
            self.time = self.time + 0.001 if time is None else time
            units = self._units(interface)
            self._block(PACKET, struct.pack("<IIIII", interface, units >> 32, units & 0xFFFFFFFF,
                                            len(kept), len(data)) + kept)
        self.frames += 1
        return self.frames

    def udp(self, payload, src, dst, time=None, vlan=None, mtu=65535, ttl=64, interface=0):
        """One datagram from src to dst, both (address, port), as
        frames_of_datagram() has it. Returns the number of the frame that
        completes it."""
        self._ident = (self._ident + 1) & 0xFFFF
        for frame in frames_of_datagram(payload, src, dst, self._ident, vlan, mtu, ttl):
            self.frame(frame, time, interface)
        return self.frames


def _resolution(block):
    """Units a second of an interface block: option 9, or microseconds."""
    offset = 16
    while offset + 4 <= len(block) - 4:
        code, length = struct.unpack_from("<HH", block, offset)
        if code == 9:
            return 10**block[offset + 4]
        offset += 4 + length + -length % 4
    return 10**6


def frames(path):
    """(number, time, interface, bytes) of each; the time is None where there is none."""
    with open(path, "rb") as file:
        data = file.read()
    offset = frame = 0
    resolutions = []
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        if kind == INTERFACE:
            resolutions.append(_resolution(data[offset:offset + length]))
        elif kind == PACKET:
            interface, high, low, kept = struct.unpack_from("<IIII", data, offset + 8)
            frame += 1
            yield (frame, (high << 32 | low) / resolutions[interface], interface,
                   data[offset + 28:offset + 28 + kept])
        elif kind == SIMPLE_PACKET:
            frame += 1
            size, = struct.unpack_from("<I", data, offset + 8)
            yield frame, None, 0, data[offset + 12:offset + 12 + min(size, length - 16)]
        offset += length


def datagrams(path):
    """The UDP datagrams of a capture, those of IPv4 fragments put together."""
    parts = {}
    for frame, time, interface, data in frames(path):
        kind, data = data[12:14], data[14:]
        while kind == b"\x81\x00":
            kind, data = data[2:4], data[4:]
        if kind == b"\x86\xdd":
            source, target, segment = data[8:24], data[24:40], data[40:]
        elif kind == b"\x08\x00":
            total, ident, flags = struct.unpack_from("!HHH", data, 2)
            source, target, segment = data[12:16], data[16:20], data[(data[0] & 15) * 4:total]
            if flags & 0x3FFF:
                key = (source, target, ident)
                parts.setdefault(key, {})[(flags & 0x1FFF) * 8] = segment
                if flags & 0x2000:
                    continue
                segment = b"".join(part for _, part in sorted(parts.pop(key).items()))
        else:
            continue
        sport, dport = struct.unpack_from("!HH", segment)
        yield Datagram(frame, time, (str(ipaddress.ip_address(source)), sport),
                       (str(ipaddress.ip_address(target)), dport), segment[8:], interface)
