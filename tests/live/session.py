# SPDX-License-Identifier: GPL-2.0-or-later
"""A session of CRM, captured: a collector and its workers, each in a network
namespace of its own, on a bridge at which dumpcap listens.

    python3 session.py --capture FD [options]

The capture goes to file descriptor FD as it happens. stdout has one line of JSON
for each thing that happens: {"event": "capturing"}; what the hosts (peer.py)
report, with "sent" and "received" for each datagram; {"event": "over"} when the
last one has been received. The capture then goes on until stdin ends, so that
whoever reads it can wait for what the events tell to come.

Nothing outlives this process: a namespace without a name ends with the last
process in it, and takes its interfaces along. So there is nothing to clean up.

A user without rights may do all this too, in a user namespace of their own,
where the system lets them.
"""

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BRIDGE, NETWORK, BROADCAST = "br0", "10.0.0", "10.0.0.255"
# Ends a session that hangs; nothing is measured by it.
PATIENCE = 60


def parser():
    """The options that say how the hosts behave."""
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument
    add("--rounds", type=int, default=3, help="how often the collector probes (3)")
    add("--workers", type=int, default=3, help="how many workers: worker1, worker2, … (3)")
    add("--collector-ports", type=ports, default="coordinatord:10100,collectord:9090", metavar="DAEMON:PORT,…",
        help="the collector's daemons (coordinatord:10100,collectord:9090)")
    add("--worker-ports", type=ports, default="workerd:10500", metavar="DAEMON:PORT,…",
        help="each worker's; it listens on the first, and announces the others (workerd:10500)")
    add("--broadcast-from", metavar="DAEMON",
        help="whose port probes leave from; any other word: an ephemeral one (the collector's first daemon)")
    add("--answer-to", metavar="DAEMON", help="where ProbeAcks go to (the collector's first daemon)")
    add("--fail", type=count, action="append", default=[], metavar="WORKER=N",
        help="the first N registrations of this worker fail")
    add("--retries", type=int, default=3, metavar="N", help="retries that a worker has before the first failure (3)")
    add("--silent", action="append", default=[], metavar="WORKER", help="this worker never answers")
    add("--forget", action="append", default=[], metavar="WORKER", help="this worker gets no RegisterAck")
    add("--twice", action="append", default=[], metavar="WORKER", help="this worker sends each ProbeAck twice")
    add("--fresh-ids", action="store_true", help="an answer has an id of its own, not that of what it answers")
    return options


def ports(text):
    return [(daemon, int(port)) for daemon, port in (entry.split(":") for entry in text.split(","))]


def count(text):
    worker, number = text.split("=")
    return worker, int(number)


def obstacle():
    """Why a session cannot be run on this machine, or None."""
    for tool in ("dumpcap", "ip", "setpriv", "unshare"):
        if not shutil.which(tool):
            return f"there is no {tool}"
    try:
        import jsonpickle  # noqa: F401  (peer.py needs it)
    except ImportError:
        return f"{sys.executable} has no jsonpickle"
    for what, command in (
            ("network namespaces", "true"),
            ("a bridge", "ip link add name br0 type bridge"),
            ("a veth pair", "ip link add name a type veth peer name b"),
            ("a capture", "ip link add name br0 type bridge && ip link set br0 up && dumpcap -L -i br0")):
        done = subprocess.run([*unshared(), "sh", "-c", command], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            said = done.stdout.strip().splitlines()
            return f"this machine does not allow {what}: {said[-1] if said else f'status {done.returncode}'}"
    return None


def unshared():
    """The words before a command that is to run in a network namespace of its own."""
    return ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]


def command(capture, *options):
    """The command line of a session; `capture` is an open file descriptor."""
    return [*unshared(), sys.executable, str(HERE / "session.py"), "--capture", str(capture), *options]


def ip(text):
    subprocess.run(["ip", *text.split()], check=True)


