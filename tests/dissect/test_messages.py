# SPDX-License-Identifier: GPL-2.0-or-later
"""What each message and each generation of its parts becomes."""

import calendar
import datetime
import itertools
import json
import subprocess

import pytest

from content import (UUID, changed, content_names, enum, filter_info, host_info, packet_type, probe_ack,
                     probe_init, query_ack, register_ack, report_init)
from tshark import is_a_time, is_true

MODULES = ["dtos", "vrmjobs"]


@pytest.fixture(scope="module")
def one(tshark):
    """Dissects one message, which must be free of findings."""
    def dissect(message):
        result = tshark.dissect([message])[0]
        assert content_names(result) == []
        return result
    return dissect


@pytest.mark.parametrize("module", MODULES)
def test_probe_init(one, module):
    message = one(probe_init(module))
    assert message.value("crm.type") == "1"
    assert message.value("crm.object") == f"{module}.probe_init.ProbeInit"
    assert message.value("crm.id") == UUID
    assert message.value("crm.hostname") == "collector"
    assert message.value("crm.inet_addr") == message.value("crm.inet_addr.ipv4") == "10.0.0.2"
    assert message.value("crm.host_type") == "2"
    assert message.values("crm.port_info") == ["coordinatord:10100", "collectord:9090"]
    assert message.values("crm.port_info.daemon") == ["coordinatord", "collectord"]
    assert message.values("crm.port_info.port") == ["10100", "9090"]
    assert message.values("crm.host_info") == ["collector (10.0.0.2)"]
    assert message.value("crm.encoding") == "0" and message.value("crm.encoding.enum") == "0"
    assert message.values("crm.member") == []


@pytest.mark.parametrize("module", MODULES)
def test_probe_ack(one, module):
    message = one(probe_ack(module))
    assert message.value("crm.type") == "2"
    assert message.value("crm.hostname") == "worker1"
    assert message.value("crm.host_type") == "1"
    assert message.values("crm.port_info") == ["workerd:10500"]


def test_register_ack(tshark):
    cases = list(itertools.product([(True, 0), (False, 3), (False, 0), (False, -1), (False, 2**63 - 1)], MODULES))
    messages = tshark.dissect([register_ack(status, "why", retries, module) for (status, retries), module in cases])
    for ((status, retries), module), message in zip(cases, messages, strict=True):
        assert content_names(message) == [], module
        assert message.value("crm.type") == "3"
        assert message.values("crm.register_info") == [
            "registered: why" if status else f"failed, {retries} retries left: why"]
        assert is_true(message.value("crm.register.status")) is status
        assert message.value("crm.register.message") == "why"
        assert message.value("crm.register.max_retries") == str(retries)
        assert message.values("crm.hostname") == []


@pytest.mark.parametrize("form", ["tuple", "list", "text"])
def test_register_message_in_each_form(one, form):
    value = {"tuple": {"py/tuple": ["why"]}, "list": ["why"], "text": "why"}[form]
    message = one(changed(register_ack(), "info.message", value))
    assert message.value("crm.register.message") == "why"
    assert json.loads(message.value("crm.dto"))["info"]["message"] == "why" or \
        json.loads(message.value("crm.dto"))["info"]["message"] == ["why"]


def test_query_ack(one):
    message = one(query_ack(filter_info("disk", ("mounpoint", "=", "/rootfs"), ("device", "=~", "^.*/dev/sda.*$")),
                            filter_info("network", ("interface", "=", "enp0s8"))))
    assert message.value("crm.type") == "4"
    assert message.value("crm.id") == UUID
    assert message.value("crm.hostname") == "worker1"
    assert message.value("crm.query.job") == "psutil"
    assert message.values("crm.filter_info") == ["disk", "network"]
    assert message.values("crm.filter.category") == ["disk", "network"]
    assert message.values("crm.filter.criterion") == \
        ["mounpoint = /rootfs", "device =~ ^.*/dev/sda.*$", "interface = enp0s8"]
    assert message.values("crm.filter.field_name") == ["mounpoint", "device", "interface"]
    assert message.values("crm.filter.field_value") == ["/rootfs", "^.*/dev/sda.*$", "enp0s8"]
    assert message.values("crm.filter.regex") == ["=", "=~", "="]


