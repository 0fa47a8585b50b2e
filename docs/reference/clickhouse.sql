-- Generated from packages/core/src/schema by `pnpm generate`: change the tables there.
--
-- Events of a Kafka topic, encoding json, in ClickHouse: docs/guides/beyond-one-machine.md says how and why.
-- Change brokers, topic, group and the number of consumers (at most as many as the topic has partitions) in the
-- settings of tcp.queue, and the time to keep in the TTL of tcp.events.

CREATE DATABASE IF NOT EXISTS tcp;

-- What is consumed: a row for each record, its fields under their own names. What an event does not have is NULL, never 0.
CREATE TABLE IF NOT EXISTS tcp.queue
(
    kind LowCardinality(String),
    op LowCardinality(String),
    originId LowCardinality(String),
    tsNs UInt64,
    wallNs Nullable(UInt64),
    cpu Nullable(UInt16),
    cookie UInt64,
    netnsCookie Nullable(UInt64),
    family LowCardinality(String),
    localAddress Nullable(String),
    localPort UInt16,
    remoteAddress Nullable(String),
    remotePort UInt16,
    role LowCardinality(Nullable(String)),
    ownerPid Nullable(UInt32),
    ownerComm LowCardinality(Nullable(String)),
    cgroupId Nullable(UInt64),
    state LowCardinality(String),
    isFullsock Bool,
    retransmits Nullable(UInt32),
    rtoJiffies Nullable(UInt32),
    rtoUs Nullable(Float64),
    isExpired Nullable(Bool),
    retransSeq Nullable(UInt32),
    retransSegs Nullable(UInt32),
    retransError Nullable(Int32),
    oldState LowCardinality(Nullable(String)),
    newState LowCardinality(Nullable(String)),
    mrttUs Nullable(UInt32),
    newSrttUs Nullable(UInt32),
    hdrOptMode Nullable(UInt32),
    cbFlags LowCardinality(Nullable(String)),
    tcpFlags LowCardinality(Nullable(String)),
    ecnFlags LowCardinality(Nullable(String)),
    skbLen Nullable(UInt32),
    skErr Nullable(UInt16),
    srttUs Nullable(UInt32),
    rttMinUs Nullable(UInt32),
    sndCwnd Nullable(UInt32),
    sndSsthresh Nullable(UInt32),
    rcvNxt Nullable(UInt32),
    sndNxt Nullable(UInt32),
    sndUna Nullable(UInt32),
    mssCache Nullable(UInt32),
    rateDelivered Nullable(UInt32),
    rateIntervalUs Nullable(UInt32),
    packetsOut Nullable(UInt32),
    retransOut Nullable(UInt32),
    totalRetrans Nullable(UInt32),
    segsIn Nullable(UInt32),
    dataSegsIn Nullable(UInt32),
    segsOut Nullable(UInt32),
    dataSegsOut Nullable(UInt32),
    lostOut Nullable(UInt32),
    sackedOut Nullable(UInt32),
    skTxhash Nullable(UInt32),
    bytesReceived Nullable(UInt64),
    bytesAcked Nullable(UInt64),
    skbHwtstampNs Nullable(UInt64),
    tskey Nullable(UInt32),
    tcpHeaderHex Nullable(String),
    arg0 Nullable(UInt32),
    arg1 Nullable(UInt32),
    arg2 Nullable(UInt32),
    arg3 Nullable(UInt32),
    rttSumUs Nullable(UInt64),
    rttCount Nullable(UInt32),
    rttLowUs Nullable(UInt32),
    rttHighUs Nullable(UInt32),
    rttBuckets Array(UInt32),
    gapStartNs Nullable(UInt64),
    lostRingFull Nullable(UInt64),
    lostShedFirst Nullable(UInt64),
    lostShedLast Nullable(UInt64),
    lostDamaged Nullable(UInt64),
    lane Nullable(UInt32)
)
ENGINE = Kafka
SETTINGS
    kafka_broker_list = '127.0.0.1:9092',
    kafka_topic_list = 'tcp.events',
    kafka_group_name = 'clickhouse',
    kafka_format = 'JSONEachRow',
    kafka_num_consumers = 1,
    kafka_handle_error_mode = 'stream',
    input_format_skip_unknown_fields = 1;

