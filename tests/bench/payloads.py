# SPDX-License-Identifier: GPL-2.0-or-later
"""The datagrams that the benchmark writes: CRM's messages in jsonpickle's
dialects, other applications' traffic, and the shapes that could be slow.

The dialects are reproduced here rather than taken from jsonpickle, because
one machine has one jsonpickle on one Python and so writes one dialect, and
because a million datagrams must be written in seconds. test_bench.py compares
them with payloads of the real packages.
"""

import json
from collections import namedtuple

MAX_PAYLOAD = 65507     # what an IPv4 packet of 65,535 bytes leaves
MAX_DEPTH = 994         # nested arrays and objects that json.loads reads

HOST_TYPES = ["WORKER", "COLLECTOR"]                     # values 1 and 2
PACKET_TYPES = ["PROBE_INIT", "PROBE_ACK", "REG_ACK"]    # values 1, 2 and 3

REGISTERED = "Successfully registered at collector host."
FAILED = "Failed to register at collector host."

# How a host's jsonpickle writes. members: "object" beside py/object, "state"
# inside py/state, "plain" without py/object. enum: "value", "nulls" (by value,
# jsonpickle <= 1.0), "name", or for plain "unsorted" (Python before 3.11, whose
# enums have no _sort_order_). order: "assigned", "members" (sorted, py/object
# first) or "all" (sorted, py/object among them).
Dialect = namedtuple("Dialect", "members enum order")

DIALECTS = {
    "object": Dialect("object", "value", "assigned"),
    "state": Dialect("state", "value", "assigned"),
    "name": Dialect("object", "name", "assigned"),
    "state-name": Dialect("state", "name", "assigned"),
    "sorted": Dialect("object", "value", "all"),
    "nulls": Dialect("object", "nulls", "members"),
    "state-nulls": Dialect("state", "nulls", "members"),
    "plain": Dialect("plain", "value", "assigned"),
    "plain-old": Dialect("plain", "unsorted", "assigned"),
}


class Encoder:
    """Writes CRM messages in one dialect."""

    def __init__(self, dialect):
        self._dialect = DIALECTS[dialect]

    def _dto(self, path, **attributes):
        members, order = self._dialect.members, self._dialect.order
        if order != "assigned":
            attributes = dict(sorted(attributes.items()))
        if members == "plain":
            return attributes
        if members == "state":
            return {"py/object": path, "py/state": attributes}
        value = {"py/object": path, **attributes}
        return dict(sorted(value.items())) if order == "all" else value

    def _enum(self, path, names, name):
        kind, value = {"py/type": path}, names.index(name) + 1
        if self._dialect.members == "plain":
            order = {} if self._dialect.enum == "unsorted" else {"_sort_order_": value - 1}
            return {"_value_": value, "_name_": name, "__objclass__": kind, **order}
        if self._dialect.enum == "name":
            return {"py/reduce": [{"py/function": "builtins.getattr"}, {"py/tuple": [kind, name]}]}
        nulls = [None] * 3 if self._dialect.enum == "nulls" else []
        return {"py/reduce": [kind, {"py/tuple": [value]}, *nulls]}

    def _message(self, path, ident, info, name):
        kind = self._enum("dtos.crm_pkt_type.CrmPktType", PACKET_TYPES, name)
        return json.dumps(self._dto(path, id=ident, info=info, type=kind)).encode()

    def _host_info(self, hostname, address, ports, name):
        infos = [self._dto("dtos.port_info.PortInfo", daemon=daemon, port=port) for daemon, port in ports]
        return self._dto("dtos.host_info.HostInfo", hostname=hostname, inet_addr=address, ports=infos,
                         type=self._enum("dtos.host_type.HostType", HOST_TYPES, name))

    def probe_init(self, ident, hostname, address, ports):
        info = self._host_info(hostname, address, ports, "COLLECTOR")
        return self._message("dtos.probe_init.ProbeInit", ident, info, "PROBE_INIT")

    def probe_ack(self, ident, hostname, address, ports):
        info = self._host_info(hostname, address, ports, "WORKER")
        return self._message("dtos.probe_ack.ProbeAck", ident, info, "PROBE_ACK")

    def register_ack(self, ident, status, text, retries):
        message = [text] if self._dialect.members == "plain" else {"py/tuple": [text]}
        info = self._dto("dtos.register_info.RegisterInfo", status=status, message=message, max_retries=retries)
        return self._message("dtos.register_ack.RegisterAck", ident, info, "REG_ACK")


