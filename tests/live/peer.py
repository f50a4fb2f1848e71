# SPDX-License-Identifier: GPL-2.0-or-later
"""A host that speaks CRM: a collector or a worker, for tests and for captures.

session.py starts it in a network namespace of its own and speaks with it in
lines of JSON. stdout: {"event": "up"} at once, and then nothing before stdin
brought the settings, which come when the host's interface eth0 has been plugged
in; {"event": "ready"} when its sockets are bound. A worker answers until its
stdin ends. A collector waits for one more line, runs its rounds, and says
{"event": "done"}. Meanwhile each datagram is reported, as "sent" or "received".

The datagrams are what jsonpickle makes of the DTO classes, and are read by
jsonpickle; nothing here knows how they look.
"""

import json
import selectors
import socket
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import jsonpickle

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import dtos_modules as dtos  # noqa: E402  (it stands in tests/lib)

# Nothing is measured by it: it ends a host whose peer is gone for good.
PATIENCE = 30
SUCCESS, FAILURE = "Successfully registered at collector host.", "Failed to register at collector host."


def report(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Host:
    """What a collector and a worker have in common: a name, ports, UDP."""

    def __init__(self, settings):
        self.settings = settings
        self.name, self.address = settings["name"], settings["address"]
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self.sockets = {daemon: self._bind(port) for daemon, port in settings["ports"] if daemon in settings["bound"]}

    def _bind(self, port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind(("0.0.0.0", port))
        self._selector.register(sock, selectors.EVENT_READ)
        return sock

    def info(self, kind):
        ports = [dtos.make("PortInfo", daemon=daemon, port=port) for daemon, port in self.settings["ports"]]
        return dtos.make("HostInfo", hostname=self.name, inet_addr=self.address, ports=ports,
                         type=dtos.enum("HostType")[kind])

    def message(self, name, kind, identifier, info):
        return dtos.make(name, id=identifier, info=info, type=dtos.enum("CrmPktType")[kind])

    def send(self, sock, dto, address, port, copies=1):
        data = jsonpickle.encode(dto).encode()
        for _ in range(copies):
            sock.sendto(data, (address, port))
            report("sent", host=self.name, to=address, **summary(dto))

    def receive(self, patience=None):
        """(the socket, the DTO) of the next datagram; None when stdin has ended."""
        while True:
            ready = [key.fileobj for key, _ in self._selector.select(patience)]
            if not ready:
                raise TimeoutError(f"{self.name}: nothing came for {patience} s")
            for sock in ready:
                if sock is not sys.stdin:
                    dto = jsonpickle.decode(sock.recv(65535).decode())
                    report("received", host=self.name, **summary(dto))
                    return sock, dto
            if not sys.stdin.readline():
                return None


def summary(dto):
    """What a datagram says, as this program understands it: an attribute that
    jsonpickle did not bring back is an error here."""
    said = {"type": dto.type.name, "id": dto.id}
    if dto.type.name == "REG_ACK":
        return {**said, "status": dto.info.status, "message": dto.info.message[0], "max_retries": dto.info.max_retries}
    return {**said, "hostname": dto.info.hostname,
            "ports": [f"{port.daemon}:{port.port}" for port in dto.info.ports]}


def run_worker(host):
    settings = host.settings
    sock = next(iter(host.sockets.values()))
    while True:
        received = host.receive()
        if received is None:
            return
        probe = received[1]
        if probe.type.name == "PROBE_INIT" and not settings["silent"]:
            identifier = str(uuid.uuid4()) if settings["fresh_ids"] else probe.id
            ack = host.message("ProbeAck", "PROBE_ACK", identifier, host.info("WORKER"))
            port = next(info.port for info in probe.info.ports if info.daemon == settings["answer_to"])
            host.send(sock, ack, probe.info.inet_addr, port, copies=settings["copies"])


class Registry:
    """Which registrations succeed. A worker's retries begin anew after a success."""

    def __init__(self, settings):
        self._failures = dict(settings["failures"])
        self._retries = settings["retries"]
        self._left = {}

    def outcome(self, worker):
        """The RegisterInfo for one more try."""
        failed = self._failures.get(worker, 0) > 0
        left = self._left.get(worker, self._retries)
        if failed:
            self._failures[worker] -= 1
            left = max(left - 1, 0)
        self._left[worker] = left if failed else self._retries
        return dtos.make("RegisterInfo", status=not failed, message=(FAILURE if failed else SUCCESS,),
                         max_retries=left if failed else 0)


def run_collector(host):
    settings, registry = host.settings, Registry(host.settings)
    sender = host.sockets.get(settings["broadcast_from"]) or host._bind(0)
    if not sys.stdin.readline():
        return
    for _ in range(settings["rounds"]):
        probe = host.message("ProbeInit", "PROBE_INIT", str(uuid.uuid4()), host.info("COLLECTOR"))
        host.send(sender, probe, settings["broadcast"], settings["worker_port"])
        missing = Counter(settings["answers"])
        while +missing:
            try:
                received = host.receive(settings.get("patience", PATIENCE))
            except TimeoutError:
                if "patience" in settings:      # some answers get lost
                    break
                raise
            if received is None:
                return
            sock, ack = received
            worker = ack.info.hostname
            missing[worker] -= 1
            # A copy is answered once, when the last has come.
            if missing[worker] == 0 and worker not in settings["forgotten"]:
                identifier = str(uuid.uuid4()) if settings["fresh_ids"] else ack.id
                answer = host.message("RegisterAck", "REG_ACK", identifier, registry.outcome(worker))
                host.send(sock, answer, ack.info.inet_addr, ack.info.ports[0].port)
    report("done")


def plug_in(settings):
    for command in (f"addr add {settings['address']}/24 broadcast {settings['broadcast']} dev eth0",
                    "link set lo up",
                    "link set eth0 addrgenmode none up"):
        subprocess.run(["ip", *command.split()], check=True)


def main():
    report("up")
    line = sys.stdin.readline()
    if line:
        settings = json.loads(line)
        plug_in(settings)
        host = Host(settings)
        report("ready")
        {"collector": run_collector, "worker": run_worker}[settings["role"]](host)


if __name__ == "__main__":
    main()
