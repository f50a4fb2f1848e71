# SPDX-License-Identifier: GPL-2.0-or-later
"""What is not CRM is left alone, to the last byte of tshark's output.

foreign.jsonl holds what other applications send over UDP, as "json" (its
spelling does not matter), "text" or "hex". The near misses are one step away
from a message that is recognised: each is made from one, and that one is
asserted to be CRM, so that no near miss is refused for another reason.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest

from content import UUID, changed, host_info, packet_type, probe_ack, probe_init, query_ack, register_ack, report_init
from plugin_under_test import not_sanitized
from recognition import HOST, HOST6, OTHER, OTHER6, PORT, apart, claimed, dialects, write
from tshark import as_bytes

# Ports of the applications in foreign.jsonl, of a DNS-like neighbour, and of nobody.
PORTS = [514, 1900, 5353, 8125, 12201, 20500, 25826, 54321]


def _foreign():
    rows = map(json.loads, Path(__file__).with_name("foreign.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["name"]: bytes.fromhex(row["hex"]) if "hex" in row else as_bytes(row.get("text", row.get("json")))
            for row in rows}


FOREIGN = _foreign()


# Near misses

def _plain(dto):
    """A message without py/ keys, as an encoder wrote it."""
    return next(json.loads(row["payload"]) for row in dialects()
                if row["dto"] == dto and row["encode"] != "default" and row["python"] == "3.13.0")


def _plain_enum(class_name, number, name):
    return {"_value_": number, "_name_": name, "__objclass__": {"py/type": class_name}, "_sort_order_": 0}


PLAIN_PROBE = _plain("ProbeInit")
PLAIN_REGISTER = _plain("RegisterAck ok")
PLAIN_REPORT = _plain("ReportInit")
PLAIN_QUERY = {"packet_id": UUID, "hostname": "worker1", "job": "psutil", "filters": [],
               "type": _plain_enum("vrmjobs.vrm_type.VrmType", 4, "QUERY_ACK")}
PLAIN_METRIC = {"packet_id": UUID, "info": {"inet_addr": "10.0.0.11", "ports": []},
                "type": _plain_enum("vrmjobs.vrm_type.VrmType", 100, "METRIC_INIT")}
RECOGNISED = [probe_init(), probe_ack(), register_ack(), report_init(), query_ack(), probe_init("vrmjobs"),
              PLAIN_PROBE, PLAIN_REGISTER, PLAIN_REPORT, PLAIN_QUERY, PLAIN_METRIC]

NAMES = [
    "dtos.probe_init.ProbeIni", "dtos.probe_init.ProbeInit2", "dtos.probe_init.ProbeInit ",
    " dtos.probe_init.ProbeInit",
    "dtos.probe_init.probeinit", "DTOS.probe_init.ProbeInit", "dtos.Probe_Init.ProbeInit", "dtos.probe_init.PROBEINIT",
    "xdtos.probe_init.ProbeInit", "dtos.probe_init.XProbeInit", "my.dtos.probe_init.ProbeInit",
    "dtos.probe_init.ProbeInit.Inner", "dtos.probe_init.sub.ProbeInit", "dtos.probe_init.", "dtos.probe_init",
    "dtos..ProbeInit", "dtos.ProbeInit", "ProbeInit", "probe_init.ProbeInit", "dtos.probe_ack.ProbeInit",
    "dtos.probe_init.ProbeAck", "dto.probe_init.ProbeInit", "dtos2.probe_init.ProbeInit", "dtos/probe_init/ProbeInit",
    "dtos.probe_init:ProbeInit", "dtos.probe_init.ProbeInit\0", "dtos.probe_init\0.ProbeInit",
    "dtos.probe_init.ProbeInít",
    "ｄtos.probe_init.ProbeInit", "dtos.register_ack.RegAck", "dtos.report_init.Report", "dtos.reg_ack.RegisterAck",
    # Classes that only vrmjobs has, and that nobody has.
    "dtos.query_ack.QueryAck", "dtos.metric_init.MetricInit", "vrmjobs.unknown.Unknown", "vrmjobs.query_ack.Query",
    "vrmjobs.vrm_pkt.VrmPkt", "vrmjob.probe_init.ProbeInit", "vrmjobs2.probe_init.ProbeInit", "vrmjobs.ProbeInit",
    # Parts of a message, which nobody sends by themselves.
    "dtos.host_info.HostInfo", "dtos.port_info.PortInfo", "dtos.register_info.RegisterInfo",
    "dtos.crm_pkt_type.CrmPktType", "dtos.host_type.HostType", "vrmjobs.host_info.HostInfo",
    "vrmjobs.filter_info.FilterInfo", "vrmjobs.metric_info.MetricInfo", "vrmjobs.worker_info.WorkerInfo",
    "vrmjobs.collector_info.CollectorInfo", "vrmjobs.vrm_type.VrmType", "dtos.None.criterion", "dtos.criterion", "",
]


def _renamed():
    for name in NAMES:
        yield f"class {name!r}", changed(probe_init(), "py/object", name)
    for value in (None, 1, True, [], ["dtos.probe_init.ProbeInit"], {"py/type": "dtos.probe_init.ProbeInit"}):
        yield f"class {value!r}", changed(probe_init(), "py/object", value)
    for key in ("py/Object", "py/objects", "py/obj", "object", "py/object ", "py/type", "py/class", "py/state"):
        yield f"key {key!r}", {key if name == "py/object" else name: value for name, value in probe_init().items()}


def _nested():
    yield "in an array", [probe_init()]
    yield "in a member", {"message": probe_init()}
    yield "in a member that messages have", {"id": UUID, "info": probe_init(), "type": 1}
    yield "in py/state", {"py/state": probe_init()}
    yield "in py/state of another class", {"py/object": "other.Class", "py/state": probe_init()}
    yield "in py/tuple", {"py/tuple": [probe_init()]}
    yield "in a string", {"id": json.dumps(probe_init()), "info": json.dumps(probe_init()), "type": "x"}
    yield "its host info alone", host_info()
    yield "plain, in a member", {"type": PLAIN_PROBE}
    yield "plain, in an array", [PLAIN_PROBE]
    yield "plain report, in an array", [PLAIN_REPORT]


def _members(message, name):
    """One member more, and one less, for each member that there is."""
    yield f"{name}, one more", {**message, "extra": 1}
    yield f"{name}, one more, first", {"extra": 1, **message}
    yield f"{name}, an empty name more", {**message, "": None}
    for key in message:
        yield f"{name}, no {key}", {other: value for other, value in message.items() if other != key}
        yield f"{name}, {key} renamed", {other + "_" if other == key else other: value
                                         for other, value in message.items()}
        yield f"{name}, {key} in capitals", {other.upper() if other == key else other: value
                                             for other, value in message.items()}


def _enums():
    dtos, vrmjobs = "dtos.crm_pkt_type.CrmPktType", "vrmjobs.vrm_type.VrmType"
    yield "packet_id for id", {"packet_id" if key == "id" else key: value for key, value in PLAIN_PROBE.items()}
    yield "id for packet_id", {"id" if key == "packet_id" else key: value for key, value in PLAIN_QUERY.items()}
    yield "both ids", {"packet_id": UUID, **PLAIN_PROBE}
    for value in (1, "PROBE_INIT", "1", None, True, [1], {}, 1.0, {"_value_": 1}, {"_name_": "PROBE_INIT"},
                  {"_value_": 1, "_name_": "PROBE_INIT", "_sort_order_": 0}):
        yield f"enum {value!r}", changed(PLAIN_PROBE, "type", value)
    for number, by_value in enumerate((packet_type(1), {"py/reduce": [*packet_type(1)["py/reduce"], None, None, None]})):
        yield f"enum with py/ keys, {number}", changed(PLAIN_PROBE, "type", by_value)
    yield "enum with py/ keys, by name", changed(PLAIN_PROBE, "type", {"py/reduce": [
        {"py/function": "builtins.getattr"}, {"py/tuple": [{"py/type": dtos}, "PROBE_INIT"]}]})
    for class_name in ("dtos.host_type.HostType", "dtos.crm_pkt_type.CrmPktTyp", "dtos.crm_pkt_type.CrmPktType2",
                       "CrmPktType", "other.crm_pkt_type.CrmPktType", "x.dtos.crm_pkt_type.CrmPktType",
                       "vrmjobs.crm_pkt_type.CrmPktType", "dtos.vrm_type.VrmType", "enum.Enum", ""):
        yield f"enum of {class_name}", changed(PLAIN_PROBE, "type", _plain_enum(class_name, 1, "PROBE_INIT"))
    for number in (0, 4, 5, 100, -1, 2**32 + 1, 2**64 + 1, 1.0, "1", None, True):
        yield f"number {number!r}", changed(PLAIN_PROBE, "type", _plain_enum(dtos, number, "PROBE_INIT"))
    yield "class of the enum as text", changed(PLAIN_PROBE, "type", {
        **_plain_enum("x", 1, "PROBE_INIT"), "__objclass__": dtos})
    yield "class of the enum as py/object", changed(PLAIN_PROBE, "type", {
        **_plain_enum("x", 1, "PROBE_INIT"), "__objclass__": {"py/object": dtos}})
    yield "a query's number on a probe", changed(PLAIN_PROBE, "type", _plain_enum(vrmjobs, 4, "QUERY_ACK"))
    yield "a metric's number on a query", changed(PLAIN_QUERY, "type", _plain_enum(vrmjobs, 100, "METRIC_INIT"))
    yield "a probe's number on a query", changed(PLAIN_QUERY, "type", _plain_enum(vrmjobs, 1, "PROBE_INIT"))
    yield "dtos has no query", changed(PLAIN_QUERY, "type", _plain_enum(dtos, 4, "QUERY_ACK"))
    yield "dtos has no metric", changed(PLAIN_METRIC, "type", _plain_enum(dtos, 100, "METRIC_INIT"))


def _reports():
    for key, values in {"type": (1, None, ["influx_report"], {"_value_": 1}),
                        "measurement": (1, None, {}, True),
                        "tags": ("a=b", {"a": "b"}, None, [1], ["a=b", None], [["a=b"]], {"py/tuple": ["a=b"]},
                                 ["production"], ["a=b", "c"], [""], ["a:b"]),
                        "fields": ("a=1", {"a": 1}, None, [1], ["a=1", {"b": 2}], ["usage"], ["a=1", "b 2"]),
                        "timestamp": (1598559679.5, "1598559679", None, True, [1], 1e9, float("nan"))}.items():
        for value in values:
            yield f"report, {key} is {value!r}", changed(PLAIN_REPORT, key, value)


def _damaged():
    for name, message in {"by class": probe_init(), "plain": PLAIN_PROBE, "report": PLAIN_REPORT}.items():
        data = as_bytes(message)
        yield f"{name}, two documents", data + data
        yield f"{name}, two lines", data + b"\n" + data
        yield f"{name}, a comma behind", data + b","
        yield f"{name}, a brace behind", data + b"}"
        yield f"{name}, a NUL behind", data + b"\0"
        yield f"{name}, text behind", data + b" x }"
        yield f"{name}, text before", b"x" + data
        yield f"{name}, without its last byte", data[:-1]
        yield f"{name}, without its first", data[1:]
        yield f"{name}, without its first quote", data.replace(b'"', b"", 1)
        yield f"{name}, with a byte order mark", b"\xef\xbb\xbf" + data
        yield f"{name}, vertical tab before", b"\v" + data
        yield f"{name}, no-break space before", b"\xc2\xa0" + data
        yield f"{name}, UTF-16", data.decode().encode("utf-16-le")
        yield (f"{name}, a raw control character",
               data.replace(b"worker1", b"wor\x01er1").replace(b"collector", b"c\x01"))
        yield f"{name}, broken UTF-8", data.replace(b"worker1", b"wor\xffer1").replace(b"collector", b"c\xff")
        yield f"{name}, single quotes", data.replace(b'"', b"'")
        yield f"{name}, a trailing comma", data[:-1] + b",}"
        yield f"{name}, a bad escape", data.replace(b"worker1", b"\\x41").replace(b"collector", b"\\x41")
        yield f"{name}, nan", data.replace(b'{"', b'{"a": nan, "', 1)
        yield f"{name}, too deep", data[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    twice = as_bytes(probe_init())[:-1] + b', "py/object": "other.Class"}'
    yield "the receiver takes the last of two classes", twice


def _near_misses():
    for family in (_renamed(), _nested(), _members(PLAIN_PROBE, "plain probe"),
                   _members(PLAIN_REGISTER, "plain register"), _members(PLAIN_REPORT, "plain report"),
                   _members(PLAIN_QUERY, "plain query"), _enums(), _reports(), _damaged()):
        yield from ((name, as_bytes(payload)) for name, payload in family)


NEAR_MISSES = dict(_near_misses())
EVERYTHING = {**FOREIGN, **NEAR_MISSES}


# What is written, and what tshark says of it

def _without_plugin(tshark, *arguments):
    """stdout of a tshark that has never heard of CRM."""
    nothing = tshark.directory / "no-plugins"
    nothing.mkdir(exist_ok=True)
    nothing.chmod(0o755)
    done = subprocess.run(tshark.command("tshark", *arguments, WIRESHARK_PLUGIN_DIR=str(nothing)),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert not done.stderr
    return done.stdout.decode()


def _on_all_ports():
    """Each payload to a port of its own kind and to nobody's, by IPv4 and IPv6."""
    for number, payload in enumerate(EVERYTHING.values()):
        source, port = 30000 + number, PORTS[number % len(PORTS)]
        yield payload, (HOST, source), (OTHER, PORT)
        yield payload, (HOST, port), (OTHER, source)
        yield payload, (HOST6, source), (OTHER6, port)
        yield payload, (HOST6, port), (OTHER6, port)