def test_metric_init(one):
    info = {"py/object": "vrmjobs.metric_info.MetricInfo", "hostname": "worker1", "inet_addr": "10.0.0.11",
            "ports": [{"py/object": "vrmjobs.port_info.PortInfo", "daemon": "node_exporter", "port": 9100}]}
    message = one({"py/object": "vrmjobs.metric_init.MetricInit", "packet_id": UUID, "info": info,
                   "type": packet_type(100, "vrmjobs")})
    assert message.value("crm.type") == "100"
    assert message.value("crm.id") == UUID
    assert message.values("crm.host_info") == ["worker1 (10.0.0.11)"]
    assert message.value("crm.hostname") == "worker1"
    assert message.values("crm.port_info") == ["node_exporter:9100"]


@pytest.mark.parametrize("class_name, extra", [
    ("metric_info.MetricInfo", {}), ("metric_info.MetricInfo", {"hostname": "h"}),
    ("collector_info.CollectorInfo", {}), ("worker_info.WorkerInfo", {"hostname": "h"})])
def test_host_infos_of_vrmjobs(one, class_name, extra):
    """Their attributes changed between releases; none of them is amiss."""
    info = {"py/object": f"vrmjobs.{class_name}", **extra, "inet_addr": "10.0.0.11",
            "ports": [{"py/object": "vrmjobs.port_info.PortInfo", "daemon": "workerd", "port": 10500}]}
    message = one(changed(probe_ack("vrmjobs"), "info", info))
    assert message.values("crm.host_info") == ["h (10.0.0.11)" if extra else "10.0.0.11"]
    assert message.values("crm.hostname") == list(extra.values())
    assert message.value("crm.inet_addr.ipv4") == "10.0.0.11"
    assert message.values("crm.port_info") == ["workerd:10500"]


@pytest.mark.parametrize("class_name, extra", [
    ("collector_info.CollectorInfo", {}), ("worker_info.WorkerInfo", {"exporter_info": {}}),
    ("worker_info.WorkerInfo", {"hostname": "h", "exporter_info": {"node": 9100}})])
def test_host_infos_of_the_first_vrmjobs(one, class_name, extra):
    """ip_addr and port in the place of inet_addr and ports."""
    info = {"py/object": f"vrmjobs.{class_name}", **extra, "ip_addr": "10.0.0.11", "port": 10500}
    message = one(changed(probe_ack("vrmjobs"), "info", info))
    assert message.value("crm.inet_addr") == message.value("crm.inet_addr.ipv4") == "10.0.0.11"
    assert message.value("crm.port_info.port") == "10500"
    exporters = extra.get("exporter_info", {})
    assert message.values("crm.exporter") == [f"{name}: {port}" for name, port in exporters.items()]
    assert json.loads(message.value("crm.dto"))["info"] == \
        {**extra, "ip_addr": "10.0.0.11", "port": 10500}
    assert message.values("crm.member") == [] and content_names(message) == []


@pytest.mark.parametrize("info, line", [
    ({"ip_addr": "10.0.0.11", "port": 10500}, "10.0.0.11"),
    ({"ip_addr": "10.0.0.11", "port": 10500, "exporter_info": {"node": 9100}}, "10.0.0.11"),
    ({"hostname": "h", "inet_addr": "10.0.0.11", "ports": []}, "h (10.0.0.11)")])
