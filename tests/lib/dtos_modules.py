# SPDX-License-Identifier: GPL-2.0-or-later
"""The DTO classes under their published module names, made when asked for.

jsonpickle writes a class's module and name, so these are dtos.probe_init.ProbeInit
and so on; attributes are set in the order in which the published classes do it.
"""

import enum as enumeration
import sys
import types

_ENUMS = {
    "HostType": ("host_type", {"WORKER": 1, "COLLECTOR": 2}),
    "CrmPktType": ("crm_pkt_type", {"PROBE_INIT": 1, "PROBE_ACK": 2, "REG_ACK": 3}),
}
_CLASSES = {
    "ProbeInit": "probe_init", "ProbeAck": "probe_ack", "RegisterAck": "register_ack", "HostInfo": "host_info",
    "PortInfo": "port_info", "RegisterInfo": "register_info", "ReportInit": "report_init",
}


def _publish(module, name, value):
    """Puts a class where an import of it would find it."""
    full = f"dtos.{module}"
    for path in ("dtos", full):
        sys.modules.setdefault(path, types.ModuleType(path))
    value.__module__, value.__qualname__ = full, name
    setattr(sys.modules["dtos"], module, sys.modules[full])
    setattr(sys.modules[full], name, value)
    return value


_made = {name: _publish(module, name, enumeration.Enum(name, members, module=f"dtos.{module}"))
         for name, (module, members) in _ENUMS.items()}
_made.update({name: _publish(module, name, type(name, (), {})) for name, module in _CLASSES.items()})


def enum(name):
    """An enum class."""
    return _made[name]


def make(name, **attributes):
    """An object of a DTO class."""
    instance = _made[name]()
    for attribute, value in attributes.items():
        setattr(instance, attribute, value)
    return instance


def _host_info(hostname, address, kind, ports):
    return make("HostInfo", hostname=hostname, inet_addr=address, ports=[
        make("PortInfo", daemon=daemon, port=port) for daemon, port in ports], type=enum("HostType")[kind])


def _plain_info(hostname, address, kind, ports):
    return {"hostname": hostname, "inet_addr": address, "type": kind,
            "ports": [{"daemon": daemon, "port": port} for daemon, port in ports]}


def samples(uuid):
    """name: (the DTO, what crm.dto must be, fields with their values)."""
    types_ = enum("CrmPktType")
    collector = ("sämmler", "10.0.0.2", "COLLECTOR", [("coordinatord", 10100), ("collectord", 9090)])
    worker = ("worker1", "fd00::11", "WORKER", [])
    register = {"status": False, "message": "Échec 😀\n\"x\"", "max_retries": 3}
    report = {"type": "influx_report", "measurement": "m", "tags": ["a=b"], "fields": ["c=1"],
              "timestamp": 1598559679}
    return {
        "ProbeInit": (
            make("ProbeInit", id=uuid, info=_host_info(*collector), type=types_.PROBE_INIT),
            {"type": "PROBE_INIT", "id": uuid, "info": _plain_info(*collector)},
            {"crm.type": ["1"], "crm.hostname": ["sämmler"], "crm.host_type": ["2"],
             "crm.port_info": ["coordinatord:10100", "collectord:9090"]}),
        "ProbeAck": (
            make("ProbeAck", id=uuid, info=_host_info(*worker), type=types_.PROBE_ACK),
            {"type": "PROBE_ACK", "id": uuid, "info": _plain_info(*worker)},
            {"crm.type": ["2"], "crm.inet_addr.ipv6": ["fd00::11"], "crm.port_info": []}),
        "RegisterAck": (
            make("RegisterAck", id=uuid, info=make("RegisterInfo", **{**register, "message": (register["message"],)}),
                 type=types_.REG_ACK),
            {"type": "REG_ACK", "id": uuid, "info": register},
            {"crm.type": ["3"], "crm.register.message": [register["message"]],
             "crm.register.max_retries": ["3"]}),
        "ReportInit": (make("ReportInit", **report), report, {"crm.report.tag": ["a=b"]}),
    }
