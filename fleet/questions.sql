-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What is asked of all captures together, as views. Run it after schema.sql, on every server:
--
--     clickhouse-client --multiquery < questions.sql
--     clickhouse-client --query 'SELECT * FROM crm.gave_up'
--
-- A datagram that was captured at two points has two rows, and so has what is measured at a point, as response times
-- are: two clocks are never compared. No answer depends on where a file was cut.

-- Who said what to whom: the columns that the questions share. `role` is the part in the dialogue that the dissector
-- gave it: 1 a probe, 2 its answer, 3 the word on registration, 0 none, as what no receiver takes. `home` tells machines
-- with one name apart: the address that the sender announced, or sent from where it announced its loopback's. Where a file did not tell a name before it was needed,
-- as at the start of each file of a ring buffer, another does: the host that sent from that address, as far as there
-- is a choice at the same point, in the same VLAN, from the same port, and last before.
CREATE VIEW IF NOT EXISTS crm.messages_local AS
SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time,
    ifNull(crm_type, 0) AS type,
    multiIf(crm_acks IS NOT NULL, 1, crm_attempt IS NOT NULL, 3, crm_type = 2 AND empty(crm_json_error), 2, 0) AS role,
    if(ifNull(crm_inet_addr, '127.') LIKE '127.%' OR crm_inet_addr = '::1', ip_src, assumeNotNull(crm_inet_addr)) AS home,
    ifNull(crm_id, '') AS id, crm_worker AS worker, crm_collector AS collector, ip_src,
    crm_duplicate_of IS NOT NULL AS repeated, crm_response_to IS NOT NULL AS paired,
    frame_time_epoch - ifNull(crm_response_time, 0) AS request_time, crm_register_status, crm_register_message,
    notEmpty(crm_register_exhausted) AS exhausted
FROM crm.datagrams_local
WHERE unnamed = 0
UNION ALL
SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time, type, role, home,
    id, if(worker_name = '', crm_worker, worker_name) AS worker,
    if(collector_name = '', crm_collector, collector_name) AS collector, ip_src,
    repeated, paired, request_time, crm_register_status, crm_register_message, exhausted
FROM
(
    SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time, type, role, home,
        id, crm_worker, crm_collector, ip_src, repeated, paired, request_time, crm_register_status,
        crm_register_message, exhausted,
        argMinIf(name, distance, of_worker = 1) AS worker_name, argMinIf(name, distance, of_worker = 0) AS collector_name
    FROM
    (
        SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time, type, role, home,
            id, crm_worker, crm_collector, ip_src, repeated, paired, request_time, crm_register_status,
            crm_register_message, exhausted, of_worker, name,
            8e10 * (at_point != point) + 4e10 * (in_vlan != vlan_id) + 2e10 * (of_port != port)
                + if(heard_first > frame_time_epoch, 1e10 + (heard_first - frame_time_epoch) / 1e9,
                     greatest(frame_time_epoch - heard_last, 0) / 1e9) AS distance
        FROM
        (
            SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time,
                ifNull(crm_type, 0) AS type,
                multiIf(crm_acks IS NOT NULL, 1, crm_attempt IS NOT NULL, 3, crm_type = 2 AND empty(crm_json_error), 2, 0) AS role,
                if(ifNull(crm_inet_addr, '127.') LIKE '127.%' OR crm_inet_addr = '::1', ip_src, assumeNotNull(crm_inet_addr)) AS home,
                ifNull(crm_id, '') AS id, crm_worker, crm_collector, ip_src,
                crm_duplicate_of IS NOT NULL AS repeated, crm_response_to IS NOT NULL AS paired,
                frame_time_epoch - ifNull(crm_response_time, 0) AS request_time, crm_register_status,
                crm_register_message, notEmpty(crm_register_exhausted) AS exhausted,
                arrayJoin([1, 0]) AS of_worker, if(of_worker = 1, crm_worker, crm_collector) AS address,
                if(address = ip_src, udp_srcport, udp_dstport) AS port
            FROM crm.datagrams_local
            WHERE unnamed = 1
        )
        ALL LEFT JOIN
        (
            SELECT address, at_point, in_vlan, of_port, name, heard_first, heard_last FROM crm.known_names
        ) USING address
    )
    GROUP BY point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, time, type, role, home,
        id, crm_worker, crm_collector, ip_src, repeated, paired, request_time, crm_register_status,
        crm_register_message, exhausted
);

