# SPDX-License-Identifier: GPL-2.0-or-later
"""script/bench's own tests: that it writes the traffic that it says it writes,
and that it reckons right. Nothing here looks at a clock."""

import json
import pathlib
import re
import sys
import types

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import dialogues
import figures
import generate
import growth
import measure
import payloads
import shapes
from figures import Reading, Series, Target, Usage
from pcapng import datagrams

ID = "78f6ac6d-ec8d-44cf-abc8-584e4255e9d3"
ACK = '"type": {"py/reduce": [{"py/type": "dtos.crm_pkt_type.CrmPktType"}, {"py/tuple": [3]}'
BY_NAME = ('"type": {"py/reduce": [{"py/function": "builtins.getattr"}, {"py/tuple":'
           ' [{"py/type": "dtos.crm_pkt_type.CrmPktType"}, "REG_ACK"]}]}')
FAILED = f'"status": false, "message": {{"py/tuple": ["{payloads.FAILED}"]}}, "max_retries": 3'
BY_KEY = f'"max_retries": 3, "message": {{"py/tuple": ["{payloads.FAILED}"]}}'
MESSAGE, INFO = '"py/object": "dtos.register_ack.RegisterAck"', '"py/object": "dtos.register_info.RegisterInfo"'

# As the packages wrote them: jsonpickle 1.4.1 on Python 3.8, 2.2.0 on 3.13,
# 3.0.0 and 2.2.0 on 3.11.2, 1.2 and 0.9.6 on 3.6, 1.0 on 3.12; then with
# unpicklable=False 2.2.0 on 3.13 and 1.4.1 on 3.8.
WRITTEN = {
    "object": f'{{{MESSAGE}, "id": "{ID}", "info": {{{INFO}, {FAILED}}}, {ACK}]}}}}',
    "state": f'{{{MESSAGE}, "py/state": {{"id": "{ID}", "info": {{{INFO}, "py/state": {{{FAILED}}}}}, {ACK}]}}}}}}',
    "name": f'{{{MESSAGE}, "id": "{ID}", "info": {{{INFO}, {FAILED}}}, {BY_NAME}}}',
    "state-name": f'{{{MESSAGE}, "py/state": {{"id": "{ID}", "info": {{{INFO}, "py/state": {{{FAILED}}}}},'
                  f' {BY_NAME}}}}}',
    "sorted": f'{{"id": "{ID}", "info": {{{BY_KEY}, {INFO}, "status": false}}, {MESSAGE}, {ACK}]}}}}',
    "nulls": f'{{{MESSAGE}, "id": "{ID}", "info": {{{INFO}, {BY_KEY}, "status": false}}, {ACK}, null, null, null]}}}}',
    "state-nulls": f'{{{MESSAGE}, "py/state": {{"id": "{ID}", "info": {{{INFO}, "py/state": {{{BY_KEY},'
                   f' "status": false}}}}, {ACK}, null, null, null]}}}}}}',
    "plain": f'{{"id": "{ID}", "info": {{"status": false, "message": ["{payloads.FAILED}"], "max_retries": 3}}, "type":'
             ' {"_value_": 3, "_name_": "REG_ACK", "__objclass__": {"py/type": "dtos.crm_pkt_type.CrmPktType"},'
             ' "_sort_order_": 2}}',
    "plain-old": f'{{"id": "{ID}", "info": {{"status": false, "message": ["{payloads.FAILED}"], "max_retries": 3}},'
                 ' "type": {"_value_": 3, "_name_": "REG_ACK",'
                 ' "__objclass__": {"py/type": "dtos.crm_pkt_type.CrmPktType"}}}',
}


@pytest.mark.parametrize("dialect", payloads.DIALECTS)
def test_dialects_are_the_packages(dialect):
    written = payloads.Encoder(dialect).register_ack(ID, False, payloads.FAILED, 3).decode()
    assert written == WRITTEN[dialect]


