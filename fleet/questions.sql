-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What is asked of all captures together, as views. Run it after schema.sql, on every server:
--
--     clickhouse-client --multiquery < questions.sql
--     clickhouse-client --query 'SELECT * FROM crm.gave_up'
--
-- A datagram that was captured at two points has two rows, and so has what is measured at a point, as response times
-- are: two clocks are never compared. No answer depends on where a file was cut.
--
-- A view is read anew wherever another names it, so each is named as seldom as can be. What goes over millions of rows
-- carries numbers (the hashes of schema.sql), and names are looked up for what is left (crm.talks, crm.current_loads).
-- A row is known by load, frame_number and datagram.

-- Who said what to whom: the columns that the questions share. Where a file did not tell a name before it was needed,
-- as at the start of each file of a ring buffer, another does: the host that sent from that address, as far as there
-- is a choice at the same point, in the same VLAN, from the same port, and last before.
CREATE VIEW IF NOT EXISTS crm.messages_local AS
SELECT load, point, vlan_id, file_start, frame_number, datagram, frame_time_epoch, time, ifNull(crm_type, 0) AS type, role,
    ifNull(crm_id, '') AS id, crm_worker AS worker, crm_collector AS collector, home, place, stream, talk, round,
    crm_duplicate_of IS NOT NULL AS repeated, crm_response_to IS NOT NULL AS paired,
    frame_time_epoch - ifNull(crm_response_time, 0) AS request_time, crm_register_status, crm_register_message,
    notEmpty(crm_register_exhausted) AS exhausted
FROM crm.rows_local
PREWHERE unnamed = 0
WHERE load IN (SELECT latest FROM crm.current_loads)
UNION ALL
SELECT load, point, vlan_id, file_start, frame_number, datagram, frame_time_epoch, time, ifNull(crm_type, 0) AS type, role,
    ifNull(crm_id, '') AS id, if(worker_name = '', crm_worker, worker_name) AS worker,
    if(collector_name = '', crm_collector, collector_name) AS collector, home, place,
    cityHash64(place, toString(vlan_id), collector) AS stream, cityHash64(stream, worker, home) AS talk,
    cityHash64(collector, id) AS round,
    crm_duplicate_of IS NOT NULL AS repeated, crm_response_to IS NOT NULL AS paired,
    frame_time_epoch - ifNull(crm_response_time, 0) AS request_time, crm_register_status, crm_register_message,
    notEmpty(crm_register_exhausted) AS exhausted
FROM
(
    SELECT load, point, vlan_id, file_start, frame_number, datagram, frame_time_epoch, time, crm_type, role, crm_id,
        crm_worker, crm_collector, home, place, crm_duplicate_of, crm_response_to, crm_response_time,
        crm_register_status, crm_register_message, crm_register_exhausted
    FROM crm.rows_local
    PREWHERE unnamed = 1
    WHERE load IN (SELECT latest FROM crm.current_loads)
)
ANY LEFT JOIN
(
    SELECT load, frame_number, datagram, argMinIf(name, distance, of_worker = 1) AS worker_name,
        argMinIf(name, distance, of_worker = 0) AS collector_name
    FROM
    (
        SELECT load, frame_number, datagram, of_worker, name,
            8e10 * (at_point != point) + 4e10 * (in_vlan != vlan_id) + 2e10 * (of_port != port)
                + if(heard_first > frame_time_epoch, 1e10 + (heard_first - frame_time_epoch) / 1e9,
                     greatest(frame_time_epoch - heard_last, 0) / 1e9) AS distance
        FROM
        (
            SELECT load, frame_number, datagram, point, vlan_id, frame_time_epoch, arrayJoin([1, 0]) AS of_worker,
                if(of_worker = 1, crm_worker, crm_collector) AS address, if(address = ip_src, udp_srcport, udp_dstport) AS port
            FROM crm.rows_local
            PREWHERE unnamed = 1
            WHERE load IN (SELECT latest FROM crm.current_loads)
        )
        ALL INNER JOIN
        (
            SELECT address, at_point, in_vlan, of_port, name, heard_first, heard_last FROM crm.known_names
        ) USING address
    )
    GROUP BY load, frame_number, datagram
) USING (load, frame_number, datagram);