def test_host_infos_without_a_class(one, info, line):
    """Plain JSON of the oldest releases: each is read as the class whose attributes it has."""
    message = one({"id": UUID, "info": info, "type": 2})
    assert message.values("crm.host_info") == [line]
    assert content_names(message) == [] and message.values("crm.member") == []
    assert json.loads(message.value("crm.dto")) == {"id": UUID, "info": info, "type": "PROBE_ACK"}


def test_a_host_info_without_a_class_that_lacks_an_address(tshark):
    """A WorkerInfo has one, so that nothing tells it is one."""
    message, = tshark.dissect([{"id": UUID, "info": {"hostname": "h", "exporter_info": {"node": 9100}}, "type": 2}])
    assert message.values("crm.exporter") == [] and message.value("crm.member") == 'info.exporter_info = {"node": 9100}'
    assert message.expert("crm.missing_member")[0] == 'info: HostInfo has no "inet_addr"'


def query_info(job, *filters):
    return {"py/object": "vrmjobs.query_info.QueryInfo", "job": job, "filters": list(filters)}


def test_queries_of_a_host_info(one):
    """One of them and its filter again as references: to a QueryInfo, and out of one. They stand behind the host's type,
    which counts."""
    disk = filter_info("disk", ("device", "=~", "^.*sda.*$"))
    message = one(changed(probe_ack("vrmjobs"), "info.queries", [
        query_info("node", disk, {"py/id": 8}), query_info("snmp"), {"py/id": 6}]))
    assert message.values("crm.query_info") == ["node", "snmp", "node"]
    assert message.values("crm.query.job") == ["node", "snmp", "node"]
    assert message.values("crm.filter_info") == ["disk"] * 4
    assert message.values("crm.filter.criterion") == ["device =~ ^.*sda.*$"] * 4
    assert message.values("crm.reference") == ["8", "6", "8"]
    assert message.values("crm.member") == [] and content_names(message) == []
    plain = {"category": "disk", "criteria": [
        {"field_name": "device", "field_value": "^.*sda.*$", "regex": "=~"}]}
    node = {"job": "node", "filters": [plain, plain]}
    assert json.loads(message.value("crm.dto"))["info"]["queries"] == [node, {"job": "snmp", "filters": []}, node]


def test_criteria_in_the_short_form(one):
    filters = {"py/object": "vrmjobs.filter_info.FilterInfo", "category": "disk",
               "criteria": [{"mounpoint": "/rootfs"}, {"device": "/dev/sda", "mode": "idle"}]}
    message = one(query_ack(filters))
    assert message.values("crm.filter.criterion") == ["mounpoint = /rootfs", "device = /dev/sda", "mode = idle"]
    assert message.values("crm.filter.field_name") == ["mounpoint", "device", "mode"]
    assert message.values("crm.filter.field_value") == ["/rootfs", "/dev/sda", "idle"]
    assert message.values("crm.filter.regex") == [] and content_names(message) == []
    assert json.loads(message.value("crm.dto"))["filters"] == [
        {"category": "disk", "criteria": filters["criteria"]}]


def test_a_line_can_be_filtered_for(tshark):
    """What Apply as Filter makes of an object."""
    capture = tshark.capture([probe_init(), register_ack(False, "no", 3), probe_ack()])
    for wanted, frames in [('crm.host_info == "collector (10.0.0.2)"', ["1"]),
                           ('crm.register_info contains "3 retries left"', ["2"]),
                           ('crm.host_info == "worker1 (10.0.0.11)"', ["3"])]:
        assert [row[0][0] for row in tshark.rows(capture, "frame.number", options=("-Y", wanted))] == frames


