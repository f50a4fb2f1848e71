# SPDX-License-Identifier: GPL-2.0-or-later
"""The profile works in tshark, names no field that is not there, and its
colours can be read."""

import functools
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from scenario import parse

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "profile/CRM"
CAPTURE = ROOT / "pcaps/register-retry.pcapng"


def _lines(name):
    """What stands in a file of the profile, without comments."""
    return [line for line in (PROFILE / name).read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]


def _buttons():
    """(label, filter) of each button."""
    return [tuple(re.fullmatch(r'"TRUE","([^"]+)","([^"]+)","[^"]+"', line).groups())
            for line in _lines("dfilter_buttons")]


def _rules():
    """(name, filter, background, text) of each colour rule."""
    for line in _lines("colorfilters"):
        name, expression, colours = re.fullmatch(r"@([^@]+)@([^@]+)@(.+)", line).groups()
        yield (name, expression, *(tuple(map(int, colour)) for colour in re.findall(r"\[(\d+),(\d+),(\d+)\]", colours)))


def _our_rules():
    return [rule for rule in _rules() if rule[0].startswith("CRM")]


def _graphs():
    """(label, filter, field) of each I/O graph."""
    return [tuple(re.fullmatch(r'"(?:En|Dis)abled","([^"]+)","([^"]+)","#[0-9a-f]{6}",(?:"[^"]+",){2}"([^"]*)",'
                               r'"None","\d+"', line).groups()) for line in _lines("io_graphs")]


FILTERS = dict(_buttons()) | {name: expression for name, expression, *_ in _our_rules()} \
    | {f"graph {name}": expression for name, expression, _ in _graphs()}


def _packets(tshark, capture):
    """Each packet's columns by title, as tshark -C CRM prints them."""
    text = tshark.run("-2", "-C", "CRM", "-r", tshark.readable(capture), "-T", "psml")
    tree = xml.fromstring(text)
    titles = [section.text for section in tree.find("structure")]
    return [dict(zip(titles, [section.text or "" for section in packet])) for packet in tree.iter("packet")]


@pytest.fixture(scope="module")
def packets(tshark):
    return _packets(tshark, CAPTURE)