def wait_for_port(port):
    """Until the bridge forwards to a port. The kernel gets to it some time
    after both ends of the cable are up, and drops what comes before that."""
    for _ in range(PATIENCE * 50):
        said = subprocess.run(["ip", "-json", "-details", "link", "show", "dev", port], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        link = json.loads(said)[0]
        state = link.get("linkinfo", {}).get("info_slave_data", {}).get("state")
        if link["operstate"] == "UP" and state == "forwarding":
            return
        time.sleep(0.02)
    raise RuntimeError(f"{port} does not come up: {link}")


class Events:
    """What the children say on stdout, line by line, from all of them."""

    def __init__(self, quiet=False):
        self._queue = queue.Queue()
        self._quiet = quiet

    def listen(self, process):
        threading.Thread(target=self._read, args=(process,), daemon=True).start()

    def _read(self, process):
        for line in process.stdout:
            self._queue.put((process, json.loads(line)))
        self._queue.put((process, {"event": "ended"}))

    def next(self):
        """The next event, passed on to stdout unless this is quiet."""
        process, event = self._queue.get(timeout=PATIENCE)
        if event["event"] in ("sent", "received") and not self._quiet:
            print(json.dumps(event), flush=True)
        return process, event

    def wait_for(self, process, name):
        while True:
            whose, event = self.next()
            if whose is process and event["event"] == name:
                return
            if event["event"] == "ended":
                raise RuntimeError(f"a host ended before its time; waited for: {name}")


def start_dumpcap(output, comment):
    """dumpcap, when it listens. It dies with this process."""
    remark = ["--capture-comment", comment] if comment else []
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", "dumpcap", "-q", "-i", BRIDGE, "-w", "-", *remark],
                               stdout=output, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("File:"):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process
    raise RuntimeError("dumpcap does not capture: " + "".join(said))


def start_host(events, number, settings):
    """A host whose interface hangs on the bridge, ready to speak."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", "unshare", "--net", "--", sys.executable,
                                str(HERE / "peer.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    events.listen(process)
    events.wait_for(process, "up")
    ip(f"link add name port{number} type veth peer name eth0 netns {process.pid}")
    ip(f"link set port{number} master {BRIDGE} addrgenmode none up")
    tell(process, json.dumps(settings))
    events.wait_for(process, "ready")
    wait_for_port(f"port{number}")
    return process


def tell(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()


def worker_settings(options, number):
    name = f"worker{number}"
    return {
        "role": "worker", "name": name, "address": f"{NETWORK}.{10 + number}", "broadcast": BROADCAST,
        "ports": options.worker_ports, "bound": [options.worker_ports[0][0]], "silent": name in options.silent,
        "answer_to": options.answer_to or options.collector_ports[0][0],
        "copies": 2 if name in options.twice else 1, "fresh_ids": options.fresh_ids,
    }


def collector_settings(options):
    names = [f"worker{number}" for number in range(1, options.workers + 1)]
    return {
        "role": "collector", "name": "collector", "address": f"{NETWORK}.2", "broadcast": BROADCAST,
        "ports": options.collector_ports, "bound": [daemon for daemon, _ in options.collector_ports],
        "broadcast_from": options.broadcast_from or options.collector_ports[0][0],
        "worker_port": options.worker_ports[0][1], "rounds": options.rounds, "fresh_ids": options.fresh_ids,
        "answers": {name: 2 if name in options.twice else 1 for name in names if name not in options.silent},
        "forgotten": options.forget, "failures": options.fail, "retries": options.retries,
    }


def follow(events, collector, receivers):
    """Passes events on until the collector is done, and each datagram is both
    "sent" and "received" (by each worker, where it was broadcast)."""
    to_workers = to_collector = 0
    done = False
    while not done or to_workers or to_collector:
        process, event = events.next()
        whose = event.get("host") == "collector"
        if event["event"] == "sent" and whose:
            to_workers += receivers if event["to"] == BROADCAST else 1
        elif event["event"] == "sent":
            to_collector += 1
        elif event["event"] == "received" and whose:
            to_collector -= 1
        elif event["event"] == "received":
            to_workers -= 1
        elif event["event"] == "done":
            done = True
        elif event["event"] == "ended" and (process is not collector or not done):
            raise RuntimeError("a host ended before its time")


def main():
    arguments = argparse.ArgumentParser(parents=[parser()], description="See the head of this file.")
    arguments.add_argument("--capture", type=int, required=True, metavar="FD")
    arguments.add_argument("--comment", help="goes into the capture's section header")
    options = arguments.parse_args()

    # No IPv6 addresses, whose own messages would stand between those of CRM.
    ip(f"link add name {BRIDGE} type bridge")
    ip(f"link set {BRIDGE} addrgenmode none up")
    dumpcap = start_dumpcap(options.capture, options.comment)
    os.close(options.capture)
    print(json.dumps({"event": "capturing"}), flush=True)
    events = Events()
    hosts = []
    try:
        hosts += [start_host(events, number, worker_settings(options, number))
                  for number in range(1, options.workers + 1)]
        hosts.append(start_host(events, 0, collector_settings(options)))
        tell(hosts[-1], "begin")
        follow(events, hosts[-1], options.workers)
        print(json.dumps({"event": "over"}), flush=True)
        sys.stdin.read()
    finally:
        for host in hosts:
            host.stdin.close()
        for host in hosts:
            host.wait(PATIENCE)
        dumpcap.terminate()
        dumpcap.wait(PATIENCE)


if __name__ == "__main__":
    main()
