# SPDX-License-Identifier: GPL-2.0-or-later
"""Shapes of traffic that cost more than usual if the dissector has a weak spot, or ever gets one.

DIALOGUES has, by name, generators of (payload, source, target), as generate.crm()
is one: what a hostile or an unusual network sends, N datagrams of it, so that
the cost of 4 N can be held against that of N. What they have in common is a
key of the dissector's tables in which all datagrams agree, or none. BIG has
long datagrams, most of some 64 KiB, to be held against a ProbeInit byte by byte,
and to see what one leaves in memory.

    generate.write("odd.pcapng", DIALOGUES["empty ids"](20000))
"""

import json
import random

COLLECTOR, BROADCAST, WORKER = "10.255.0.2", "10.255.255.255", "10.0.0.1"
COLLECTORD, WORKERD = 9090, 10500
NAT = "203.0.113.9"
EPHEMERAL = 32768, 60999

DIALOGUES, BIG = {}, {}


def _shape(table):
    """Adds a generator to a table under its name, with blanks for underscores."""
    def add(make):
        table[make.__name__.replace("_", " ")] = make
        return make
    return add


def address(index):
    """10.0.0.0 and on, one for each of 2**24 hosts."""
    return f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"


# Messages, as short as they can be


def _json(value):
    return json.dumps(value, separators=(",", ":")).encode()


def _host(name, inet_addr, ports=(), kind=1):
    ports = [{"daemon": daemon, "port": port} for daemon, port in ports]
    return {"py/object": "dtos.host_info.HostInfo", "hostname": name, "inet_addr": inet_addr, "ports": ports,
            "type": kind}


def _probe(ident, ports=()):
    info = _host("c", COLLECTOR, ports, 2)
    return _json({"py/object": "dtos.probe_init.ProbeInit", "id": ident, "info": info, "type": 1})


def _ack(ident, info):
    return _json({"py/object": "dtos.probe_ack.ProbeAck", "id": ident, "info": info, "type": 2})


def _register(ident, status=True, text="m", retries=3):
    info = {"py/object": "dtos.register_info.RegisterInfo", "status": status, "message": text, "max_retries": retries}
    return _json({"py/object": "dtos.register_ack.RegisterAck", "id": ident, "info": info, "type": 3})


def _query(ident):
    return _json({"py/object": "vrmjobs.query_ack.QueryAck", "packet_id": ident, "hostname": "h", "job": "j",
                  "filters": [], "type": 4})


# Who sends them to whom


def _to_all(payload):
    return payload, (COLLECTOR, COLLECTORD), (BROADCAST, WORKERD)


def _to_collector(payload, source=WORKER, port=WORKERD):
    return payload, (source, port), (COLLECTOR, COLLECTORD)


def _to_worker(payload, target=WORKER, source=COLLECTOR):
    return payload, (source, COLLECTORD), (target, WORKERD)


# Dialogues