@pytest.fixture(scope="module")
def capture(tshark):
    return write(tshark, _on_all_ports())


def test_collection_is_large():
    assert len(FOREIGN) >= 80 and len(NEAR_MISSES) >= 80
    assert len(set(EVERYTHING.values())) >= len(EVERYTHING) - 2


def test_near_misses_are_near(tshark):
    """What each was made from is CRM on the port where none of them is."""
    assert claimed(tshark, write(tshark, apart(RECOGNISED))) == [True] * len(RECOGNISED)


def test_nothing_is_claimed(tshark):
    """One frame each on nobody's port, so that a failure names the culprits."""
    verdicts = claimed(tshark, write(tshark, apart(EVERYTHING.values())))
    assert [name for name, is_crm in zip(EVERYTHING, verdicts, strict=True) if is_crm] == []


def test_nothing_is_claimed_on_any_port(tshark, capture):
    assert not any(claimed(tshark, capture))
    assert tshark.run("-r", capture, "-Y", "crm or crm.type or crm.json_error") == ""
    assert "CRM" not in {protocol for protocol, _ in tshark.columns(capture)}


def test_nothing_is_claimed_where_ports_come_last(tshark, capture):
    """A user may have Wireshark ask the heuristics first."""
    assert not any(claimed(tshark, capture, "-o", "udp.try_heuristic_first:TRUE"))