TIMES = [
    (1598559679, "2020-08-27 20:21:19.000000000"), (1598559679123, "2020-08-27 20:21:19.123000000"),
    (1598559679123456, "2020-08-27 20:21:19.123456000"), (1598559679123456789, "2020-08-27 20:21:19.123456789"),
    (0, "1970-01-01 00:00:00.000000000"),
    # The last in a unit, and the first in the next finer one.
    (99999999999, "5138-11-16 09:46:39.000000000"), (100000000000, "1973-03-03 09:46:40.000000000"),
    (99999999999999, "5138-11-16 09:46:39.999000000"), (100000000000000, "1973-03-03 09:46:40.000000000"),
    (99999999999999999, "5138-11-16 09:46:39.999999000"), (100000000000000000, "1973-03-03 09:46:40.000000000"),
    # Before 1970, where a fraction counts forward too, and the units have the same width.
    (-86400, "1969-12-31 00:00:00.000000000"), (-62135596800, "0001-01-01 00:00:00.000000000"),
    (-100000000001, "1966-10-31 14:13:19.999000000"), (-1598559679123, "1919-05-07 03:38:40.877000000"),
    (-100000000000001, "1966-10-31 14:13:19.999999000"), (-1598559679123456, "1919-05-07 03:38:40.876544000"),
    (-100000000000000001, "1966-10-31 14:13:19.999999999"),
    (-1598559679123456789, "1919-05-07 03:38:40.876543211")]


def test_report_init(tshark):
    capture = tshark.capture([report_init(timestamp) for timestamp, _ in TIMES])
    for (timestamp, time), message in zip(TIMES, tshark.messages(capture), strict=True):
        assert content_names(message) == [] == message.values("crm.type")
        assert message.value("crm.report.type") == "influx_report"
        assert message.value("crm.report.measurement") == "host_cpu_usage"
        assert message.values("crm.report.tag") == ["hostname=worker1", "instance=10.0.0.11"]
        assert message.values("crm.report.field") == ["avg_cpu=35.3453"]
        assert message.value("crm.report.timestamp") == str(timestamp)
    # Releases of tshark print a time in different ways; a filter compares it. What a time_t does not hold is no wrong time.
    shown = {number: time for number, (_, time) in enumerate(TIMES, 1)
             if is_a_time(calendar.timegm(datetime.datetime.fromisoformat(time[:19]).timetuple()))}
    assert len(shown) >= 9
    wanted = " or ".join(f'(frame.number == {number} and crm.report.time == "{time}Z")' for number, time in shown.items())
    for condition in (wanted, "crm.report.time"):
        assert tshark.rows(capture, "frame.number", options=("-Y", condition)) == [[[str(number)]] for number in shown]


def test_the_time_of_a_report_is_utc_wherever_it_is_read(tshark):
    capture = tshark.readable(tshark.capture([report_init(1600000000)]))
    command = tshark.command("tshark", "-r", capture, "-T", "fields", "-e", "crm.report.time", TZ="JST-9")
    assert "12:26:40" in subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


@pytest.mark.parametrize("address, kind", [
    ("10.0.0.2", "ipv4"), ("fd00::2", "ipv6"), ("fe80::1%eth0", "ipv6"), ("::ffff:10.0.0.2", "ipv6")])
def test_typed_address(one, address, kind):
    message = one(probe_init(inet_addr=address))
    assert message.value("crm.inet_addr") == address
    assert len(message.values(f"crm.inet_addr.{kind}")) == 1
    assert len(message.values("crm.inet_addr.ipv4") + message.values("crm.inet_addr.ipv6")) == 1


def test_filters_compare_typed_values(tshark):
    capture = tshark.capture([probe_init(), register_ack(False, "no", 3), probe_ack()])
    for wanted, frames in [("crm.inet_addr.ipv4 == 10.0.0.0/29", ["1"]), ("crm.port_info.port < 10000", ["1"]),
                           ('crm.port_info == "workerd:10500"', ["3"]), ("crm.register.max_retries > 2", ["2"]),
                           ("crm.register.status == 0", ["2"]), ("crm.type == PROBE_INIT", ["1"]),
                           ("crm.host_type == 1", ["3"])]:
        if "PROBE_INIT" in wanted:
            wanted = 'crm.type == "PROBE_INIT"'
        assert [row[0][0] for row in tshark.rows(capture, "frame.number", options=("-Y", wanted))] == frames