@_shape(DIALOGUES)
def usual(count):
    """A probe, an answer, its RegisterAck; 30 workers. What the others are held against."""
    for index in range(count // 3):
        worker = index % 30 + 1
        yield _to_all(_probe(f"i{index}"))
        yield _to_collector(_ack(f"i{index}", _host(f"w{worker}", address(worker))), address(worker))
        yield _to_worker(_register(f"i{index}"), address(worker))


@_shape(DIALOGUES)
def queries_of_one_id_to_many(count):
    for index in range(count):
        yield _to_worker(_query("same"), address(index))


@_shape(DIALOGUES)
def queries_of_many_ids_to_many(count):
    for index in range(count):
        yield _to_worker(_query(f"id{index}"), address(index))


@_shape(DIALOGUES)
def register_acks_of_one_id_from_many(count):
    for index in range(count):
        yield _to_worker(_register("same"), COLLECTOR, address(index))


@_shape(DIALOGUES)
def register_acks_of_many_ids_from_many(count):
    for index in range(count):
        yield _to_worker(_register(f"id{index}"), COLLECTOR, address(index))


@_shape(DIALOGUES)
def answers_of_one_id_to_many(count):
    payload = _ack("same", _host("w", COLLECTOR))
    for index in range(count):
        yield payload, (COLLECTOR, COLLECTORD), (address(index), WORKERD)


@_shape(DIALOGUES)
def a_probe_with_many_answers(count):
    yield _to_all(_probe("a"))
    for index in range(count - 1):
        yield _to_collector(_ack("a", _host(f"w{index}", address(index))), address(index))


@_shape(DIALOGUES)
def an_answer_with_many_register_acks(count):
    yield _to_all(_probe("a"))
    yield _to_collector(_ack("a", _host("w", WORKER)))
    for index in range(count - 2):
        yield _to_worker(_register("a", False, f"m{index}", index))


@_shape(DIALOGUES)
def many_answers_of_one_worker_to_one_probe(count):
    yield _to_all(_probe("a"))
    for index in range(count - 1):
        yield _to_collector(_ack("a", _host("w", WORKER, [("d", index % 65535 + 1)])))


@_shape(DIALOGUES)
def many_hosts(count):
    for index in range(count):
        yield _to_collector(_ack(f"i{index}", _host(f"w{index}", address(index))), address(index))


@_shape(DIALOGUES)
def many_names_at_one_address(count):
    for index in range(count):
        yield _to_collector(_ack(f"i{index}", _host(f"w{index}", WORKER)))


@_shape(DIALOGUES)
def many_addresses_of_one_name(count):
    for index in range(count):
        yield _to_collector(_ack(f"i{index}", _host("w", address(index))))


@_shape(DIALOGUES)
def many_sources_of_one_name_and_address(count):
    for index in range(count):
        yield _to_collector(_ack(f"i{index}", _host("w", "127.0.1.1")), address(index))


@_shape(DIALOGUES)
def changing_ports(count):
    for index in range(count):
        yield _to_collector(_ack(f"i{index}", _host("w", WORKER, [("d", index % 65535 + 1)])))


@_shape(DIALOGUES)
def probes_alone(count):
    for index in range(count):
        yield _to_all(_probe(f"i{index}"))


@_shape(DIALOGUES)
def probes_of_one_id_in_two_forms(count):
    for index in range(count):
        yield _to_all(_probe("a", [("d", index % 2 + 1)]))


@_shape(DIALOGUES)
def empty_ids(count):
    for index in range(count // 2):
        yield _to_all(_probe("", [("d", index % 2 + 1)]))
        yield _to_collector(_ack("", _host("w", WORKER)))


@_shape(DIALOGUES)
def answers_of_unknown_ids_after_many_probes(count):
    for index in range(count // 2):
        yield _to_all(_probe(f"i{index}"))
    for index in range(count // 2):
        yield _to_collector(_ack(f"x{index}", _host("w", WORKER)))


@_shape(DIALOGUES)
def answers_from_the_back_and_of_unknown_ids(count):
    """The worker answers all probes, then the latest again and again, each a
    round earlier, with an unknown id between."""
    part = count // 4
    for index in range(part):
        yield _to_all(_probe(f"i{index}"))
    for index in range(part):
        yield _to_collector(_ack(f"i{index}", _host("w", WORKER)))
    for index in range(part):
        yield _to_collector(_ack(f"x{index}", _host("w", WORKER)))
        yield _to_collector(_ack(f"i{part - 1 - index}", _host("w", WORKER, [("d", 1)])))


@_shape(DIALOGUES)
def workers_that_are_gone_for_good(count):
    """Half the datagrams are of workers that answer once, half are probes that none of them answers."""
    yield _to_all(_probe("a"))
    for index in range(count // 2):
        yield _to_collector(_ack("a", _host(f"w{index}", address(index))), address(index))
    for index in range(count - count // 2 - 1):
        yield _to_all(_probe(f"i{index}"))


@_shape(DIALOGUES)
def other_traffic_to_an_announced_port(count):
    yield _to_all(_probe("a", [("d", 7777)]))
    for index in range(count - 1):
        yield f"junk{index}".encode(), (address(index), 20000 + index % 40000), (COLLECTOR, 7777)


@_shape(DIALOGUES)
def one_nat_port_after_the_other(count):
    for index in range(count):
        payload = _ack(f"i{index}", _host(f"w{index % 2}", address(index % 2)))
        yield _to_collector(payload, NAT, index % 65535 + 1)


def _behind_nat(count, daemons, workers, port):
    """workers and port: functions of the datagram's number."""
    ports = [(f"some_exporter_{number}", 9100 + number) for number in range(daemons)]
    for index in range(count):
        worker = workers(index)
        yield _to_collector(_ack(f"i{index}", _host(f"w{worker}", address(worker), ports)), NAT, port(index))


@_shape(DIALOGUES)
def two_behind_a_nat_with_random_ports(count):
    source = random.Random(1)
    return _behind_nat(count, 20, lambda _: source.randrange(2), lambda _: source.randint(*EPHEMERAL))


@_shape(DIALOGUES)
def two_behind_a_nat_with_ports_in_turn(count):
    return _behind_nat(count, 20, lambda index: index % 2, lambda index: 20000 + index % 40000)


@_shape(DIALOGUES)
def two_behind_a_nat_with_fixed_ports(count):
    return _behind_nat(count, 20, lambda index: index % 2, lambda index: 20000 + index % 2)


@_shape(DIALOGUES)
def one_behind_a_nat_with_ports_in_turn(count):
    return _behind_nat(count, 20, lambda _: 0, lambda index: 20000 + index % 40000)


@_shape(DIALOGUES)
def sixty_daemons_behind_a_nat(count):
    return _behind_nat(count, 60, lambda index: index % 2, lambda index: 20000 + index % 40000)


# Datagrams of 64 KiB


def _ack_with(ident, **info):
    return _to_collector(_ack(ident, {"hostname": "w", "inet_addr": WORKER, "ports": [], **info}))


@_shape(BIG)
def references_to_a_long_object(count):
    """Some 2,000 py/ids that lead to one object of 5,000 members, which is no PortInfo."""
    members = {f"{number:x}": 1 for number in range(5000)}
    info = {"py/object": "dtos.host_info.HostInfo", "hostname": "w", "inet_addr": WORKER, "type": 1,
            "ports": [{"py/id": 1}] * 2040}
    payload = _json({"py/object": "dtos.probe_ack.ProbeAck", "x": {"py/object": "x.Y", **members}, "id": "a",
                     "type": 2, "info": info})
    for _ in range(count):
        yield _to_collector(payload)


@_shape(BIG)
def two_thousand_ports_at_a_new_address(count):
    ports = [{"port": number + 1} for number in range(2048)]
    for index in range(count):
        yield _ack_with(f"i{index}", inet_addr=address(index), ports=ports)


@_shape(BIG)
def a_long_new_name(count):
    for index in range(count):
        yield _ack_with(f"i{index}", hostname=f"{index}" + "w" * 60000)


@_shape(BIG)
def a_long_new_daemon(count):
    for index in range(count):
        yield _ack_with("i", ports=[{"daemon": f"{index}" + "w" * 60000, "port": 1}])


@_shape(BIG)
def a_long_new_id(count):
    for index in range(count):
        yield _ack_with(f"{index}" + "i" * 60000)


@_shape(BIG)
def a_daemon_brought_back_many_times(count):
    for index in range(count):
        port = {"py/object": "dtos.port_info.PortInfo", "daemon": "w", "port": 1}
        info = {"py/object": "dtos.host_info.HostInfo", "inet_addr": WORKER, "hostname": "w", "x": index,
                "ports": [port] + [{"py/id": 3}] * 900}
        yield _to_collector(_ack("i", info))


@_shape(BIG)
def twenty_daemons_and_a_member_that_changes(count):
    """Small, and here for what it leaves in memory: the daemons are the same each time."""
    ports = [{"daemon": f"dddddddddddddddddd{number}", "port": 1} for number in range(20)]
    for index in range(count):
        yield _ack_with("i", x=index, ports=ports)