COLLECTOR_PORTS = [("coordinatord", 10100), ("collectord", 9090)]


def probe_init(ident):
    """The message that every shape is measured against."""
    return Encoder("object").probe_init(ident, "collector", "10.0.0.2", COLLECTOR_PORTS)


# Other applications' datagrams


def _gelf(random, filler):
    return {"version": "1.1", "host": f"web{random.randrange(40)}", "short_message": filler, "level": 6,
            "timestamp": 1600000000 + random.random(), "_request_id": f"{random.getrandbits(64):016x}"}


def _rpc(random, filler):
    """Half of them begin with their id, as a plain CRM message does."""
    ident = {"id": random.randrange(10**6)}
    call = {"jsonrpc": "2.0", "method": "sensors.update",
            "params": {"unit": "C", "values": [round(random.uniform(10, 90), 2) for _ in range(6)], "note": filler}}
    return {**ident, **call} if random.random() < 0.5 else {**call, **ident}


def _foreign_pickle(random, filler):
    return {"py/object": "fleet.telemetry.Reading", "id": f"{random.getrandbits(128):032x}", "note": filler,
            "info": {"py/object": "fleet.telemetry.Source", "hostname": f"truck{random.randrange(99)}"}}


WORDS = ("cpu memory disk read write queue timeout retry node service started stopped request "
         "response latency average total error warning checkpoint replica shard").split()