@pytest.fixture(scope="module", autouse=True)
def with_profile(tshark):
    """The user of this tshark has the profile, as the install target puts it there."""
    home = tshark.directory / "home"
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("WIRESHARK_CONFIG_DIR", "XDG_CONFIG_HOME")}
    install = ["cmake", "-D", f"from={PROFILE}", "-P", ROOT / "profile/install.cmake"]
    subprocess.run(install, check=True, env={**environment, "HOME": str(home)}, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if os.geteuid() == 0:
            shutil.chown(path, 65534, 65534)


def _cells(packet, *titles):
    return tuple(packet[title] for title in titles)


def test_columns(packets):
    assert list(packets[0]) == ["No.", "Time", "Source", "Destination", "Protocol", "Worker/Silent", "Acks/Attempt",
                                "Response Time", "Info"]
    probe, ack, registered, failed = packets[0], packets[1], packets[4], packets[13]
    assert _cells(probe, "Worker/Silent", "Acks/Attempt", "Response Time") == ("", "3", "")
    assert _cells(ack, "Worker/Silent", "Acks/Attempt") == ("worker1", "")
    assert float(ack["Response Time"]) == pytest.approx(0.005235573)
    assert _cells(registered, "Worker/Silent", "Acks/Attempt") == ("worker1", "1")
    assert _cells(failed, "Worker/Silent", "Acks/Attempt") == ("worker2", "2")
    assert all(packet["Protocol"] == "CRM" and packet["Info"] for packet in packets)


def test_who_is_silent_at_a_probe_is_named(tshark):
    packets = _packets(tshark, ROOT / "pcaps/vanishing-worker.pcapng")
    named = {packet["No."]: packet["Worker/Silent"] for packet in packets if packet["Info"].find("PROBE_INIT") >= 0}
    assert named == {"1": "", "6": "", "11": "worker2 (10.0.0.12)", "14": ""}


def test_announced_names_stand_for_addresses(packets):
    assert _cells(packets[1], "Source", "Destination") == ("worker1", "collector")
    assert _cells(packets[0], "Source", "Destination") == ("collector", "10.0.0.255")


def test_each_finding_of_the_traffic_has_a_button():
    section = (ROOT / "docs/fields.md").read_text(encoding="utf-8").split("## Expert information about the traffic")[1]
    found = set(re.findall(r"^\| `(crm\.\w+)`", section.split("\n## ")[0], re.MULTILINE))
    asked = {name for _, expression in _buttons() for name in re.findall(r"crm\.\w+", expression)}
    assert "crm.no_response" in found and found <= asked


def test_no_server_is_asked_for_a_name():
    assert "nameres.use_external_name_resolver: FALSE" in _lines("preferences")


def _widths():
    """{format of a column: pixels}."""
    return {name.strip('"'): int(width) for name, width in
            (re.fullmatch(r"\s*(\S.*), (\d+),?", line).groups() for line in _lines("recent")[1:])}


def test_what_is_drawn():
    """What README.md has a picture of; of response times the longest, in milliseconds."""
    assert [line.split('","')[1] for line in _lines("io_graphs") if line.startswith('"Enabled"')] == [
        "Failed registrations", "Probes", "Slowest ProbeAck (ms)"]
    graphs = [line for line in _lines("io_graphs") if "crm.response_time" in line]
    assert len(graphs) == 2 and all(re.search(r'\(ms\)".*,"MAX\(Y Field\)","crm\.response_time","None","1000"$', line) for line in graphs)


@pytest.mark.parametrize("column, marks, longest", [("%m", 25, "999999"), ("%t", 5, "9999.999999999"),
                                                    ("%d", 5, "255.255.255.255")])
def test_what_each_row_has_is_not_cut(column, marks, longest):
    """In Wireshark's font, of which a character takes 8 pixels (7.8, in Debian 12's). The marks before a number are
    the arrows between an answer and what it answers; other columns have a margin."""
    assert _widths()[column] >= marks + 8 * len(longest)


def test_each_column_has_a_width():
    """And all fit into a window of 1440 pixels."""
    columns = re.findall(r'"(%[^"]+)"', "".join(_lines("preferences")))
    widths = _widths()
    assert list(widths) == [column.removesuffix(":0:R") for column in columns]
    assert 1000 < sum(widths.values()) <= 1380  # beside them, the scroll bar with its map


def test_install_keeps_a_changed_profile(tmp_path):
    """Of one that is the same, it says so; of one that is not, which file is another."""
    def install():
        done = subprocess.run(["cmake", "-D", f"from={PROFILE}", "-P", ROOT / "profile/install.cmake"], text=True, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode == 0, " ".join(done.stdout.split())

    installed = tmp_path / ".config/wireshark/profiles/CRM"
    assert install()[0] and installed.is_dir()
    (installed / "recent").write_text("Wireshark's, when it ended", encoding="ascii")
    again, said = install()
    assert again and "is there already, and the same" in said
    (installed / "dfilter_buttons").write_text("mine", encoding="ascii")
    again, said = install()
    assert not again and "is there already, and its dfilter_buttons is another" in said
    assert (installed / "dfilter_buttons").read_text(encoding="ascii") == "mine"


def _path(capture):
    return next(path for folder in ("pcaps", "tests/dissect/cases") if (path := ROOT / folder / capture).exists())


@pytest.fixture(scope="module")
def found(tshark):
    """found(capture, filter): the frames that it matches, after two passes. Each is asked once."""
    @functools.lru_cache(maxsize=None)
    def frames(capture, expression):
        text = tshark.run("-2", "-r", tshark.readable(_path(capture)), "-Y", expression,
                          "-T", "fields", "-e", "frame.number")
        return [int(line) for line in text.split()]
    return frames


@pytest.mark.parametrize("name", FILTERS)
def test_filters_are_valid(found, name):
    """tshark takes each, and says nothing of it; an unknown field is an error."""
    found(CAPTURE.name, FILTERS[name])


@pytest.mark.parametrize("button, capture, count", [
    ("Probes", "register-retry.pcapng", 4),
    ("Answers", "register-retry.pcapng", 12),
    ("Registrations", "register-retry.pcapng", 12),
    ("Failed//Failed or exhausted", "register-retry.pcapng", 6),
    ("Failed//Failed, retries left", "register-retry.pcapng", 5),
    ("Failed//Exhausted", "register-retry.pcapng", 1),
    ("Silent", "vanishing-worker.pcapng", 1),
    ("graph Failed registrations", "register-retry.pcapng", 6),
    ("graph Probes", "register-retry.pcapng", 4),
    ("graph Slowest ProbeAck (ms)", "register-retry.pcapng", 12),
])
def test_what_buttons_find(found, button, capture, count):
    assert len(found(capture, FILTERS[button])) == count


@pytest.mark.parametrize("button, frame", [
    ("Broken//Malformed", 2),
    ("Broken//Class or enum that is not known", 43),
    ("Broken//Member missing or of another type", 40),
    ("Hosts//Announces another address", 39),
])
def test_buttons_find_what_is_broken(found, button, frame):
    """Frames of which pcaps/README.md tells what is wrong with them."""
    assert frame in found("malformed.pcapng", FILTERS[button])


def _first_rule(found, capture):
    """Which rule colours each frame of CRM."""
    winner = {}
    for name, expression, *_ in _our_rules():
        for frame in found(capture, expression):
            winner.setdefault(frame, name)
    return winner


def test_the_most_serious_rule_wins(found):
    winner = _first_rule(found, "register-retry.pcapng")
    assert [winner[frame] for frame in (1, 2, 5, 6, 14)] == [
        "CRM ProbeInit", "CRM ProbeAck", "CRM RegisterAck", "CRM registration failed", "CRM registration exhausted"]
    winner = _first_rule(found, "malformed.pcapng")
    assert winner[2] == winner[4] == "CRM malformed"
    assert winner[43] == "CRM warning"
    winner = _first_rule(found, "icmp.pcap")
    assert winner[6] == winner[9] == "CRM quoted in an ICMP error"
    assert "CRM note" in _first_rule(found, "mirrored.pcapng").values()


def test_a_copy_has_the_color_of_its_original(tshark):
    """What one capture point has of a registration that failed does not look like a success."""
    lines = ["host collector COLLECTOR 10.0.0.2 coordinatord:10100", "host worker1 WORKER 10.0.0.11 workerd:10500",
             "point left", "point right"]
    for number in range(5):
        for at in (0, 1):
            lines.append(f"{2 * number + at + 1} {5 * number + at / 1000} collector fail worker1 r{number} "
                         f"left={4 - number} at={at}")
    path = parse("\n".join(lines)).write(tshark.new_capture())
    text = tshark.run("-2", "-C", "CRM", "--color", "-r", path, "-T", "fields", "-e", "crm.copy_of",
                      "-e", "frame.coloring_rule.name")
    failed = "CRM registration failed"
    assert text.splitlines()[4:] == [f"{copy_of}\t{name}" for original, name in (
        (5, failed), (7, failed), (9, "CRM registration exhausted")) for copy_of in ("", original)]


def _own_rules():
    """The names of Wireshark's own rules, as this system has them."""
    text = Path("/usr/share/wireshark/colorfilters").read_text(encoding="utf-8")
    return re.findall(r"^@([^@]+)@", text, re.M)


def test_wiresharks_own_rules_follow():
    """In their order. They are those of one release; others have renamed some, added some, and left some out."""
    ours, own = [name for name, *_ in _our_rules()], _own_rules()
    names = [name for name, *_ in _rules()]
    followed = names[len(ours):]
    assert names[:len(ours)] == ours
    assert [name for name in followed if name in own] == [name for name in own if name in followed]
    assert len(set(followed) & set(own)) > len(own) / 2




def _luminance(colour):
    """Relative luminance, as WCAG 2.1 defines it; a channel has 16 bits here."""
    channels = [value / 65535 for value in colour]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("rule", _our_rules(), ids=lambda rule: rule[0])
def test_colours_can_be_read(rule):
    """WCAG's contrast for text, 4.5:1, whatever the theme: a rule sets both."""
    _, _, background, text = rule
    lighter, darker = sorted(map(_luminance, (background, text)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("capture", ["register-retry.pcapng", "malformed.pcapng", "icmp.pcap"])
def test_tshark_colours_by_the_rules(tshark, found, capture):
    text = tshark.run("-C", "CRM", "--color", "-r", tshark.readable(_path(capture)), "-Y", "crm",
                      "-T", "fields", "-e", "frame.number", "-e", "frame.coloring_rule.name")
    shown = dict(line.split("\t") for line in text.splitlines())
    assert shown == {str(frame): name for frame, name in _first_rule(found, capture).items()}