def _dto(monkeypatch, path, base=object):
    """A class of that path, in a module that a pickler can import."""
    module, name = path.rsplit(".", 1)
    made = types.new_class(name, (base,))
    made.__module__ = module
    monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    setattr(sys.modules[module], name, made)
    return made


def _enum(monkeypatch, path, names):
    enum = pytest.importorskip("enum")
    module, name = path.rsplit(".", 1)
    made = enum.Enum(name, names, module=module, qualname=name)
    monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    setattr(sys.modules[module], name, made)
    return made


def _make(kind, **attributes):
    value = kind()
    value.__dict__.update(attributes)
    return value


@pytest.fixture
def pickled_probe(monkeypatch):
    """A function that has the jsonpickle of this machine write a ProbeInit."""
    jsonpickle = pytest.importorskip("jsonpickle")
    monkeypatch.setitem(sys.modules, "dtos", types.ModuleType("dtos"))
    host_type = _enum(monkeypatch, "dtos.host_type.HostType", payloads.HOST_TYPES)
    packet_type = _enum(monkeypatch, "dtos.crm_pkt_type.CrmPktType", payloads.PACKET_TYPES)
    port_info = _dto(monkeypatch, "dtos.port_info.PortInfo")
    host_info = _dto(monkeypatch, "dtos.host_info.HostInfo")
    probe_init = _dto(monkeypatch, "dtos.probe_init.ProbeInit")
    ports = [_make(port_info, daemon=daemon, port=port) for daemon, port in payloads.COLLECTOR_PORTS]
    info = _make(host_info, hostname="collector", inet_addr="10.0.0.2", ports=ports, type=host_type.COLLECTOR)
    probe = _make(probe_init, id=ID, info=info, type=packet_type.PROBE_INIT)
    return lambda unpicklable: jsonpickle.encode(probe, unpicklable=unpicklable)


@pytest.mark.parametrize("unpicklable", [True, False])
def test_this_machines_jsonpickle_writes_one_of_the_dialects(pickled_probe, unpicklable):
    ours = {payloads.Encoder(dialect).probe_init(ID, "collector", "10.0.0.2", payloads.COLLECTOR_PORTS).decode()
            for dialect in payloads.DIALECTS}
    assert pickled_probe(unpicklable) in ours


# Captures


@pytest.fixture
def crm_capture(tmp_path):
    path = tmp_path / "crm.pcapng"
    assert generate.write(path, generate.crm(3000, workers=30)) == 3000
    return list(datagrams(path))


def test_every_datagram_is_a_message(crm_capture):
    assert len(crm_capture) == 3000
    for datagram in crm_capture:
        assert json.loads(datagram.payload).keys() & {"py/object", "id"}
        assert {datagram.src[1], datagram.dst[1]} & {9090, 10100}


def test_messages_are_in_proportion(crm_capture):
    text = b"\n".join(datagram.payload for datagram in crm_capture)
    probes, acks = text.count(b"coordinatord"), text.count(b'"workerd"')
    registered, failed = text.count(payloads.REGISTERED.encode()), text.count(payloads.FAILED.encode())
    assert probes + acks + registered + failed == 3000
    assert 45 <= probes <= 70 and 1350 <= acks <= 1500
    assert 0 <= acks - registered - failed <= 30
    assert 0.02 < failed / acks < 0.2
    assert all(re.search(rb'"max_retries": %d' % left, text) for left in range(3))


