# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to test with, and which expert information is about one datagram."""

import copy
import json

# What a datagram's own content tells, as opposed to its place in the traffic.
CONTENT_EXPERTS = {
    "crm.json_error", "crm.json_depth", "crm.json_nonstandard", "crm.duplicate_member", "crm.unknown_class",
    "crm.unknown_enum", "crm.type_mismatch", "crm.missing_member", "crm.wrong_type", "crm.port_out_of_range",
    "crm.inet_addr_invalid", "crm.unresolved_reference",
}

UUID = "78f6ac6d-ec8d-44cf-abc8-584e4255e9d3"


def content_experts(message):
    """The expert information that is about the datagram itself."""
    return [expert for expert in message.experts if expert.name in CONTENT_EXPERTS]


def content_names(message):
    """The names of the same."""
    return [expert.name for expert in content_experts(message)]


def enum(class_name, number):
    """An enum by value, as most pairs of jsonpickle and Python write it."""
    return {"py/reduce": [{"py/type": class_name}, {"py/tuple": [number]}]}


def packet_type(number, module="dtos"):
    return enum("dtos.crm_pkt_type.CrmPktType" if module == "dtos" else "vrmjobs.vrm_type.VrmType", number)


def host_type(number, module="dtos"):
    return enum(f"{module}.host_type.HostType", number)


def port_info(daemon, port, module="dtos"):
    return {"py/object": f"{module}.port_info.PortInfo", "daemon": daemon, "port": port}


def host_info(hostname="collector", inet_addr="10.0.0.2", ports=None, kind=2, module="dtos"):
    ports = [("coordinatord", 10100), ("collectord", 9090)] if ports is None else ports
    return {"py/object": f"{module}.host_info.HostInfo", "hostname": hostname, "inet_addr": inet_addr,
            "ports": [port_info(*port, module) for port in ports], "type": host_type(kind, module)}


def probe_init(module="dtos", **info):
    return {"py/object": f"{module}.probe_init.ProbeInit", "id": UUID, "info": host_info(module=module, **info),
            "type": packet_type(1, module)}


def probe_ack(module="dtos"):
    info = host_info("worker1", "10.0.0.11", [("workerd", 10500)], 1, module)
    return {"py/object": f"{module}.probe_ack.ProbeAck", "id": UUID, "info": info,
            "type": packet_type(2, module)}


def register_ack(status=True, text="Successfully registered at collector host.", retries=0, module="dtos"):
    return {"py/object": f"{module}.register_ack.RegisterAck", "id": UUID, "info": {
        "py/object": f"{module}.register_info.RegisterInfo", "max_retries": retries,
        "message": {"py/tuple": [text]}, "status": status}, "type": packet_type(3, module)}


def filter_info(category, *criteria):
    return {"py/object": "vrmjobs.filter_info.FilterInfo", "category": category, "criteria": [
        {"field_name": name, "field_value": value, "regex": regex} for name, regex, value in criteria]}


def query_ack(*filters):
    return {"py/object": "vrmjobs.query_ack.QueryAck", "packet_id": UUID, "hostname": "worker1",
            "job": "psutil", "filters": list(filters), "type": packet_type(4, "vrmjobs")}


def metric_init(hostname="worker1", inet_addr="10.0.0.11", ports=None, kind=1):
    return {"py/object": "vrmjobs.metric_init.MetricInit", "id": UUID, "type": packet_type(100, "vrmjobs"),
            "info": host_info(hostname, inet_addr, ports or [("workerd", 10500)], kind, "vrmjobs")}


def report_init(timestamp=1598559679):
    return {"py/object": "dtos.report_init.ReportInit", "type": "influx_report",
            "measurement": "host_cpu_usage", "tags": ["hostname=worker1", "instance=10.0.0.11"],
            "fields": ["avg_cpu=35.3453"], "timestamp": timestamp}


def _place(message, path):
    """What holds the value at a path ("info.ports.0.port"), and its key or position there."""
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in parents:
        message = message[step]
    return message, last


def changed(message, path, value):
    """A copy of a message with one value replaced: changed(m, "info.ports.0.port", 0)."""
    message = copy.deepcopy(message)
    holder, last = _place(message, path)
    holder[last] = value
    return message


def without(message, path):
    """A copy of a message with one member taken out."""
    message = copy.deepcopy(message)
    holder, last = _place(message, path)
    del holder[last]
    return message


def in_state(value):
    """A message as jsonpickle 1 and 2 write it on Python 3.11 and later."""
    if isinstance(value, list):
        return [in_state(item) for item in value]
    if not isinstance(value, dict) or "py/object" not in value:
        return value
    return {"py/object": value["py/object"],
            "py/state": {key: in_state(item) for key, item in value.items() if key != "py/object"}}


def compact(message):
    """JSON as crm.dto has it."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)


# How one and the same document may be written

def _reversed(value):
    if isinstance(value, dict):
        return {key: _reversed(item) for key, item in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _escaped(value):
    """JSON in which every character of every string is an escape."""
    if isinstance(value, str):
        units = value.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(_escaped, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_escaped(key)}:{_escaped(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


# The document as the backends of jsonpickle write it: ujson, unless it is told
# not to, puts a backslash before each slash, in "py/object" too. The last is
# written by nobody, and read by every receiver.
SPELLINGS = {
    "as json writes it": json.dumps,
    "sorted": lambda document: json.dumps(document, sort_keys=True),
    "reversed": lambda document: json.dumps(_reversed(document)),
    "compact": lambda document: json.dumps(document, separators=(",", ":")),
    "indented": lambda document: json.dumps(document, indent=2),
    "indented, CRLF": lambda document: json.dumps(document, indent="\t").replace("\n", "\r\n"),
    "padded": lambda document: "\r\n\t " * 20 + json.dumps(document) + " \n",
    "raw UTF-8": lambda document: json.dumps(document, ensure_ascii=False),
    "escaped slashes": lambda document: json.dumps(document).replace("/", "\\/"),
    "all escaped": _escaped,
}