def test_plain_dto_of_each_message(one):
    """crm.dto: attribute names as in the DTOs, type first, enums by name."""
    dto = json.loads(one(probe_init()).value("crm.dto"))
    assert dto == {"type": "PROBE_INIT", "id": UUID, "info": {
        "hostname": "collector", "inet_addr": "10.0.0.2", "type": "COLLECTOR",
        "ports": [{"daemon": "coordinatord", "port": 10100}, {"daemon": "collectord", "port": 9090}]}}
    assert one(register_ack()).value("crm.dto") == (
        '{"type":"REG_ACK","id":"%s","info":{"status":true,'
        '"message":"Successfully registered at collector host.","max_retries":0}}' % UUID)
    assert json.loads(one(report_init()).value("crm.dto"))["timestamp"] == 1598559679
    assert json.loads(one(query_ack(filter_info("disk", ("a", "=", "b")))).value("crm.dto"))["filters"] == \
        [{"category": "disk", "criteria": [{"field_name": "a", "field_value": "b", "regex": "="}]}]


def test_members_of_no_dto(tshark):
    extra = {"a": 1, "deep": [None, {"x": "y"}]}
    payload = changed(changed(probe_init(), "info.extra", extra), "more", "text")
    payload["info"]["ports"][1]["odd"] = 1.5
    message = tshark.dissect([payload])[0]
    assert message.values("crm.member") == ["info.ports[1].odd = 1.5", f"info.extra = {json.dumps(extra)}",
                                           'more = "text"']
    dto = json.loads(message.value("crm.dto"))
    assert dto["info"]["extra"] == extra and dto["more"] == "text" and dto["info"]["ports"][1]["odd"] == 1.5


def test_an_integer_of_any_length_is_one_in_the_dto(tshark):
    message, = tshark.dissect([changed(probe_init(), "extra", 10**320)])
    assert json.loads(message.value("crm.dto"))["extra"] == 10**320


def test_columns(tshark):
    payloads = [probe_init(), probe_ack(), register_ack(), register_ack(False, "no space", 2),
                query_ack(filter_info("disk", ("a", "=", "b"))), report_init(), "{", "[]"]
    columns = tshark.columns(tshark.capture(payloads))
    assert [protocol for protocol, _ in columns] == ["CRM"] * len(payloads)
    info = [text for _, text in columns]
    for text, name in zip(info, ["PROBE_INIT", "PROBE_ACK", "REG_ACK", "REG_ACK", "QUERY_ACK", "ReportInit"]):
        assert text.removeprefix("[from 10.0.0.2] ").split()[0] == name
    assert all(part in info[0] for part in ("collector", "10.0.0.2", "coordinatord:10100", UUID[:8]))
    assert "registered" in info[2] and "failed, 2 retries left" in info[3] and "no space" in info[3]
    assert "worker1" in info[4] and "psutil" in info[4]
    assert "Malformed" in info[6] and "byte 1" in info[6] and "Unknown" in info[7]


def test_every_document_is_claimed_on_the_ports(tshark):
    payloads = [b"\x00", b"hello", b"\xff\xff", b"[1,2]", b"{}", b"nul", b" "]
    assert {protocol for protocol, _ in tshark.columns(tshark.capture(payloads))} == {"CRM"}


def test_message_read_without_its_class(tshark):
    """Plain JSON whose enum is a bare number or name is told by that."""
    for value, form in [(1, "3"), ("PROBE_INIT", "3"), ({"_name_": "PROBE_INIT", "_value_": 1}, "2")]:
        message = tshark.dissect([{"id": UUID, "info": {"hostname": "h", "inet_addr": "10.0.0.2", "ports": [],
                                                        "type": 2}, "type": value}])[0]
        assert message.value("crm.type") == "1" and message.value("crm.hostname") == "h"
        assert form in message.values("crm.encoding.enum") and message.value("crm.encoding") == "2"
        assert content_names(message) == []