CREATE TABLE IF NOT EXISTS crm.messages AS crm.messages_local
ENGINE = Distributed(crm, crm, messages_local);

-- What the wire carried twice, the second time in another file: within a second, as tshark cannot see it there.
CREATE VIEW IF NOT EXISTS crm.repeats AS
SELECT point, file, file_start, frame_number, datagram
FROM
(
    SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, type, id, worker, collector
    FROM crm.messages
    WHERE repeated = 0 AND frame_time_epoch BETWEEN file_start AND file_start + 1000000000
)
ALL INNER JOIN
(
    SELECT point, vlan_id, file AS first_file, file_start AS first_start, frame_time_epoch AS first_time,
        type, id, worker, collector
    FROM crm.messages
    WHERE (point, intDiv(frame_time_epoch, 1000000000)) GLOBAL IN
        (SELECT DISTINCT point, intDiv(file_start, 1000000000) + arrayJoin([-1, 0, 1]) FROM crm.messages)
) USING (point, vlan_id, type, id, worker, collector)
WHERE first_start < file_start AND first_time BETWEEN frame_time_epoch - 1000000000 AND frame_time_epoch
GROUP BY point, file, file_start, frame_number, datagram;

-- The probes of each collector as a point saw them, in order; `later` is how many came after.
CREATE VIEW IF NOT EXISTS crm.probes AS
SELECT point, vlan_id, collector, probe.1 AS request_time, probe.2 AS id, probe.3 AS file, probe.4 AS file_start,
    probe.5 AS frame_number, ordinal, total - ordinal AS later
FROM
(
    SELECT point, vlan_id, collector,
        arraySort(groupArray((frame_time_epoch, id, file, file_start, frame_number))) AS probes,
        arrayEnumerate(probes) AS ordinals, length(probes) AS total
    FROM crm.messages
    WHERE role = 1 AND repeated = 0 AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN crm.repeats
    GROUP BY point, vlan_id, collector, home
)
ARRAY JOIN probes AS probe, ordinals AS ordinal;

-- Answers that their own file does not pair, or pairs by order for lack of a probe that stands in another file.
CREATE VIEW IF NOT EXISTS crm.strays AS
SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, id, worker, collector, home
FROM crm.messages
WHERE role IN (2, 3) AND repeated = 0
    AND (paired = 0
         OR (role = 2
             AND (collector, id) GLOBAL IN (SELECT collector, id FROM crm.messages WHERE role = 1)
             AND (point, file, file_start, collector, id) GLOBAL NOT IN
                 (SELECT point, file, file_start, collector, id FROM crm.messages WHERE role = 1)))
    AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN crm.repeats;

-- What those answer: the request with their id, at the same point if it was seen there, else the last one before, of
-- that collector (and to that worker, for a RegisterAck), in another file. It must not be older than two hours.
CREATE VIEW IF NOT EXISTS crm.pairs_across_files AS
SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, worker, collector, home,
    argMax(request_id, likeness) AS id, argMax(request_point, likeness) AS request_point,
    argMax(request_file, likeness) AS request_file, argMax(request_start, likeness) AS request_start,
    argMax(request_frame, likeness) AS request_frame, argMax(request_time, likeness) AS request_time