CREATE TABLE IF NOT EXISTS crm.messages AS crm.messages_local
ENGINE = Distributed(crm, crm, messages_local);

-- Whose messages they are, by `talk`.
CREATE VIEW IF NOT EXISTS crm.talks AS
SELECT talk, any(point) AS point, any(vlan_id) AS vlan_id, any(worker) AS worker, any(collector) AS collector,
    any(home) AS home
FROM crm.messages
GROUP BY talk;

-- What the wire carried twice, the second time in another file: within a second, as tshark cannot see it there. So it
-- stands in the first second of its file.
CREATE VIEW IF NOT EXISTS crm.repeats AS
SELECT message.3 AS load, message.4 AS frame_number, message.5 AS datagram
FROM
(
    SELECT second + arrayJoin([0, 1]) AS until, cityHash64(who, type, round, until) AS same,
        groupArray((frame_time_epoch, file_start, load, frame_number, datagram, repeated, second = until)) AS messages
    FROM
    (
        SELECT cityHash64(stream, worker) AS who, type, round, load, file_start, frame_number, datagram,
            frame_time_epoch, repeated, intDiv(frame_time_epoch, 1000000000) AS second
        FROM crm.messages
        WHERE (place, second) GLOBAL IN
            (SELECT DISTINCT place, intDiv(file_start, 1000000000) + arrayJoin([-1, 0, 1]) FROM crm.datagrams)
    )
    GROUP BY same, until
    HAVING min(file_start) < max(file_start)
)
ARRAY JOIN messages AS message
WHERE message.6 = 0 AND message.7 = 1 AND message.1 BETWEEN message.2 AND message.2 + 1000000000
    AND arrayExists(x -> x.2 < message.2 AND x.1 BETWEEN message.1 - 1000000000 AND message.1, messages);

-- The probes of each collector as a point saw them, in order; `later` is how many came after.
CREATE VIEW IF NOT EXISTS crm.probes AS
SELECT stream, collector, point, place, probe.1 AS request_time, probe.2 AS load, probe.3 AS frame_number,
    probe.4 AS round, probe.5 AS id, ordinal, toInt64(total - ordinal) AS later
FROM
(
    SELECT any(stream) AS stream, any(collector) AS collector, any(point) AS point, any(place) AS place,
        arraySort(groupArray((frame_time_epoch, load, frame_number, round, id))) AS probes,
        arrayEnumerate(probes) AS ordinals, length(probes) AS total
    FROM crm.messages
    WHERE role = 1 AND repeated = 0 AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
    GROUP BY talk
)
ARRAY JOIN probes AS probe, ordinals AS ordinal;

-- Answers that their file pairs by order with a probe, but whose own stands in another file.
CREATE VIEW IF NOT EXISTS crm.mispaired AS
SELECT load, frame_number, datagram
FROM crm.messages
WHERE role = 2 AND paired = 1 AND repeated = 0
    AND round GLOBAL IN (SELECT round FROM crm.messages WHERE role = 1)
    AND (load, place, round) GLOBAL NOT IN (SELECT load, place, round FROM crm.messages WHERE role = 1);

-- What may be a pair across files: each answer that its own file does not pair, and each message that such a one may
-- answer, probes to ProbeAcks (`answer` is 2), and ProbeAcks to RegisterAcks (3), these only within two hours.
CREATE VIEW IF NOT EXISTS crm.unpaired AS
SELECT part.1 AS answer, part.2 AS is_answer, if(answer = 3, cityHash64(worker), toUInt64(0)) AS peer,
    frame_time_epoch, load, frame_number, datagram, point, stream, talk, round, id