def test_every_dialect_is_there(crm_capture):
    text = b"\n".join(datagram.payload for datagram in crm_capture)
    for trace in (b'"py/state"', b"builtins.getattr", b"null, null, null", b'"_sort_order_"', b'PktType"}}}',
                  b'"port": 10500, "py/object"'):
        assert trace in text


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        generate.write(tmp_path / name, generate.crm(200, workers=5000))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_each_point_captures_all_and_later(tmp_path):
    count, path = generate.LATER + 100, tmp_path / "points.pcapng"
    assert generate.write(path, generate.crm(count), points=2) == 2 * count
    seen = [(datagram.interface, datagram.payload) for datagram in datagrams(path)]
    first, second = ([payload for point, payload in seen if point == which] for which in (0, 1))
    assert first == second == [payload for payload, _, _ in generate.crm(count)]
    assert [point for point, _ in seen].index(1) == generate.LATER + 1


def test_thousands_of_workers_have_addresses_of_their_own():
    workers = [generate.Worker(index) for index in range(5000)]
    assert len({worker.address for worker in workers}) == 5000
    assert workers[6].address == "10.0.0.17"    # the floor's filter finds worker7 by it


def test_foreign_datagrams_are_of_crm_sizes_and_no_crm(tmp_path):
    path = tmp_path / "foreign.pcapng"
    generate.write(path, generate.foreign(1000))
    found = [datagram.payload for datagram in datagrams(path)]
    sizes = {len(payload) for payload, _, _ in generate.crm(1000)}
    documents = [payload for payload in found if payload.startswith(b'{"') and json.loads(payload)]
    assert 400 < len(documents) < 600
    assert sum(len(payload) in sizes for payload in found) > 900
    assert not any(b"dtos." in payload or b"CrmPktType" in payload for payload in found)