FROM
(
    SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, worker, collector, home,
        request_id, request_point, request_file, request_start, request_frame, request_time,
        4e10 * (request_id = id) + 2e10 * (request_point = point)
            - abs(frame_time_epoch - request_time) / 1e9 AS likeness
    FROM
    (
        SELECT *, role AS answer, if(role = 2, '', worker) AS peer, intDiv(frame_time_epoch, 3600000000000) - arrayJoin([0, 1]) AS hour
        FROM crm.strays
    )
    ALL INNER JOIN
    (
        SELECT id, id AS request_id, toUInt8(role + 1) AS answer, if(role = 1, '', worker) AS peer, collector,
            intDiv(frame_time_epoch, 3600000000000) AS hour, point AS request_point, file AS request_file,
            file_start AS request_start, frame_number AS request_frame, frame_time_epoch AS request_time
        FROM crm.messages
        WHERE role IN (1, 2) AND repeated = 0 AND (collector, id) GLOBAL IN (SELECT collector, id FROM crm.strays)
            AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN crm.repeats
    ) USING (answer, collector, peer, hour, id)
    WHERE request_point != point OR request_time <= frame_time_epoch
    UNION ALL
    SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, worker, collector, home,
        request_id, point AS request_point, request_file, request_start, request_frame, request_time,
        2e10 - abs(frame_time_epoch - request_time) / 1e9 AS likeness
    FROM
    (
        SELECT *, role AS answer, if(role = 2, '', worker) AS peer, intDiv(frame_time_epoch, 3600000000000) - arrayJoin([0, 1]) AS hour
        FROM crm.strays
    )
    ALL INNER JOIN
    (
        SELECT id AS request_id, toUInt8(role + 1) AS answer, if(role = 1, '', worker) AS peer, collector,
            intDiv(frame_time_epoch, 3600000000000) AS hour, point, vlan_id, file AS request_file,
            file_start AS request_start, frame_number AS request_frame, frame_time_epoch AS request_time
        FROM crm.messages
        WHERE role IN (1, 2) AND repeated = 0 AND (point, collector) GLOBAL IN (SELECT point, collector FROM crm.strays)
            AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN crm.repeats
    ) USING (answer, point, vlan_id, collector, peer, hour)
    WHERE request_time <= frame_time_epoch
)
GROUP BY point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, worker, collector, home
HAVING (request_file, request_start) != (file, file_start);

-- How long answers took: by point, worker, kind of answer and hour. 50%, 90% and 99% of them took no longer.
CREATE VIEW IF NOT EXISTS crm.response_times AS
SELECT worker, collector, point, if(role = 2, 'probe', 'registration') AS exchange, hour, sum(count) AS answers,
    arrayMap(x -> x / 1e9, quantilesMerge(0.5, 0.9, 0.99)(spread)) AS seconds, max(longest) / 1e9 AS longest_seconds
FROM
(
    SELECT worker, collector, point, role, toStartOfHour(time) AS hour, count() AS count,
        quantilesState(0.5, 0.9, 0.99)(frame_time_epoch - request_time) AS spread,
        max(frame_time_epoch - request_time) AS longest
    FROM crm.messages
    WHERE role IN (2, 3) AND paired = 1 AND repeated = 0
        AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN
            (SELECT point, file, file_start, frame_number, datagram FROM crm.strays)
    GROUP BY worker, collector, point, role, hour
    UNION ALL
    SELECT worker, collector, point, role, toStartOfHour(toDateTime(intDiv(frame_time_epoch, 1000000000))) AS hour,
        count() AS count, quantilesState(0.5, 0.9, 0.99)(frame_time_epoch - request_time) AS spread,
        max(frame_time_epoch - request_time) AS longest
    FROM crm.pairs_across_files
    WHERE request_point = point
    GROUP BY worker, collector, point, role, hour
)
GROUP BY worker, collector, point, role, hour;

-- Which probe each host answered, as a point saw it.
CREATE VIEW IF NOT EXISTS crm.answered_probes AS
SELECT point, vlan_id, collector, worker, home, request_time, min(frame_time_epoch) AS answer_time
FROM crm.messages
WHERE role = 2 AND paired = 1 AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN
    (SELECT point, file, file_start, frame_number, datagram FROM crm.strays)
GROUP BY point, vlan_id, collector, worker, home, request_time
UNION ALL
SELECT point, vlan_id, collector, worker, home, request_time, min(frame_time_epoch) AS answer_time
FROM crm.pairs_across_files
WHERE role = 2 AND request_point = point
GROUP BY point, vlan_id, collector, worker, home, request_time;

-- Who fell silent: after `since`, a host let pass probes of a collector that it had answered before. `until` is its
-- next answer, NULL while there is none. A collector's last probe does not count: the answer may be on its way.
CREATE VIEW IF NOT EXISTS crm.silences AS
SELECT worker, home AS address, collector, point, vlan_id, toDateTime(intDiv(answer.2, 1000000000)) AS since,
    if(next.1 = 0, NULL, toDateTime(intDiv(next.2, 1000000000))) AS until,
    if(next.1 = 0, answer.3 - 1, next.1 - answer.1 - 1) AS missed_probes