FROM
(
    SELECT frame_time_epoch, load, frame_number, datagram, point, stream, talk, round, id, worker,
        arrayJoin(arrayFilter(x -> x.1 != 0, [(answers, toUInt8(1)), (asks, toUInt8(0))])) AS part
    FROM
    (
        SELECT frame_time_epoch, load, frame_number, datagram, point, stream, talk, round, id, worker,
            toUInt8(if(role IN (2, 3) AND (paired = 0 OR (load, frame_number, datagram) GLOBAL IN crm.mispaired), role, 0))
                AS answers,
            toUInt8(multiIf(role = 1, 2,
                role = 2 AND (cityHash64(collector, worker), intDiv(frame_time_epoch, 3600000000000)) GLOBAL IN
                (
                    SELECT cityHash64(collector, worker), intDiv(frame_time_epoch, 3600000000000) + arrayJoin([-2, -1, 0, 1, 2])
                    FROM crm.messages
                    WHERE role = 3 AND paired = 0 AND repeated = 0
                ), 3, 0)) AS asks
        FROM crm.messages
        WHERE repeated = 0 AND (answers != 0 OR asks != 0)
            AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
    )
);

-- The pairs: of what stands before an answer with the same id at the same point, or failing that with the same id at
-- another, there also after it, for clocks differ, or failing that with whatever id at the same point, the nearest. It
-- is a pair across files if that stands in another, and not more than two hours away.
--
-- All that may meet is sorted by time, and numbered by how many requests came before: an answer meets the request of
-- its number, and the one of the next.
CREATE VIEW IF NOT EXISTS crm.pairs AS
SELECT reply.1 AS frame_time_epoch, reply.3 AS load, reply.4 AS frame_number, reply.5 AS datagram, reply.6 AS point,
    reply.8 AS talk, reply.11 AS role, argMax(request, likeness) AS asked, asked.1 AS request_time,
    asked.3 AS request_load, asked.4 AS request_frame, asked.6 AS request_point, asked.7 AS request_stream,
    asked.10 AS request_id
FROM
(
    SELECT arrayJoin(replies) AS reply, arrayJoin(requests) AS request,
        4e10 * (request.9 = reply.9) + 2e10 * (request.6 = reply.6) - abs(reply.1 - request.1) / 1e9 AS likeness
    FROM
    (
        SELECT groupArrayIf(message, message.2 = 1) AS replies, groupArrayIf(message, message.2 = 0) AS requests
        FROM
        (
            SELECT meeting, message, arrayJoin(if(message.2 = 1, [number], [number, number - 1])) AS place
            FROM
            (
                SELECT meeting, arraySort(groupArray((frame_time_epoch, is_answer, load, frame_number, datagram, point,
                        stream, talk, round, id, answer))) AS messages,
                    arrayCumSum(arrayMap(x -> toInt64(1 - x.2), messages)) AS numbers
                FROM
                (
                    SELECT *, arrayJoin([cityHash64('order', stream, peer, answer), cityHash64('id', round, peer, answer),
                        cityHash64('id here', round, point, peer, answer)]) AS meeting
                    FROM crm.unpaired
                )
                GROUP BY meeting
                HAVING max(is_answer) = 1 AND min(is_answer) = 0
            )
            ARRAY JOIN messages AS message, numbers AS number
        )
        GROUP BY meeting, place
        HAVING notEmpty(replies) AND notEmpty(requests)
    )
    WHERE (request.1 <= reply.1 OR (request.6 != reply.6 AND request.9 = reply.9))
        AND abs(reply.1 - request.1) <= 7200000000000
)
GROUP BY reply
HAVING request_load != load;

-- The same with names. For this the questions have no use.
CREATE VIEW IF NOT EXISTS crm.pairs_across_files AS
SELECT point, vlan_id, file, file_start, frame_number, datagram, frame_time_epoch, role, worker, collector, home,
    request_id AS id, request_point, request_file, request_start, request_frame, request_time
FROM
(
    SELECT *
    FROM
    (
        SELECT *
        FROM
        (
            SELECT load, frame_number, datagram, frame_time_epoch, role, talk, request_id, request_point, request_load,
                request_frame, request_time
            FROM crm.pairs
        )
        ANY LEFT JOIN (SELECT latest AS load, file, file_start FROM crm.current_loads) USING load
    )
    ANY LEFT JOIN
    (
        SELECT latest AS request_load, file AS request_file, file_start AS request_start FROM crm.current_loads
    ) USING request_load
)
ANY LEFT JOIN (SELECT * FROM crm.talks) USING talk;

