-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The tables of dissected captures. Run it on every server of the cluster `crm`:
--
--     clickhouse-client --multiquery < schema.sql
--
-- Rows come from crm-rows, by crm-load. Times are nanoseconds since 1970 (UTC), and spans of time nanoseconds.
-- The SQL is what ClickHouse 18.16 (Debian 12) and later releases have in common.

CREATE DATABASE IF NOT EXISTS crm;

-- One row a datagram and load. What to ask is crm.datagrams, not this: a file may have been loaded twice, or half.
CREATE TABLE IF NOT EXISTS crm.rows_local
(
    load UInt64,                            -- which run of crm-rows printed the row
    point String,                           -- where it was captured
    file String,                            -- the file's name, without directories
    file_start Int64,                       -- the time of its first frame: ring buffers use names again
    frame_number UInt32,
    datagram UInt16,                        -- the how-manieth of its frame
    frame_time_epoch Int64,
    ip_src String,                          -- of the IPv4 or IPv6 packet that carries it
    ip_dst String,
    udp_srcport UInt16,
    udp_dstport UInt16,
    vlan_id Array(UInt16),

    crm_worker String,                      -- empty: about none
    crm_collector String,
    crm_type Nullable(UInt32),
    crm_object Nullable(String),
    crm_id Nullable(String),
    crm_hostname Nullable(String),
    crm_inet_addr Nullable(String),
    crm_host_type Nullable(UInt32),
    crm_port_info Array(String),
    crm_register_status Nullable(UInt8),
    crm_register_max_retries Nullable(Int64),
    crm_register_message Nullable(String),
    crm_response_time Nullable(Int64),
    crm_attempt Nullable(UInt32),
    crm_encoding Nullable(UInt8),
    crm_encoding_enum Array(UInt8),
    crm_response_to Nullable(UInt32),
    crm_response_in Array(UInt32),
    crm_acks Nullable(UInt32),
    crm_duplicate_of Nullable(UInt32),
    crm_copy_of Nullable(UInt32),
    crm_copy_in Array(UInt32),
    crm_transit_time Nullable(Int64),
    crm_silent_host Array(String),
    crm_missed_probes Nullable(UInt32),
    crm_announced_in Nullable(UInt32),
    crm_query_job Array(String),
    crm_query_info Array(String),
    crm_exporter Array(String),
    crm_filter_info Array(String),
    crm_filter_criterion Array(String),
    crm_report_type Nullable(String),
    crm_report_measurement Nullable(String),
    crm_report_tag Array(String),
    crm_report_field Array(String),
    crm_report_timestamp Nullable(Int64),
    crm_member Array(String),
    crm_invalid_value Array(String),
    crm_reference Array(UInt32),
    crm_dto Nullable(String),

    -- Expert information: what each says.
    crm_json_error Array(String),
    crm_json_depth Array(String),
    crm_json_nonstandard Array(String),
    crm_duplicate_member Array(String),
    crm_unknown_class Array(String),
    crm_unknown_enum Array(String),
    crm_type_mismatch Array(String),
    crm_missing_member Array(String),
    crm_wrong_type Array(String),
    crm_port_out_of_range Array(String),
    crm_inet_addr_invalid Array(String),
    crm_inet_addr_mismatch Array(String),
    crm_unresolved_reference Array(String),
    crm_register_failed Array(String),
    crm_register_exhausted Array(String),
    crm_no_response Array(String),
    crm_no_register Array(String),
    crm_host_silent Array(String),
    crm_lost_datagram Array(String),
    crm_duplicate Array(String),
    crm_hostname_conflict Array(String),

    udp_payload String,                     -- what was sent, byte by byte, where the columns might not tell all of it

    -- From here on computed where the row is inserted, so that no question has to.
    time DateTime DEFAULT toDateTime(least(greatest(intDiv(frame_time_epoch, 1000000000), 0), 4294967295)),
    -- Whether an address stands for a name that the file did not tell in time.
    unnamed UInt8 DEFAULT (crm_worker != '' AND (crm_worker = ip_src OR crm_worker = ip_dst))
        OR (crm_collector != '' AND (crm_collector = ip_src OR crm_collector = ip_dst)),
    -- The part in the dialogue that the dissector gave it: 1 a probe, 2 its answer, 3 the word on registration, 0 none,
    -- as what no receiver takes.
    role UInt8 DEFAULT multiIf(crm_acks IS NOT NULL, 1, crm_attempt IS NOT NULL, 3,
        crm_type = 2 AND empty(crm_json_error), 2, 0),
    -- What tells machines with one name apart: the address that the sender announced, or sent from where it announced
    -- its loopback's.
    home String DEFAULT if(ifNull(crm_inet_addr, '127.') LIKE '127.%' OR crm_inet_addr = '::1', ip_src,
        assumeNotNull(crm_inet_addr)),
    -- What the questions join and group by, as hashes of 64 bits: texts would take them ten times as long. Where it is
    -- from; that and the collector; these, the worker and the home; the collector and the id.
    place UInt64 DEFAULT cityHash64(point),
    stream UInt64 DEFAULT cityHash64(place, toString(vlan_id), crm_collector),
    talk UInt64 DEFAULT cityHash64(stream, crm_worker, home),
    round UInt64 DEFAULT cityHash64(crm_collector, ifNull(crm_id, ''))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (crm_worker, frame_time_epoch, point, file, frame_number, datagram);

CREATE TABLE IF NOT EXISTS crm.rows AS crm.rows_local
ENGINE = Distributed(crm, crm, rows_local, cityHash64(crm_worker, crm_collector));

-- One row for each load that came to its end, written after its last datagram.
CREATE TABLE IF NOT EXISTS crm.loads_local
(
    point String,
    file String,
    file_start Int64,
    size UInt64,                            -- of the file, in bytes
    changed Int64,                          -- its time of modification
    load UInt64,
    rows UInt64
)
ENGINE = MergeTree
ORDER BY (point, file, file_start);

CREATE TABLE IF NOT EXISTS crm.loads AS crm.loads_local
ENGINE = Distributed(crm, crm, loads_local, cityHash64(point, file));

-- Of each file the load that counts: the latest that came to its end.
CREATE VIEW IF NOT EXISTS crm.current_loads AS
SELECT point, file, file_start, max(load) AS latest, argMax(size, load) AS latest_size,
       argMax(changed, load) AS latest_changed, argMax(rows, load) AS latest_rows
FROM crm.loads
GROUP BY point, file, file_start;

-- Which names a host has announced from which address, with the ports that it sent from or announced.
CREATE TABLE IF NOT EXISTS crm.names_local
(
    address String,
    point String,
    vlan_id Array(UInt16),
    port UInt16,
    name String,
    first AggregateFunction(min, Int64),
    last AggregateFunction(max, Int64)
)
ENGINE = AggregatingMergeTree
ORDER BY (address, point, vlan_id, port, name);

CREATE MATERIALIZED VIEW IF NOT EXISTS crm.names_of_rows TO crm.names_local AS
SELECT ip_src AS address, point, vlan_id,
       arrayJoin(arrayPushFront(arrayMap(x -> toUInt16OrZero(splitByChar(':', x)[-1]), crm_port_info), udp_srcport)) AS port,
       assumeNotNull(crm_hostname) AS name,
       minState(frame_time_epoch) AS first, maxState(frame_time_epoch) AS last
FROM crm.rows_local
WHERE crm_type IN (1, 2) AND crm_hostname IS NOT NULL
GROUP BY address, point, vlan_id, port, name;

CREATE TABLE IF NOT EXISTS crm.names AS crm.names_local
ENGINE = Distributed(crm, crm, names_local, cityHash64(address));

CREATE VIEW IF NOT EXISTS crm.known_names AS
SELECT address, point AS at_point, vlan_id AS in_vlan, port AS of_port, name,
       minMerge(first) AS heard_first, maxMerge(last) AS heard_last
FROM crm.names
GROUP BY address, at_point, in_vlan, of_port, name;

-- The rows that count. This is what to ask.
CREATE VIEW IF NOT EXISTS crm.datagrams_local AS
SELECT *
FROM crm.rows_local
WHERE load IN (SELECT latest FROM crm.current_loads);

CREATE TABLE IF NOT EXISTS crm.datagrams AS crm.rows_local
ENGINE = Distributed(crm, crm, datagrams_local);

-- The files that were loaded, and how many of their rows are there: `present` falls behind `rows` when a server lost some.
CREATE VIEW IF NOT EXISTS crm.files AS
SELECT point, file, file_start, latest_size AS size, latest_changed AS changed, latest_rows AS rows, present
FROM crm.current_loads
ANY LEFT JOIN
(
    SELECT load AS latest, count() AS present FROM crm.rows GROUP BY load
) USING latest;

-- Loads whose rows may be deleted: a later one of the same file came to its end, so that they can never count.
CREATE VIEW IF NOT EXISTS crm.dead_loads AS
SELECT load, any(file) AS name, sum(number) AS rows
FROM
(
    SELECT load, replaceRegexpOne(point, '#[0-9]+$', '') AS place, file, file_start, count() AS number
    FROM crm.rows
    GROUP BY load, place, file, file_start
)
ANY LEFT JOIN
(
    SELECT point AS place, file, file_start, latest FROM crm.current_loads
) USING (place, file, file_start)
WHERE load < latest
GROUP BY load;