def test_class_in_full_at_host_info(tshark):
    """An info of the other kind is read as what it says it is."""
    message = tshark.dissect([changed(probe_init(), "info", register_ack()["info"])])[0]
    assert "crm.wrong_type" in content_names(message)
    assert is_true(message.value("crm.register.status"))


def test_enum_of_vrmjobs_only(tshark):
    """MONITOR is no HostType of crm-dtos."""
    messages = tshark.dissect([changed(probe_init(), "info.type", enum(f"{module}.host_type.HostType", 3))
                               for module in MODULES])
    assert [content_names(message) for message in messages] == [["crm.unknown_enum"], []]
    assert [message.value("crm.host_type") for message in messages] == ["3", "3"]


def test_many_ports(tshark):
    ports = [(f"d{n}", n) for n in range(1, 901)]
    payload = {"id": UUID, "info": {"hostname": "h", "inet_addr": "10.0.0.2", "type": 1, "ports": [
        {"daemon": d, "port": p} for d, p in ports]}, "type": 2}
    message = tshark.dissect([payload], mtu=65535)[0]
    assert message.values("crm.port_info") == [f"{daemon}:{port}" for daemon, port in ports]


def test_nothing_is_lost_to_the_limit(tshark):
    """A list past the limit says how many entries more there are; crm.dto has all."""
    payload = {"id": UUID, "info": {"hostname": "h", "inet_addr": "10.0.0.2", "type": 1,
                                    "ports": [{"daemon": "d", "port": 7}] * 2300}, "type": 2}
    message = tshark.dissect([payload], mtu=65535)[0]
    assert len(message.values("crm.port_info")) == 2048
    assert [label for label, _ in message.fields if "more" in label] == [
        "info.ports: 252 more entries, not shown: the limit is 2048 a datagram"]
    assert len(json.loads(message.value("crm.dto"))["info"]["ports"]) == 2300


@pytest.mark.parametrize("path, said", [("", "1 more member"), ("info", "info: 1 more member")], ids=["message", "info"])
def test_what_the_limit_leaves_out_says_where_it_stood(tshark, path, said):
    payload = {"id": UUID, "info": {"hostname": "h", "inet_addr": "10.0.0.2", "type": 1, "ports": []}, "type": 2}
    (payload["info"] if path else payload).update({f"m{number}": 0 for number in range(2049)})
    message = tshark.dissect([payload], mtu=65535)[0]
    assert [label for label, _ in message.fields if "more" in label] == [
        f"{said}, not shown: the limit is 2048 a datagram"]


def test_host_info_is_written_as_upstream_does():
    """content.py writes an object as the real encoder does."""
    assert json.dumps(host_info())[:70] == (
        '{"py/object": "dtos.host_info.HostInfo", "hostname": "collector", "ine')


def test_a_name_that_stands_twice_beyond_the_limit(tshark):
    """crm.dto has what the tree leaves out, and of names that stand twice the last."""
    text = json.dumps(probe_init())[:-1] + "".join(f', "m{number}": 1' for number in range(2100)) + ', "x": 1, "x": 2}'
    dto = tshark.dissect([text])[0].value("crm.dto")
    assert dto.count('"x"') == 1 and dto.endswith(',"x":2}')


def test_an_id_that_takes_the_place_of_one_with_an_escape(tshark):
    """All other bytes are the same, and it has as many."""
    ids = ["caf\u00e9", "caf\u00e9", "worker1-0", "caf\u00e9"]
    assert len({len(json.dumps(word)) for word in ids}) == 1
    messages = tshark.dissect([changed(probe_ack(), "id", word) for word in ids])
    assert [(message.value("crm.id"), message.value("crm.hostname")) for message in messages] == [
        (word, "worker1") for word in ids]