-- How long answers took: by point, worker, kind of answer and hour. 50%, 90% and 99% of them took no longer.
CREATE VIEW IF NOT EXISTS crm.response_times AS
SELECT worker, collector, point, if(role = 2, 'probe', 'registration') AS exchange, hour, sum(count) AS answers,
    arrayMap(x -> x / 1e9, quantilesMerge(0.5, 0.9, 0.99)(spread)) AS seconds, max(longest) / 1e9 AS longest_seconds
FROM
(
    SELECT talk, role, toStartOfHour(time) AS hour, count() AS count,
        quantilesState(0.5, 0.9, 0.99)(frame_time_epoch - request_time) AS spread,
        max(frame_time_epoch - request_time) AS longest
    FROM crm.messages
    WHERE role IN (2, 3) AND paired = 1 AND repeated = 0
        AND (load, frame_number, datagram) GLOBAL NOT IN crm.mispaired
        AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
    GROUP BY talk, role, hour
    UNION ALL
    SELECT talk, role, toStartOfHour(toDateTime(intDiv(frame_time_epoch, 1000000000))) AS hour, count() AS count,
        quantilesState(0.5, 0.9, 0.99)(frame_time_epoch - request_time) AS spread,
        max(frame_time_epoch - request_time) AS longest
    FROM crm.pairs
    WHERE request_point = point
    GROUP BY talk, role, hour
)
ANY LEFT JOIN (SELECT * FROM crm.talks) USING talk
GROUP BY worker, collector, point, role, hour;

-- Which probes were answered, and by whom. `here`: at the point that saw the probe.
CREATE VIEW IF NOT EXISTS crm.answered_probes AS
SELECT stream, request_time, talk, frame_time_epoch AS answer_time, toUInt8(1) AS here
FROM crm.messages
WHERE role = 2 AND paired = 1 AND repeated = 0
    AND (load, frame_number, datagram) GLOBAL NOT IN crm.mispaired
    AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
UNION ALL
SELECT request_stream AS stream, request_time, talk, frame_time_epoch AS answer_time,
    toUInt8(request_point = point) AS here
FROM crm.pairs
WHERE role = 2;

-- Who fell silent: after `since`, a host let pass probes of a collector that it had answered before. `until` is its
-- next answer, NULL while there is none. A collector's last probe does not count: the answer may be on its way. Of
-- several answers to one probe the first counts, which is why their times go down.
CREATE VIEW IF NOT EXISTS crm.silences AS
SELECT worker, home AS address, collector, point, vlan_id, since, until, missed_probes
FROM
(
    SELECT talk, toDateTime(intDiv(-answer.2, 1000000000)) AS since,
        if(next.1 = 0, NULL, toDateTime(intDiv(-next.2, 1000000000))) AS until,
        if(next.1 = 0, answer.3 - 1, next.1 - answer.1 - 1) AS missed_probes
    FROM
    (
        SELECT talk, arraySort(groupArray((ordinal, -answer_time, later))) AS answers,
            arrayPushBack(arrayPopFront(answers), (toUInt32(0), toInt64(0), toInt64(0))) AS nexts
        FROM (SELECT stream, request_time, talk, answer_time FROM crm.answered_probes WHERE here = 1)
        ALL INNER JOIN (SELECT stream, request_time, ordinal, later FROM crm.probes) USING (stream, request_time)
        GROUP BY talk
    )
    ARRAY JOIN answers AS answer, nexts AS next
    WHERE missed_probes > 0
)
ANY LEFT JOIN (SELECT * FROM crm.talks) USING talk;