FROM
(
    SELECT worker, home, collector, point, vlan_id, arraySort(groupArray((ordinal, answer_time, toInt64(later)))) AS answers,
        arrayPushBack(arrayPopFront(answers), (toUInt32(0), toInt64(0), toInt64(0))) AS nexts
    FROM crm.answered_probes
    ALL INNER JOIN
    (
        SELECT point, vlan_id, collector, request_time, ordinal, later FROM crm.probes
    ) USING (point, vlan_id, collector, request_time)
    GROUP BY worker, home, collector, point, vlan_id
)
ARRAY JOIN answers AS answer, nexts AS next
WHERE missed_probes > 0;

-- Probes that nobody answered before their collector's next one, nor later, at whichever point.
CREATE VIEW IF NOT EXISTS crm.unanswered_probes AS
SELECT collector, id, point, file, file_start, frame_number, toDateTime(intDiv(request_time, 1000000000)) AS time
FROM crm.probes
WHERE later > 0
    AND (point, vlan_id, collector, request_time) NOT IN
        (SELECT point, vlan_id, collector, request_time FROM crm.answered_probes)
    -- Answered at another point; one id for many probes, answered here too, tells nothing.
    AND ((collector, id, intDiv(request_time, 60000000000)) NOT IN
    (
        SELECT collector, id, intDiv(request_time, 60000000000) + arrayJoin([-1, 0, 1])
        FROM crm.probes
        WHERE (point, vlan_id, collector, request_time) IN
            (SELECT point, vlan_id, collector, request_time FROM crm.answered_probes)
    ) OR (point, collector, id, intDiv(request_time, 60000000000)) IN
    (
        SELECT point, collector, id, intDiv(request_time, 60000000000) + arrayJoin([-1, 0, 1])
        FROM crm.probes
        WHERE (point, vlan_id, collector, request_time) IN
            (SELECT point, vlan_id, collector, request_time FROM crm.answered_probes)
    ))
    AND (point, file, file_start, frame_number) NOT IN
        (SELECT request_point, request_file, request_start, request_frame FROM crm.pairs_across_files WHERE role = 2);

-- Who gave up: a registration failed, and no retries were left. `registered_since`: it succeeded after all, later.
CREATE VIEW IF NOT EXISTS crm.gave_up AS
SELECT worker, collector, max(failures) AS times, toDateTime(intDiv(min(first_failure), 1000000000)) AS first,
    toDateTime(intDiv(max(last_failure), 1000000000)) AS last, argMax(message, last_failure) AS last_message,
    max(last_success) > max(last_failure) AS registered_since
FROM
(
    SELECT worker, collector, point, countIf(exhausted) AS failures, minIf(frame_time_epoch, exhausted) AS first_failure,
        maxIf(frame_time_epoch, exhausted) AS last_failure, maxIf(frame_time_epoch, crm_register_status = 1) AS last_success,
        argMaxIf(crm_register_message, frame_time_epoch, exhausted) AS message
    FROM crm.messages
    WHERE role = 3 AND repeated = 0 AND (point, file, file_start, frame_number, datagram) GLOBAL NOT IN crm.repeats
    GROUP BY worker, collector, point
    HAVING failures > 0
)
GROUP BY worker, collector;

-- What is malformed, and from whom: datagrams by what a receiver stumbles over.
CREATE VIEW IF NOT EXISTS crm.malformed AS
SELECT found.1 AS finding, ip_src, point, count() AS times, uniqExact(file, file_start, frame_number, datagram) AS datagrams,
    min(time) AS first, max(time) AS last, any(crm_hostname) AS hostname, argMin(found.2, frame_time_epoch) AS example,
    argMin(file, frame_time_epoch) AS example_file, argMin(frame_number, frame_time_epoch) AS example_frame