def test_nothing_is_claimed_in_two_passes(tshark, capture):
    assert not any(claimed(tshark, capture, "-2"))


@not_sanitized("whatever is printed, the plugin is asked what the tests before this one ask it")
@pytest.mark.parametrize("options", [(), ("-V",), ("-T", "pdml"), ("-q", "-z", "expert"), ("-q", "-z", "conv,udp"),
                                     ("-2", "-V", "-x"), ("-q", "-z", "io,phs"),
                                     ("-T", "fields", "-e", "udp.stream", "-e", "frame.protocols")],
                         ids=lambda options: "".join(options) or "list")
def test_declining_leaves_no_trace(tshark, capture, options):
    """Conversations, expert information, columns: as if there were no plugin.
    A PDML file says when it was written."""
    told = [re.sub(r'<pdml [^>]*>', "", run("-r", capture, *options))
            for run in (tshark.run, lambda *arguments: _without_plugin(tshark, *arguments))]
    assert len(told[0]) > 200 and told[0] == told[1]


def test_foreign_beside_crm(tshark):
    """Hosts that speak CRM speak other things too, between the same addresses."""
    session = [(probe_init(inet_addr=HOST, ports=[("collectord", 19090)]), (HOST, 40001), ("10.9.0.255", PORT)),
               (register_ack(), (HOST, 40002), (OTHER, PORT))]
    foreign = [(payload, (HOST, 54321), (OTHER, 54322)) for payload in EVERYTHING.values()]
    verdicts = claimed(tshark, write(tshark, session + foreign))
    assert verdicts == [True, True] + [False] * len(foreign)


def test_a_part_proves_nothing(tshark):
    """Cut by the capture, or a first fragment without the others."""
    message = as_bytes(probe_init(ports=[("d", 1)] * 60))
    path = tshark.capture([message, as_bytes(probe_init())], (HOST, 30000), (OTHER, PORT), snaplen=400)
    assert claimed(tshark, path) == [False, False]
    path = tshark.capture([message], (HOST, 30000), (OTHER, PORT), mtu=1500)
    assert not any(claimed(tshark, path, "-o", "ip.defragment:FALSE"))