-- Probes that nobody answered before their collector's next one, nor later, at whichever point.
CREATE VIEW IF NOT EXISTS crm.unanswered_probes AS
SELECT collector, id, point, file, file_start, frame_number, toDateTime(intDiv(request_time, 1000000000)) AS time
FROM
(
    SELECT open.1 AS collector, open.2 AS id, open.3 AS point, open.4 AS load, open.5 AS frame_number,
        open.6 AS request_time
    FROM
    (
        SELECT groupUniqArrayIf(place, here = 1) AS answered_at,
            groupArrayIf((collector, id, point, load, frame_number, request_time, place), here = 0 AND answers = 0 AND later > 0)
                AS unanswered
        FROM
        (
            SELECT *, intDiv(request_time, 60000000000) + arrayJoin(if(here = 1, [-1, 0, 1], [0])) AS minute
            FROM crm.probes
            ANY LEFT JOIN
            (
                SELECT stream, request_time, max(here) AS here, count() AS answers
                FROM crm.answered_probes
                GROUP BY stream, request_time
            ) USING (stream, request_time)
        )
        GROUP BY round, minute
    )
    ARRAY JOIN unanswered AS open
    -- Answered at another point; one id for many probes, answered here too, tells nothing.
    WHERE empty(answered_at) OR has(answered_at, open.7)
)
ANY LEFT JOIN (SELECT latest AS load, file, file_start FROM crm.current_loads) USING load;

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
    WHERE role = 3 AND repeated = 0 AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
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

-- Kinds of messages of a worker and a collector that several points saw.
CREATE VIEW IF NOT EXISTS crm.kinds_at_points AS
SELECT cityHash64(type, worker, collector) AS kind, any(type) AS of_type, any(worker) AS of_worker,
    any(collector) AS of_collector, groupUniqArray(point) AS points
FROM crm.messages
WHERE repeated = 0 AND type IN (1, 2, 3)
GROUP BY kind
HAVING length(points) > 1;

-- What one point saw and another did not, though it saw what came before and after from this worker and collector, of
-- this kind. Which came first is told by one point's clock.
CREATE VIEW IF NOT EXISTS crm.losses AS
SELECT of_type AS type, of_worker AS worker, of_collector AS collector, seen_at, missed_at, sum(lack.2) AS datagrams,
    toDateTime(intDiv(min(lack.3), 1000000000)) AS first, toDateTime(intDiv(max(lack.3), 1000000000)) AS last,
    groupArray(10)(lack.1) AS ids
FROM
(
    SELECT kind, any(of_type) AS of_type, any(of_worker) AS of_worker, any(of_collector) AS of_collector, seen_at, missed_at,
        minIf(sighted, there > 0) AS starts, maxIf(sighted, there > 0) AS ends,
        groupArrayIf((id, here - there, sighted), here > there) AS lacks
    FROM
    (
        SELECT kind, of_type, of_worker, of_collector, id, seen_at, missed_at, countEqual(places, cityHash64(seen_at)) AS here,
            countEqual(places, cityHash64(missed_at)) AS there,
            arrayReduce('min', arrayFilter((time, place) -> place = cityHash64(seen_at), times, places)) AS sighted
        FROM
        (
            SELECT kind, of_type, of_worker, of_collector, an_id AS id, places, times, arrayJoin(points) AS seen_at,
                arrayJoin(others) AS missed_at
            FROM
            (
                SELECT cityHash64(type, worker, collector) AS kind, any(id) AS an_id, groupArray(place) AS places,
                    groupArray(frame_time_epoch) AS times
                FROM crm.messages
                WHERE repeated = 0 AND type IN (1, 2, 3) AND kind GLOBAL IN (SELECT kind FROM crm.kinds_at_points)
                    AND (load, frame_number, datagram) GLOBAL NOT IN crm.repeats
                GROUP BY kind, round
            )
            ALL INNER JOIN (SELECT *, points AS others FROM crm.kinds_at_points) USING kind
        )
        WHERE seen_at != missed_at AND here > 0
    )
    GROUP BY kind, seen_at, missed_at
)
ARRAY JOIN lacks AS lack
WHERE lack.3 > starts AND lack.3 < ends
GROUP BY of_type, of_worker, of_collector, seen_at, missed_at;
