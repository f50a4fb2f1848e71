# SPDX-License-Identifier: GPL-2.0-or-later
"""A session of CRM (session.py) that is captured at each end, by dumpcap in
each host's own namespace, with a firewall on the bridge that drops datagrams.

    python3 ends.py OUT.pcapng [--rounds N] [--workers N]

OUT is what mergecap makes of the captures, with an interface for each. stdout
has one line of JSON at the end: {"dropped": N}, as the firewall counted them.

The collector waits for an answer as long as --patience says, since not all come.
It has to be started in a network namespace of its own: command() says how.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import session

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import pcapng  # noqa: E402  (it stands in tests/lib)

# Every fifth ProbeAck, and every fourth RegisterAck, with a counter each.
FIREWALL = """
table bridge lossy {
    chain forward {
        type filter hook forward priority 0;
        udp dport 10100 numgen inc mod 5 == 3 counter drop
        ip saddr 10.0.0.2 ip daddr != 10.0.0.255 udp dport 10500 numgen inc mod 4 == 2 counter drop
    }
}
"""


def command(out, *options):
    return [*session.unshared(), sys.executable, __file__, str(out), *options]


def obstacle():
    """Why this cannot be done on this machine, or None."""
    done = subprocess.run([*session.unshared(), "nft", "-f", "-"], input=FIREWALL, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False) if not session.obstacle() else None
    if done is None:
        return session.obstacle()
    return f"this machine has no firewall for bridges: {done.stdout.strip()}" if done.returncode else None


def start_dumpcap(process, path):
    """dumpcap at the interface of a host, when it listens."""
    dumpcap = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", "nsenter", f"--net=/proc/{process.pid}/ns/net",
                                "dumpcap", "-q", "-i", "eth0", "-w", path],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in dumpcap.stderr:
        if line.startswith("File:"):
            return dumpcap
    raise RuntimeError("dumpcap does not capture")


def follow(events, collector, workers):
    """Until the collector is done, and all that was sent was received (by each worker, where it was broadcast) or
    dropped. Returns what each host sent and received."""
    passed = Counter()
    under_way, done = 0, False
    while not done or under_way != dropped():
        process, event = events.next()
        if event["event"] in ("sent", "received"):
            passed[event["host"]] += 1
        if event["event"] == "sent":
            under_way += workers if event["to"] == session.BROADCAST else 1
        elif event["event"] == "received":
            under_way -= 1
        elif event["event"] == "done":
            done = True
        elif event["event"] == "ended" and (process is not collector or not done):
            raise RuntimeError(f"a host ended before its time{' (the collector)' if process is collector else ''}")
    return passed


def wait_for(path, count):
    """Until a capture has what its host saw go out and come in."""
    for _ in range(session.PATIENCE * 10):
        if path.exists() and sum(1 for _ in pcapng.datagrams(path)) >= count:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{path} does not have all that was sent")


def dropped():
    said = json.loads(subprocess.run(["nft", "-j", "list", "table", "bridge", "lossy"], check=True,
                                     stdout=subprocess.PIPE, text=True).stdout)
    return sum(expression["counter"]["packets"] for item in said["nftables"] if "rule" in item
               for expression in item["rule"]["expr"] if "counter" in expression)


def record(options, directory):
    """The captures, the collector's first."""
    session.ip(f"link add name {session.BRIDGE} type bridge")
    session.ip(f"link set {session.BRIDGE} addrgenmode none up")
    subprocess.run(["nft", "-f", "-"], input=FIREWALL, text=True, check=True)
    events, hosts, captures = session.Events(quiet=True), {}, {}
    try:
        for number in range(1, options.workers + 1):
            hosts[f"worker{number}"] = session.start_host(events, number, session.worker_settings(options, number))
        hosts["collector"] = session.start_host(
            events, 0, {**session.collector_settings(options), "patience": options.patience})
        for name, process in sorted(hosts.items()):
            captures[name] = start_dumpcap(process, directory / f"{name}.pcapng")
        session.tell(hosts["collector"], "begin")
        for name, count in follow(events, hosts["collector"], options.workers).items():
            wait_for(directory / f"{name}.pcapng", count)
    finally:
        for process in (*hosts.values(), *captures.values()):
            process.terminate()
        for process in (*hosts.values(), *captures.values()):
            process.wait(session.PATIENCE)
    return [directory / f"{name}.pcapng" for name in sorted(captures)]


def main():
    arguments = argparse.ArgumentParser(parents=[session.parser()], description="See the head of this file.")
    arguments.add_argument("out", metavar="OUT.pcapng")
    arguments.add_argument("--patience", type=float, default=0.5, metavar="SECONDS")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-ends-") as directory:
        merged = Path(directory) / "merged.pcapng"
        subprocess.run(["mergecap", "-I", "none", "-w", merged, *record(options, Path(directory))], check=True)
        # Its comment tells where the parts were.
        subprocess.run(["editcap", "--discard-capture-comment", merged, options.out], check=True)
    print(json.dumps({"dropped": dropped()}))


if __name__ == "__main__":
    main()
