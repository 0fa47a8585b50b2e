import { Op, PRESENCE_BIT, TcpState } from '@sockflow/core';

import { nextSrttUs8 } from '../generate/scripts/segments.ts';
import { WORD, type WordName } from '../slot-words.ts';
import type { Connection } from './connection.ts';
import type { EventCursor } from './event-cursor.ts';
import type { Finding } from './report.ts';

/* Rules about what the TCP metrics and arguments say: V22 to V30. */

const RTT_MIN_UNSET = 0xffffffff;
const EPIPE = 32;
const ECONNRESET = 104;
const ECONNREFUSED = 111;
const COUNTERS: readonly WordName[] = [
  'segsIn',
  'dataSegsIn',
  'segsOut',
  'dataSegsOut',
  'totalRetrans',
];
const COUNTER_WORDS: readonly number[] = COUNTERS.map((name) => WORD[name]);
const SEQUENCES: readonly WordName[] = ['sndNxt', 'sndUna', 'rcvNxt'];
const SEQUENCE_WORDS: readonly number[] = SEQUENCES.map((name) => WORD[name]);
/** The stages of a sendmsg, in order. */
const STAGES: readonly number[] = [
  Op.TSTAMP_SENDMSG_CB,
  Op.TSTAMP_SCHED_CB,
  Op.TSTAMP_SND_SW_CB,
  Op.TSTAMP_SND_HW_CB,
  Op.TSTAMP_ACK_CB,
];

const SCHED_STAGE: number = STAGES.indexOf(Op.TSTAMP_SCHED_CB);

/** Whether the kernel gives TCP metrics with the event. */
export function hasMetrics(event: EventCursor): boolean {
  return event.isFullsock && (event.op < Op.TSTAMP_SCHED_CB || event.op > Op.TSTAMP_SENDMSG_CB);
}

/** Checks the metrics and arguments of an event against those before. */
export function checkMetrics(connection: Connection, event: EventCursor): Finding | undefined {
  if (!hasMetrics(event)) {
    return checkError(event) ?? checkStage(connection, event);
  }
  return (
    checkSample(event) ??
    checkRttMin(event) ??
    checkSequences(connection, event) ??
    checkCounters(connection, event) ??
    checkBytes(connection, event) ??
    checkRetransmit(connection, event) ??
    checkTimeout(connection, event) ??
    checkError(event)
  );
}

/** V22 */
function checkSample(event: EventCursor): Finding | undefined {
  if (event.op !== Op.RTT_CB || !event.has(PRESENCE_BIT.args)) {
    return undefined;
  }
  const expected = nextSrttUs8(event.word(WORD.srtt), event.arg(0));
  return event.arg(1) === expected
    ? undefined
    : { rule: 'V22', expected: `srtt ${expected} (<< 3)`, found: `${event.arg(1)}` };
}

/** V23 */
function checkRttMin(event: EventCursor): Finding | undefined {
  const rttMinUs = event.word(WORD.rttMin);
  const isSample = event.op === Op.RTT_CB && event.has(PRESENCE_BIT.args);
  if ((event.word(WORD.srtt) !== 0 || isSample) && rttMinUs === RTT_MIN_UNSET) {
    return { rule: 'V23', expected: 'rtt_min set', found: 'unset' };
  }
  return isSample && event.arg(0) < rttMinUs
    ? { rule: 'V23', expected: `a sample from ${rttMinUs} us on`, found: `${event.arg(0)} us` }
    : undefined;
}

/** V24 */
function checkSequences(connection: Connection, event: EventCursor): Finding | undefined {
  const inFlightBytes = (event.word(WORD.sndNxt) - event.word(WORD.sndUna)) | 0;
  if (inFlightBytes < 0) {
    return { rule: 'V24', expected: 'snd_una at most snd_nxt', found: `${-inFlightBytes} beyond` };
  }
  const { last } = connection;
  for (let index = 0; index < SEQUENCE_WORDS.length; index++) {
    const word = SEQUENCE_WORDS[index]!;
    const before = last[word]!;
    // Zero until the SYN has a sequence number, or the peer's is known.
    if (connection.hasMetrics && before !== 0 && ((event.word(word) - before) | 0) < 0) {
      const expected = `${SEQUENCES[index]} from ${before} on`;
      return { rule: 'V24', expected, found: `${event.word(word)}` };
    }
  }
  return undefined;
}

/** V25 */
function checkCounters(connection: Connection, event: EventCursor): Finding | undefined {
  for (let index = 0; index < COUNTER_WORDS.length; index++) {
    const word = COUNTER_WORDS[index]!;
    const before = connection.last[word]!;
    if (connection.hasMetrics && ((event.word(word) - before) | 0) < 0) {
      const expected = `${COUNTERS[index]} from ${before} on`;
      return { rule: 'V25', expected, found: `${event.word(word)}` };
    }
  }
  const segments = event.word(WORD.segsOut);
  const withData = event.word(WORD.dataSegsOut);
  return ((segments - withData) | 0) >= 0
    ? undefined
    : { rule: 'V25', expected: `data_segs_out up to ${segments}`, found: `${withData}` };
}

