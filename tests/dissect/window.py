# SPDX-License-Identifier: GPL-2.0-or-later
"""What window.c says of a scenario: it does what Wireshark's windows do."""

import os
import shutil
import subprocess
from pathlib import Path

import pcapng


def _lines(scenario):
    return [f"{round(datagram.time * 1000)} {datagram.interface} {frame.hex()}" for datagram in scenario.datagrams
            for frame in pcapng.frames_of_datagram(datagram.payload, datagram.src, datagram.dst)]


def asked_of_window(tshark, scenario, *arguments, quoted=()):
    """The cells of each line that it prints. Behind the scenario, ICMP quotes those of its frames."""
    program = Path(shutil.copy(os.environ["CRM_WINDOW"], tshark.directory))
    program.chmod(0o755)
    lines = _lines(scenario)
    for frame in quoted:
        *when, digits = lines[frame - 1].split()
        lines.append(" ".join([*when, pcapng.port_unreachable(bytes.fromhex(digits)).hex()]))
    said = subprocess.run(tshark.command(program, *arguments), input="\n".join(lines),
                          stdout=subprocess.PIPE, text=True, check=True)
    return [line.split("\t") for line in said.stdout.splitlines()]
