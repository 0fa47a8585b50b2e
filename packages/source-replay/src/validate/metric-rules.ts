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
/** The stages of a sendmsg, in order. */
const STAGES: readonly number[] = [
  Op.TSTAMP_SENDMSG_CB,
  Op.TSTAMP_SCHED_CB,
  Op.TSTAMP_SND_SW_CB,
  Op.TSTAMP_SND_HW_CB,
  Op.TSTAMP_ACK_CB,
];

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
  const expected = nextSrttUs8(event.word('srtt'), event.arg(0));
  return event.arg(1) === expected
    ? undefined
    : { rule: 'V22', expected: `srtt ${expected} (<< 3)`, found: `${event.arg(1)}` };
}

/** V23 */
function checkRttMin(event: EventCursor): Finding | undefined {
  const rttMinUs = event.word('rttMin');
  const isSample = event.op === Op.RTT_CB && event.has(PRESENCE_BIT.args);
  if ((event.word('srtt') !== 0 || isSample) && rttMinUs === RTT_MIN_UNSET) {
    return { rule: 'V23', expected: 'rtt_min set', found: 'unset' };
  }
  return isSample && event.arg(0) < rttMinUs
    ? { rule: 'V23', expected: `a sample from ${rttMinUs} us on`, found: `${event.arg(0)} us` }
    : undefined;
}

/** V24 */
function checkSequences(connection: Connection, event: EventCursor): Finding | undefined {
  const inFlightBytes = (event.word('sndNxt') - event.word('sndUna')) | 0;
  if (inFlightBytes < 0) {
    return { rule: 'V24', expected: 'snd_una at most snd_nxt', found: `${-inFlightBytes} beyond` };
  }
  const { last } = connection;
  for (const name of ['sndNxt', 'sndUna', 'rcvNxt'] as const) {
    const before = last[WORD[name]]!;
    // Zero until the SYN has a sequence number, or the peer's is known.
    if (connection.hasMetrics && before !== 0 && ((event.word(name) - before) | 0) < 0) {
      return { rule: 'V24', expected: `${name} from ${before} on`, found: `${event.word(name)}` };
    }
  }
  return undefined;
}

/** V25 */
function checkCounters(connection: Connection, event: EventCursor): Finding | undefined {
  for (const name of COUNTERS) {
    const before = connection.last[WORD[name]]!;
    if (connection.hasMetrics && ((event.word(name) - before) | 0) < 0) {
      return { rule: 'V25', expected: `${name} from ${before} on`, found: `${event.word(name)}` };
    }
  }
  const segments = event.word('segsOut');
  const withData = event.word('dataSegsOut');
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
    checkBytesOf(connection, event, 'sndUna', 'bytesAcked') ??
    checkBytesOf(connection, event, 'rcvNxt', 'bytesReceived')
  );
}

function checkBytesOf(
  connection: Connection,
  event: EventCursor,
  sequence: WordName,
  counter: WordName,
): Finding | undefined {
  const { last } = connection;
  if (last[WORD[sequence]] === 0) {
    return undefined;
  }
  const expected = (event.word(sequence) - last[WORD[sequence]]!) >>> 0;
  const found = (event.word(counter) - last[WORD[counter]]!) >>> 0;
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
  const una = event.word('sndUna');
  const nxt = event.word('sndNxt');
  if (((seq - una) | 0) < 0 || ((nxt - seq) | 0) <= 0 || event.arg(1) === 0) {
    return {
      rule: 'V27',
      expected: `segments of [${una}, ${nxt})`,
      found: `${event.arg(1)} at ${seq}`,
    };
  }
  const moved = (event.word('totalRetrans') - connection.last[WORD.totalRetrans]!) | 0;
  return moved > 0 || event.arg(2) !== 0 || !connection.hasMetrics
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
  if (event.word('packetsOut') === 0 || jiffies === 0) {
    return { rule: 'V28', expected: 'a timeout with something in flight', found: 'nothing' };
  }
  const goesOn = count === connection.rtoCount || count === connection.rtoCount + 1;
  return count === 0 || (goesOn && jiffies >= connection.rtoJiffies)
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
  const before = connection.stages?.get(event.word('tskey')) ?? -1;
  const isInOrder = stage === 0 ? before < 0 : before >= 0 && before < stage;
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
      stages.delete(event.word('tskey'));
    } else {
      stages.set(event.word('tskey'), stage);
    }
  }
}