FROM crm.datagrams
ARRAY JOIN arrayConcat(
    arrayMap(x -> ('crm.json_error', x), crm_json_error),
    arrayMap(x -> ('crm.json_depth', x), crm_json_depth),
    arrayMap(x -> ('crm.json_nonstandard', x), crm_json_nonstandard),
    arrayMap(x -> ('crm.duplicate_member', x), crm_duplicate_member),
    arrayMap(x -> ('crm.unknown_class', x), crm_unknown_class),
    arrayMap(x -> ('crm.unknown_enum', x), crm_unknown_enum),
    arrayMap(x -> ('crm.type_mismatch', x), crm_type_mismatch),
    arrayMap(x -> ('crm.missing_member', x), crm_missing_member),
    arrayMap(x -> ('crm.wrong_type', x), crm_wrong_type),
    arrayMap(x -> ('crm.port_out_of_range', x), crm_port_out_of_range),
    arrayMap(x -> ('crm.inet_addr_invalid', x), crm_inet_addr_invalid),
    arrayMap(x -> ('crm.unresolved_reference', x), crm_unresolved_reference)) AS found
GROUP BY finding, ip_src, point;

-- In which form each host writes: crm.encoding, and those of its enums.
CREATE VIEW IF NOT EXISTS crm.encodings AS
SELECT ip_src, point, crm_encoding, arraySort(arrayDistinct(crm_encoding_enum)) AS enums, count() AS datagrams,
    min(time) AS first, max(time) AS last, any(crm_hostname) AS hostname
FROM crm.datagrams
WHERE crm_encoding IS NOT NULL
GROUP BY ip_src, point, crm_encoding, enums;

-- Host names that were announced with two addresses, and addresses with two names.
CREATE VIEW IF NOT EXISTS crm.conflicts AS
SELECT 'one name, several addresses' AS conflict, crm_hostname AS what, groupUniqArray(crm_inet_addr) AS has,
    min(time) AS first, max(time) AS last
FROM crm.datagrams
WHERE crm_hostname IS NOT NULL AND crm_inet_addr IS NOT NULL
GROUP BY crm_hostname
HAVING length(has) > 1
UNION ALL
SELECT 'one address, several names' AS conflict, crm_inet_addr AS what, groupUniqArray(crm_hostname) AS has,
    min(time) AS first, max(time) AS last
FROM crm.datagrams
WHERE crm_hostname IS NOT NULL AND crm_inet_addr IS NOT NULL
GROUP BY crm_inet_addr
HAVING length(has) > 1;

-- What one point saw and another did not, though it saw what came before and after from this worker and collector, of
-- this kind. Which came first is told by one point's clock.
CREATE VIEW IF NOT EXISTS crm.losses AS
SELECT type, worker, collector, seen_at, missed_at, sum(lack.2) AS datagrams,
    toDateTime(intDiv(min(lack.3), 1000000000)) AS first, toDateTime(intDiv(max(lack.3), 1000000000)) AS last,
    groupArray(10)(lack.1) AS ids
FROM
(
    SELECT type, worker, collector, seen_at, missed_at, minIf(sighted, there > 0) AS starts,
        maxIf(sighted, there > 0) AS ends, groupArrayIf((id, here - there, sighted), here > there) AS lacks
    FROM
    (
        SELECT type, worker, collector, id, seen_at, here, sighted, missed_at,
            counts[indexOf(points, missed_at)] AS there
        FROM
        (
            SELECT type, worker, collector, id, points, counts, times, arrayJoin(places) AS missed_at
            FROM
            (
                SELECT type, worker, collector, id, groupArray(point) AS points, groupArray(sightings) AS counts,
                    groupArray(sighted) AS times
                FROM
                (
                    SELECT type, worker, collector, id, point, count() AS sightings, min(frame_time_epoch) AS sighted
                    FROM crm.messages
                    WHERE repeated = 0 AND type IN (1, 2, 3)
                    GROUP BY type, worker, collector, id, point
                )
                GROUP BY type, worker, collector, id
            )
            ALL INNER JOIN
            (
                SELECT type, worker, collector, groupUniqArray(point) AS places
                FROM crm.messages
                WHERE repeated = 0 AND type IN (1, 2, 3)
                GROUP BY type, worker, collector
                HAVING length(places) > 1
            ) USING (type, worker, collector)
        )
        ARRAY JOIN points AS seen_at, counts AS here, times AS sighted
    )
    WHERE seen_at != missed_at
    GROUP BY type, worker, collector, seen_at, missed_at
)
ARRAY JOIN lacks AS lack
WHERE lack.3 > starts AND lack.3 < ends
GROUP BY type, worker, collector, seen_at, missed_at;