/** V26 */
function checkBytes(connection: Connection, event: EventCursor): Finding | undefined {
  if (!connection.hasMetrics) {
    return undefined;
  }
  return (
    checkBytesOf(connection, event, WORD.sndUna, WORD.bytesAcked) ??
    checkBytesOf(connection, event, WORD.rcvNxt, WORD.bytesReceived)
  );
}

function checkBytesOf(
  connection: Connection,
  event: EventCursor,
  sequenceWord: number,
  counterWord: number,
): Finding | undefined {
  const { last } = connection;
  if (last[sequenceWord] === 0) {
    return undefined;
  }
  const expected = (event.word(sequenceWord) - last[sequenceWord]!) >>> 0;
  const found = (event.word(counterWord) - last[counterWord]!) >>> 0;
  const counter = counterWord === WORD.bytesAcked ? 'bytes_acked' : 'bytes_received';
  return expected === found
    ? undefined
    : { rule: 'V26', expected: `${counter} to move by ${expected}`, found: `${found}` };
}

/** V27 */
function checkRetransmit(connection: Connection, event: EventCursor): Finding | undefined {
  if (event.op !== Op.RETRANS_CB) {
    return undefined;
  }
  const seq = event.arg(0);
  const una = event.word(WORD.sndUna);
  const nxt = event.word(WORD.sndNxt);
  if (((seq - una) | 0) < 0 || ((nxt - seq) | 0) <= 0 || event.arg(1) === 0) {
    return {
      rule: 'V27',
      expected: `segments of [${una}, ${nxt})`,
      found: `${event.arg(1)} at ${seq}`,
    };
  }
  // The counter is moved before the header is built, so op 14 of the same segment may have told it already.
  const moved = (event.word(WORD.totalRetrans) - connection.retransTold) | 0;
  return moved > 0 || event.arg(2) !== 0 || connection.retransTold < 0
    ? undefined
    : { rule: 'V27', expected: 'total_retrans to have moved', found: `moved by ${moved}` };
}

/** V28 */
function checkTimeout(connection: Connection, event: EventCursor): Finding | undefined {
  if (event.op !== Op.RTO_CB) {
    return undefined;
  }
  const count = event.arg(0);
  const jiffies = event.arg(1);
  if (event.word(WORD.packetsOut) === 0 || jiffies === 0) {
    return { rule: 'V28', expected: 'a timeout with something in flight', found: 'nothing' };
  }
  const goesOn = count === connection.rtoCount || count === connection.rtoCount + 1;
  const isFirstSeen = connection.isMidway && connection.rtoJiffies === 0;
  return count === 0 || isFirstSeen || (goesOn && jiffies >= connection.rtoJiffies)
    ? undefined
    : {
        rule: 'V28',
        expected: `number ${connection.rtoCount} or the next, from ${connection.rtoJiffies} jiffies on`,
        found: `number ${count} of ${jiffies} jiffies`,
      };
}

/** V29 */
function checkError(event: EventCursor): Finding | undefined {
  const { skErr } = event;
  if (skErr === 0) {
    return undefined;
  }
  const isClosing = event.op === Op.STATE_CB && event.arg(1) === TcpState.CLOSE;
  const isRefusal = event.state === TcpState.SYN_SENT;
  const isBroken = event.state === TcpState.CLOSE_WAIT;
  const fits =
    (skErr !== ECONNREFUSED || isRefusal) &&
    (skErr !== ECONNRESET || (!isRefusal && !isBroken)) &&
    (skErr !== EPIPE || isBroken);
  return (isClosing || event.state === TcpState.CLOSE) && fits
    ? undefined
    : { rule: 'V29', expected: 'an error that fits the way to CLOSE', found: `errno ${skErr}` };
}

/** V30 */
function checkStage(connection: Connection, event: EventCursor): Finding | undefined {
  const stage = STAGES.indexOf(event.op);
  if (stage < 0 || !event.has(PRESENCE_BIT.tskey)) {
    return undefined;
  }
  const before = connection.stages?.get(event.word(WORD.tskey)) ?? -1;
  const isBegun = before >= 0 || connection.isMidway;
  const isAgain = stage === SCHED_STAGE && before > stage;
  const isInOrder = stage === 0 ? before < 0 : isBegun && (before < stage || isAgain);
  return isInOrder
    ? undefined
    : { rule: 'V30', expected: `stages in order, the last was ${before}`, found: `${stage}` };
}

/** Takes the event's metrics and arguments into the connection. */
export function advanceMetrics(connection: Connection, event: EventCursor): void {
  if (hasMetrics(event)) {
    const { last } = connection;
    const { words, slot } = event;
    for (let index = 0; index < last.length; index++) {
      last[index] = words[slot + index]!;
    }
    connection.hasMetrics = true;
    if (event.op === Op.RETRANS_CB) {
      connection.retransTold = event.word(WORD.totalRetrans);
    }
    if (event.op === Op.RTO_CB) {
      connection.rtoCount = event.arg(0);
      connection.rtoJiffies = event.arg(1);
    }
    return;
  }
  const stage = STAGES.indexOf(event.op);
  if (stage >= 0 && event.has(PRESENCE_BIT.tskey)) {
    const stages = (connection.stages ??= new Map<number, number>());
    if (stage === STAGES.length - 1) {
      stages.delete(event.word(WORD.tskey));
    } else {
      stages.set(event.word(WORD.tskey), stage);
    }
  }
}