-- What is kept. A record that comes twice (delivery is at least once) has the same sorting key and becomes one row when parts
-- merge, or at once in a query with FINAL.
CREATE TABLE IF NOT EXISTS tcp.events
(
    time DateTime64(9, 'UTC') COMMENT 'wall clock; of an origin without one, when the record was sent' CODEC(Delta(8), ZSTD(1)),
    host LowCardinality(String) COMMENT 'name of the host as its origin has it; empty where not known',
    kind LowCardinality(String) COMMENT 'what the slot is, Kind',
    op LowCardinality(String) COMMENT 'the operator, Op; 0 for kinds other than op events',
    originId LowCardinality(String) COMMENT 'names the host and boot; a connection is (originId, netnsCookie, cookie)',
    tsNs UInt64 COMMENT 'ns since boot' CODEC(Delta(8), ZSTD(1)),
    wallNs Nullable(UInt64) COMMENT 'wall clock, ns since 1970 UTC; absent without a clock anchor of the origin' CODEC(Delta(8), ZSTD(1)),
    cpu Nullable(UInt16) COMMENT 'CPU that ran the program',
    cookie UInt64 COMMENT 'socket cookie',
    netnsCookie UInt64 COMMENT 'network namespace cookie',
    family LowCardinality(String) COMMENT 'address family as the socket has it, Family',
    localAddress Nullable(String) COMMENT 'local address as text; v4-mapped ones as IPv4',
    localPort UInt16 COMMENT 'local port',
    remoteAddress Nullable(String) COMMENT 'remote address as text; v4-mapped ones as IPv4',
    remotePort UInt16 COMMENT 'remote port',
    role LowCardinality(Nullable(String)) COMMENT 'which end called connect or listen, Role',
    ownerPid Nullable(UInt32) COMMENT 'process that called connect or listen',
    ownerComm LowCardinality(Nullable(String)) COMMENT 'its command name',
    cgroupId Nullable(UInt64) COMMENT 'cgroup v2 id of the socket',
    state LowCardinality(String) COMMENT 'TCP state, TcpState; in STATE_CB still the old one',
    isFullsock Bool COMMENT 'false for request sockets',
    retransmits Nullable(UInt32) COMMENT 'timeouts in a row, icsk_retransmits',
    rtoJiffies Nullable(UInt32) COMMENT 'retransmission timeout in jiffies, as the kernel gives it',
    rtoUs Nullable(Float64) COMMENT 'retransmission timeout, us; absent where the HZ of the origin is not known',
    isExpired Nullable(Bool) COMMENT 'whether the connection is given up',
    retransSeq Nullable(UInt32) COMMENT 'sequence number of the first byte retransmitted',
    retransSegs Nullable(UInt32) COMMENT 'segments retransmitted',
    retransError Nullable(Int32) COMMENT 'what tcp_transmit_skb returned: 0, or a negative errno',
    oldState LowCardinality(Nullable(String)) COMMENT 'state before the change, TcpState',
    newState LowCardinality(Nullable(String)) COMMENT 'state after the change, TcpState',
    mrttUs Nullable(UInt32) COMMENT 'the RTT sample, us; absent on kernels before 6.10',
    newSrttUs Nullable(UInt32) COMMENT 'the smoothed RTT with this sample, us; srttUs is still without; absent on kernels before 6.10',
    hdrOptMode Nullable(UInt32) COMMENT 'why the header is built, HdrOptMode',
    cbFlags LowCardinality(Nullable(String)) COMMENT 'callback flags requested on the socket, CbFlag',
    tcpFlags LowCardinality(Nullable(String)) COMMENT 'flags of the segment, TcpFlag; absent in ops without a segment and in 16-18, where the kernel gives 0',
    ecnFlags LowCardinality(Nullable(String)) COMMENT 'ECN state of the socket, EcnFlag',
    skbLen Nullable(UInt32) COMMENT 'length of the segment, bytes',
    skErr Nullable(UInt16) COMMENT 'pending errno of the socket, 0 none',
    srttUs Nullable(UInt32) COMMENT 'smoothed RTT, us; 0 before the first sample',
    rttMinUs Nullable(UInt32) COMMENT 'minimum RTT, us; absent before the first sample',
    sndCwnd Nullable(UInt32) COMMENT 'congestion window, packets',
    sndSsthresh Nullable(UInt32) COMMENT 'slow start threshold, packets; 2147483647 is none',
    rcvNxt Nullable(UInt32) COMMENT 'next sequence number expected',
    sndNxt Nullable(UInt32) COMMENT 'next sequence number to send',
    sndUna Nullable(UInt32) COMMENT 'first unacknowledged sequence number',
    mssCache Nullable(UInt32) COMMENT 'cached effective MSS, bytes',
    rateDelivered Nullable(UInt32) COMMENT 'packets delivered in the rate sample',
    rateIntervalUs Nullable(UInt32) COMMENT 'length of the rate sample, us',
    packetsOut Nullable(UInt32) COMMENT 'packets in flight',
    retransOut Nullable(UInt32) COMMENT 'retransmitted packets in flight',
    totalRetrans Nullable(UInt32) COMMENT 'retransmits in the life of the connection; wraps at 2^32',
    segsIn Nullable(UInt32) COMMENT 'segments received; wraps at 2^32',
    dataSegsIn Nullable(UInt32) COMMENT 'segments with data received; wraps at 2^32',
    segsOut Nullable(UInt32) COMMENT 'segments sent; wraps at 2^32',
    dataSegsOut Nullable(UInt32) COMMENT 'segments with data sent; wraps at 2^32',
    lostOut Nullable(UInt32) COMMENT 'packets thought lost',
    sackedOut Nullable(UInt32) COMMENT 'packets selectively acknowledged',
    skTxhash Nullable(UInt32) COMMENT 'hash of the transmit path',
    bytesReceived Nullable(UInt64) COMMENT 'bytes received, exact to 2^53; counts the FIN',
    bytesAcked Nullable(UInt64) COMMENT 'bytes acknowledged, exact to 2^53; counts SYN and FIN',
    skbHwtstampNs Nullable(UInt64) COMMENT 'hardware time stamp of the segment, ns',
    tskey Nullable(UInt32) COMMENT 'key of the sendmsg this stamp belongs to',
    tcpHeaderHex Nullable(String) COMMENT 'the captured TCP header in hexadecimal',
    arg0 Nullable(UInt32) COMMENT 'argument 0 as the kernel gave it; the typed accessors of the op say what it means',
    arg1 Nullable(UInt32) COMMENT 'argument 1 as the kernel gave it',
    arg2 Nullable(UInt32) COMMENT 'argument 2 as the kernel gave it',
    arg3 Nullable(UInt32) COMMENT 'argument 3 as the kernel gave it',
    rttSumUs Nullable(UInt64) COMMENT 'sum of the RTT samples, us',
    rttCount Nullable(UInt32) COMMENT 'RTT samples',
    rttLowUs Nullable(UInt32) COMMENT 'smallest RTT sample, us',
    rttHighUs Nullable(UInt32) COMMENT 'largest RTT sample, us',
    rttBuckets Array(UInt32) COMMENT 'RTT samples per log2 bucket: 0 below 16 us, i from 2^(i+3) us on'
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(time)
ORDER BY (kind, op, toStartOfHour(time), originId, netnsCookie, cookie, tsNs)
TTL toDateTime(time) + INTERVAL 30 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_events TO tcp.events AS
SELECT
    fromUnixTimestamp64Nano(ifNull(toInt64(q.wallNs), toUnixTimestamp64Nano(toDateTime64(ifNull(q._timestamp_ms, now64(3)), 9))), 'UTC') AS time,
    JSONExtractString(q.`_headers.value`[indexOf(q.`_headers.name`, 'sockflow-origin')], 'hostName') AS host,
    q.kind AS kind,
    q.op AS op,
    q.originId AS originId,
    q.tsNs AS tsNs,
    q.wallNs AS wallNs,
    q.cpu AS cpu,
    q.cookie AS cookie,
    ifNull(q.netnsCookie, 0) AS netnsCookie,
    q.family AS family,
    q.localAddress AS localAddress,
    q.localPort AS localPort,
    q.remoteAddress AS remoteAddress,
    q.remotePort AS remotePort,
    q.role AS role,
    q.ownerPid AS ownerPid,
    q.ownerComm AS ownerComm,
    q.cgroupId AS cgroupId,
    q.state AS state,
    q.isFullsock AS isFullsock,
    q.retransmits AS retransmits,
    q.rtoJiffies AS rtoJiffies,
    q.rtoUs AS rtoUs,
    q.isExpired AS isExpired,
    q.retransSeq AS retransSeq,
    q.retransSegs AS retransSegs,
    q.retransError AS retransError,
    q.oldState AS oldState,
    q.newState AS newState,
    q.mrttUs AS mrttUs,
    q.newSrttUs AS newSrttUs,
    q.hdrOptMode AS hdrOptMode,
    q.cbFlags AS cbFlags,
    q.tcpFlags AS tcpFlags,
    q.ecnFlags AS ecnFlags,
    q.skbLen AS skbLen,
    q.skErr AS skErr,
    q.srttUs AS srttUs,
    q.rttMinUs AS rttMinUs,
    q.sndCwnd AS sndCwnd,
    q.sndSsthresh AS sndSsthresh,
    q.rcvNxt AS rcvNxt,
    q.sndNxt AS sndNxt,
    q.sndUna AS sndUna,
    q.mssCache AS mssCache,
    q.rateDelivered AS rateDelivered,
    q.rateIntervalUs AS rateIntervalUs,
    q.packetsOut AS packetsOut,
    q.retransOut AS retransOut,
    q.totalRetrans AS totalRetrans,
    q.segsIn AS segsIn,
    q.dataSegsIn AS dataSegsIn,
    q.segsOut AS segsOut,
    q.dataSegsOut AS dataSegsOut,
    q.lostOut AS lostOut,
    q.sackedOut AS sackedOut,
    q.skTxhash AS skTxhash,
    q.bytesReceived AS bytesReceived,
    q.bytesAcked AS bytesAcked,
    q.skbHwtstampNs AS skbHwtstampNs,
    q.tskey AS tskey,
    q.tcpHeaderHex AS tcpHeaderHex,
    q.arg0 AS arg0,
    q.arg1 AS arg1,
    q.arg2 AS arg2,
    q.arg3 AS arg3,
    q.rttSumUs AS rttSumUs,
    q.rttCount AS rttCount,
    q.rttLowUs AS rttLowUs,
    q.rttHighUs AS rttHighUs,
    q.rttBuckets AS rttBuckets
FROM tcp.queue AS q
WHERE q.kind IN ('OP', 'RTT_SUMMARY', 'SNAPSHOT') AND q._error = '';

-- What is missing, and where: loss markers, from the kernel's ring and from damaged recordings.
CREATE TABLE IF NOT EXISTS tcp.losses
(
    sent DateTime64(3) COMMENT 'when the record was sent',
    host LowCardinality(String),
    originId LowCardinality(String),
    tsNs UInt64 COMMENT 'end of the gap, ns since boot',
    gapStartNs UInt64 COMMENT 'start of the gap, ns since boot',
    lostRingFull UInt64 COMMENT 'refused by a full ring',
    lostShedFirst UInt64 COMMENT 'shed in the first class: raw RTT and query ops',
    lostShedLast UInt64 COMMENT 'shed in the last class: lifecycle and errors',
    lostDamaged UInt64 COMMENT 'in damaged blocks of a recording',
    lane UInt32 COMMENT 'lane that lost them'
)
ENGINE = ReplacingMergeTree
ORDER BY (originId, lane, tsNs);

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_losses TO tcp.losses AS
SELECT
    ifNull(q._timestamp_ms, now64(3)) AS sent,
    JSONExtractString(q.`_headers.value`[indexOf(q.`_headers.name`, 'sockflow-origin')], 'hostName') AS host,
    q.originId AS originId,
    q.tsNs AS tsNs,
    ifNull(q.gapStartNs, 0) AS gapStartNs,
    ifNull(q.lostRingFull, 0) AS lostRingFull,
    ifNull(q.lostShedFirst, 0) AS lostShedFirst,
    ifNull(q.lostShedLast, 0) AS lostShedLast,
    ifNull(q.lostDamaged, 0) AS lostDamaged,
    ifNull(q.lane, 0) AS lane
FROM tcp.queue AS q
WHERE q.kind = 'LOSS_MARKER' AND q._error = '';

-- What is no event: bytes that do not parse, with the reason, and records of something else, which offset and partition name.
CREATE TABLE IF NOT EXISTS tcp.refused
(
    sent DateTime64(3),
    topic LowCardinality(String),
    partition UInt64,
    offset UInt64,
    error String,
    record String
)
ENGINE = MergeTree
ORDER BY sent
TTL toDateTime(sent) + INTERVAL 30 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_refused TO tcp.refused AS
SELECT
    ifNull(q._timestamp_ms, now64(3)) AS sent,
    q._topic AS topic,
    q._partition AS partition,
    q._offset AS offset,
    q._error AS error,
    q._raw_message AS record
FROM tcp.queue AS q
WHERE q._error != '' OR q.kind NOT IN ('OP', 'RTT_SUMMARY', 'SNAPSHOT', 'LOSS_MARKER', 'CLOCK_ANCHOR');