@pytest.fixture
def deep_stack():
    """The frames of the test runner leave json.loads less than its 994 levels."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + 1000)
    yield
    sys.setrecursionlimit(usual)


def _depth(payload):
    """The deepest nesting of a payload whose strings hold no brackets."""
    level = deepest = 0
    for byte in payload:
        level += (byte in b"{[") - (byte in b"}]")
        deepest = max(level, deepest)
    return deepest


def test_the_deep_shapes_are_as_deep_as_the_receiver_reads():
    for name in ("arrays 994 deep", "objects 994 deep"):
        assert _depth(payloads.SHAPES[name](ID)) == payloads.MAX_DEPTH


@pytest.mark.usefixtures("deep_stack")
@pytest.mark.parametrize("name", payloads.SHAPES)
def test_shapes_fill_a_datagram_and_are_what_their_name_says(tmp_path, name):
    generate.write(tmp_path / "shape", generate.repeated(payloads.SHAPES[name], 200_000))
    found = list(datagrams(tmp_path / "shape"))
    assert len(found) == 4 and len({datagram.payload for datagram in found}) == 4
    payload = found[0].payload
    assert 59_000 < len(payload) <= payloads.MAX_PAYLOAD
    try:
        json.loads(payload, parse_int=len)      # Python 3.11 refuses to convert long integers
        refused = False
    except (ValueError, RecursionError):
        refused = True
    assert refused == (name in payloads.REFUSED)


# Shapes of traffic


def _documents(datagrams):
    return [json.loads(payload) for payload, _, _ in datagrams]


def _different(values):
    return len({json.dumps(value) for value in values})


@pytest.mark.parametrize("name", [*shapes.DIALOGUES, *shapes.BIG])
def test_shapes_of_traffic_have_the_size_that_was_asked_for(name):
    make = {**shapes.DIALOGUES, **shapes.BIG}[name]
    written = list(make(120))
    assert len(written) == 120 and all(len(payload) <= 65507 for payload, _, _ in written)
    assert written == list(make(120))       # the same arguments give the same bytes
    if name in shapes.BIG and name != "twenty daemons and a member that changes":
        assert min(len(payload) for payload, _, _ in written) > 8 * 1024
    if name != "other traffic to an announced port":
        assert all("py/object" in document for document in _documents(written))


def test_shapes_of_traffic_are_what_their_name_says():
    made = {name: list(make(120)) for name, make in shapes.DIALOGUES.items()}
    ids = {name: _different(document.get("id", document.get("packet_id")) for document in _documents(datagrams))
           for name, datagrams in made.items() if name != "other traffic to an announced port"}
    assert ids["queries of one id to many"] == ids["answers of one id to many"] == ids["empty ids"] == 1
    assert ids["queries of many ids to many"] == ids["probes alone"] == 120
    assert len({target for _, _, target in made["queries of one id to many"]}) == 120
    assert len({source for _, source, _ in made["many sources of one name and address"]}) == 120
    assert len({source[1] for _, source, _ in made["two behind a nat with random ports"]}) > 100
    answers = [document for document in _documents(made["workers that are gone for good"]) if document["type"] == 2]
    assert len(answers) == _different(answer["info"]["hostname"] for answer in answers) == 60


# Reckoning


def _series(*cpus, start=1.0, memory=100):
    return Series([Usage(value, memory) for value in cpus], start)


def test_cpu_is_the_median_less_the_start():
    assert figures.cpu(_series(9.0, 3.0, 2.0)) == 2.0
    assert figures.spread(_series(9.0, 3.0, 2.0)) == 3.5


def test_work_that_start_up_hides_is_no_fast_work():
    assert figures.net(_series(0.5)) == -0.5
    with pytest.raises(figures.TooShort):
        figures.cpu(_series(1.0))


def test_ratios_are_of_the_runs_that_follow_each_other():
    """A machine that gets three times as slow between two rounds changes no ratio."""
    plugin, floor = _series(5.0, 13.0, 4.0), _series(3.0, 7.0, 4.0)
    assert figures.ratios(plugin, floor) == [2.0, 2.0, 1.0]
    assert figures.relative(plugin, floor) == 2.0
    first, third = figures.middle_half(plugin, floor)
    assert 1.0 <= first < third <= 2.0
    with pytest.raises(figures.TooShort):
        figures.ratios(plugin, _series(3.0, 1.0, 4.0))
    with pytest.raises(ValueError):
        figures.ratios(plugin, _series(3.0, 7.0))


def test_targets():
    assert Target("", 1.4, at_most=1.4).met and not Target("", 1.41, at_most=1.4).met
    assert Target("", 4.0, at_least=4).met and not Target("", 3.99, at_least=4).met
    assert Target("x", 3.0, at_least=4).row() == ["x", "3.00", "at least 4", "MISSED"]


def test_scaling():
    mib = 2**20
    floor = _series(2.0, memory=10 * mib), _series(6.5, memory=30 * mib)
    growth = figures.scaling(_series(2.0, memory=13 * mib), _series(6.5, memory=43 * mib), *floor, mib,
                             count=mib, factor=5)
    assert growth["time"] == 5.5 and growth["memory"] == 6.0
    assert growth["bytes"] == [2.0, 2.4] and growth["bytes more"] == 2.5
    growth = figures.scaling(_series(2.0, memory=10 * mib), _series(6.5, memory=29 * mib), *floor, 0,
                             count=mib, factor=5)
    assert growth["memory"] == 1.0


def test_readings():
    text = "json\t/tmp/a.json\t500.0\t1000\t10\t1\njson-glib\t/tmp/a.json\t250.0\t1000\t10\t0\n"
    readings = figures.parse_readings(text)
    assert readings["json"]["a"] == Reading(500.0, 1000, 10, True)
    assert not readings["json-glib"]["a"].taken
    assert figures.speed(readings["json"]["a"]) == 2000.0


def test_costs_are_of_a_byte_and_of_a_token():
    reference = Reading(500.0, 500, 50, True)
    assert figures.costs(reference, reference) == (1.0, 1.0)
    assert figures.costs(Reading(3000.0, 1000, 10, True), reference) == (3.0, 30.0)
    assert figures.costs(Reading(5000.0, 1000, 500, True), reference) == (5.0, 1.0)
    assert figures.costs(Reading(2000.0, 1000, 0, False), reference) == (2.0, 200.0)


def test_tables_are_markdown():
    shown = figures.table("Heading", ["", "s"], [["floor", "0.97"]], note="A note.")
    assert shown.splitlines() == ["### Heading", "", "|       |    s |", "| ----- | ---: |", "| floor | 0.97 |", "",
                                  "A note."]


# A failed run is no fast run


CONTENDERS = measure.contenders("build", "crm.lua")
LISTED = b"    1 0.000000000     10.0.0.2 \xe2\x86\x92 255.255.255.255 %s 577 ProbeInit\n"


@pytest.mark.parametrize("name, label", [("crm", b"CRM"), ("json", b"UDP/JSON"), ("json", b"JSON"), ("lua", b"CRMLUA")])
def test_a_listed_line_shows_whose_work_it_is(name, label):
    assert measure.count_output("list", CONTENDERS[name], [LISTED % label, LISTED % b"UDP"]) == (2, 1)


def test_a_plugin_that_dissects_nothing_is_found_out():
    crm = CONTENDERS["crm"]
    assert measure.count_output("fields", crm, [b"1\tx\t\t\n", b"\t\t\t\n"]) == (2, 1)
    assert measure.count_output("verbose", crm, [b"Frame 1\n", b"Cloudless Resource Monitoring\n"]) == (2, 1)
    measure.assert_work("verbose", crm, 80, 2, 2)
    measure.assert_work("filter", crm, 1, 1, 2)
    for run, lines, hits in [("list", 2, 1), ("list", 1, 1), ("fields", 2, 0), ("verbose", 80, 1), ("filter", 0, 0),
                             ("filter", 2, 2)]:
        with pytest.raises(measure.BenchError):
            measure.assert_work(run, crm, lines, hits, 2)


class _Disturbed:
    """A bench whose first runs of everything large take ten times as long, as beside other work."""

    def __init__(self, grows):
        self.args, self.grows, self.rounds = types.SimpleNamespace(rounds=1), grows, []

    def say(self, text):
        pass

    def series(self, jobs, _):
        self.rounds.append(set(jobs))
        seconds = {key: key[2] ** (2 if self.grows == key[1] else 1) * (10 if len(self.rounds) == 1 and key[2] > 1 else 1)
                   for key in jobs}
        return {key: Series([Usage(taken + 1.0, 0)], 1.0) for key, taken in seconds.items()}


@pytest.mark.parametrize("grows, times", [(None, 4), ("usual", 16)])
def test_what_seems_to_grow_is_measured_again(grows, times):
    """A machine's other work passes; growth stays, however often it is measured."""
    bench = _Disturbed(grows)
    jobs = {("crm", shape, count, "list"): None for shape in ("usual", "ids") for count in (1, dialogues.TIMES)}
    series = bench.series(jobs, 1)
    dialogues.measure_again(bench, jobs, series)
    assert dialogues.growth(series, "usual", "list")[0] == times
    assert dialogues.growth(series, "ids", "list")[0] == 4
    assert len(bench.rounds) == (2 if grows is None else 1 + dialogues.AGAIN)
    assert all({key[1] for key in again} == {grows} for again in bench.rounds[2:])


@pytest.mark.parametrize("cost, kept", [(lambda n: 1000 + 50 * n, True), (lambda n: 1000 + n * n, False)],
                         ids=["linear", "quadratic"])
def test_growth_tells_what_costs_more_the_longer_it_is(cost, kept, monkeypatch, capsys):
    monkeypatch.setattr(growth, "captured", lambda _, shape, count, points: {n: n for n in (growth.FEW, count, 4 * count)})
    monkeypatch.setattr(growth, "instructions", lambda tshark, capture, options: cost(capture))
    assert growth.report_growth(None, ".", types.SimpleNamespace(shapes=["usual"], datagrams=1000, points=2)) is kept
    assert capsys.readouterr().out.count("| usual |") == len(growth.RUNS)