def _words(random, size):
    text = " ".join(random.choices(WORDS, k=size // 5 + 1))
    return text[:size]


def foreign_json(random, size):
    """A JSON document that is no CRM message, of `size` bytes if that is enough for it."""
    make = random.choices((_gelf, _rpc, _foreign_pickle), (6, 3, 1))[0]
    document = make(random, "")
    room = size - len(json.dumps(document))
    for key in ("short_message", "note"):
        if key in document:
            document[key] = _words(random, max(room, 0))
    if make is _rpc:
        document["params"]["note"] = _words(random, max(room, 0))
    return json.dumps(document).encode()


def foreign(random, size):
    """One datagram of another application: half of them JSON, the rest bytes and text."""
    kind = random.random()
    if kind < 0.5:
        return foreign_json(random, size)
    if kind < 0.75:
        return random.randbytes(size)
    return _words(random, size).encode()


# Shapes: documents of MAX_PAYLOAD bytes or a little less, each the worst case
# of something. They are ProbeInits as far as they can be, so that the whole of
# the dissector has to deal with them.


def _fill(head, entry, tail, separator=", "):
    """head, then as many of entry(0), entry(1), ... as fit, then tail."""
    parts, size, index = [], len(head) + len(tail), 0
    while True:
        text = entry(index)
        size += len(text) + (len(separator) if parts else 0)
        if size > MAX_PAYLOAD:
            return (head + separator.join(parts) + tail).encode()
        parts.append(text)
        index += 1


def _stretch(head, unit, tail=""):
    """head, then unit as often as it fits, then tail."""
    head, unit, tail = head.encode(), unit.encode(), tail.encode()
    return head + unit * ((MAX_PAYLOAD - len(head) - len(tail)) // len(unit)) + tail


def _root(ident, members=""):
    return f'{{"py/object": "dtos.probe_init.ProbeInit", "id": "{ident}", {members}'


def _info(ident, members=""):
    return _root(ident, f'"info": {{"py/object": "dtos.host_info.HostInfo", {members}')


PORTS_HEAD = '"hostname": "collector", "inet_addr": "10.0.0.2", "ports": ['
INFO_TAIL = '"type": {"py/reduce": [{"py/type": "dtos.host_type.HostType"}, {"py/tuple": [2]}]}}'
ROOT_TAIL = '"type": {"py/reduce": [{"py/type": "dtos.crm_pkt_type.CrmPktType"}, {"py/tuple": [1]}]}}'
PORTS_TAIL = f"], {INFO_TAIL}, {ROOT_TAIL}"
TEXT_TAIL = f'", {INFO_TAIL}, {ROOT_TAIL}'


def _port_info(index):
    return f'{{"py/object": "dtos.port_info.PortInfo", "daemon": "d{index}", "port": {1024 + index}}}'


def _ports_then_references(ident, target):
    ports = ", ".join(_port_info(i) for i in range(350))
    return _fill(_info(ident, PORTS_HEAD) + ports + ", ", lambda _: f'{{"py/id": {target}}}', PORTS_TAIL)


def _nested(opening, closing):
    depth = MAX_DEPTH - 1   # the root is one
    return lambda ident: _fill(_root(ident), lambda i: f'"m{i}": {opening * depth}{closing * depth}', f", {ROOT_TAIL}")


SHAPES = {
    "flat object": lambda ident: _fill(_root(ident), lambda i: f'"m{i}": {i}', f", {ROOT_TAIL}"),
    "arrays 994 deep": _nested("[", "]"),
    "objects 994 deep": lambda ident: _fill(
        _root(ident), lambda i: f'"m{i}": {{' + '"a":{' * (MAX_DEPTH - 2) + "}" * (MAX_DEPTH - 1), f", {ROOT_TAIL}"),
    "arrays beyond the limit": lambda ident: _stretch(_root(ident, '"m": '), "["),
    "objects beyond the limit": lambda ident: _stretch(_root(ident, '"m": '), '{"a":'),
    "escapes, \\uXXXX": lambda ident: _stretch(_info(ident, '"hostname": "'), "\\u00e9", TEXT_TAIL),
    "escapes, surrogate pairs": lambda ident: _stretch(_info(ident, '"hostname": "'), "\\ud83d\\ude00", TEXT_TAIL),
    "escapes, \\n": lambda ident: _stretch(_info(ident, '"hostname": "'), "\\n", TEXT_TAIL),
    "one long text": lambda ident: _stretch(_info(ident, '"hostname": "'), "x", TEXT_TAIL),
    "UTF-8 text": lambda ident: _stretch(_info(ident, '"hostname": "'), "\u00e9", TEXT_TAIL),
    "700 ports": lambda ident: _fill(_info(ident, PORTS_HEAD), _port_info, PORTS_TAIL),
    "longest number": lambda ident: _stretch(_root(ident, '"m": '), "9", f", {ROOT_TAIL}"),
    "one key, repeated": lambda ident: _fill(_root(ident), lambda i: '"k": 0', f", {ROOT_TAIL}"),
    "each key twice": lambda ident: _fill(_root(ident), lambda i: f'"k{i // 2}": 0', f", {ROOT_TAIL}"),
    "py/id of a port": lambda ident: _ports_then_references(ident, 3),
    "py/id of the ports": lambda ident: _ports_then_references(ident, 2),
    "py/id of the host": lambda ident: _ports_then_references(ident, 1),
    "py/id of nothing": lambda ident: _ports_then_references(ident, 99999),
    "white space": lambda ident: _stretch(_root(ident), " ", ROOT_TAIL),
    "unterminated string": lambda ident: _stretch(_info(ident, '"hostname": "'), "x"),
    "unterminated array": lambda ident: _fill(_info(ident, PORTS_HEAD), _port_info, ", "),
    "unterminated object": lambda ident: _fill(_root(ident), lambda i: f'"m{i}": {i}', ", "),
    "unterminated number": lambda ident: _stretch(_root(ident, '"m": '), "9"),
}

# Which of them json.loads refuses, for their form or for their depth.
REFUSED = {name for name in SHAPES if name.startswith("unterminated") or name.endswith("beyond the limit")}
