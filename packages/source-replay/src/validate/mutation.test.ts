import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Op, TcpState } from '@sockflow/core';

import { SHIFT, WORD } from '../slot-words.ts';
import type { EventCursor } from './event-cursor.ts';
import { RULES, type RuleId, validateEvents } from './index.ts';
import { Tape } from './tape.test.support.ts';

const SECTION_WORD = 64;
const ORDINARY_CB_FLAGS = 0x0f;
const PROFILES = { shortEcho: 6, headers: 3, refused: 2, timeout: 3, timestamps: 3, loss: 2 };

const isMidLife = (event: EventCursor): boolean =>
  event.op === Op.RTT_CB && event.state === TcpState.ESTABLISHED;
const isStateChange =
  (before: number, after: number) =>
  (event: EventCursor): boolean =>
    event.op === Op.STATE_CB && event.arg(0) === before && event.arg(1) === after;

/** Changes one field of the first event that fits. @returns the number of the event. */
function corrupt(
  tape: Tape,
  fits: (event: EventCursor, index: number) => boolean,
  change: (words: Uint32Array, slot: number) => void,
): number {
  const index = tape.find(fits);
  tape.change(index, change);
  return index;
}

function drop(tape: Tape, fits: (event: EventCursor, index: number) => boolean): number {
  const index = tape.find(fits);
  tape.discard(index);
  return index;
}

const setState = (words: Uint32Array, slot: number, state: number): void => {
  const word = slot + WORD.kind;
  words[word] = (words[word]! & 0x00ffffff) | (state << SHIFT.state);
};
const add =
  (name: keyof typeof WORD, count: number, after = 0) =>
  (words: Uint32Array, slot: number): void => {
    words[slot + WORD[name] + after]! += count;
  };

/** For each rule, the smallest corruption that breaks it and no other. */
const CORRUPTIONS: Record<RuleId, (tape: Tape) => number> = {
  V1: (tape) => {
    const index = tape.find(isMidLife);
    tape.memory.u32[tape.slots[index]! + WORD.presence]! ^= 1 << 29;
    return index;
  },
  V2: (tape) => corrupt(tape, isMidLife, (words, slot) => (words[slot + WORD.kind]! &= 0xffff00ff)),
  V3: (tape) => corrupt(tape, isMidLife, add('laneKey', 1)),
  V4: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => {
      words[slot + WORD.flags]! &= ~(1 << SHIFT.isFullsock);
    }),
  V5: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => {
      words[slot + WORD.kind]! &= ~(8 << SHIFT.cbFlags);
    }),
  V6: (tape) => corrupt(tape, isMidLife, add('args', 1, 2)),
  V7: (tape) =>
    corrupt(
      tape,
      (event) => event.op === Op.PARSE_HDR_OPT_CB,
      (words, slot) => (words[slot + SECTION_WORD + 4]! ^= 0x10),
    ),
  V8: (tape) =>
    corrupt(
      tape,
      (event) => event.op === Op.PASSIVE_ESTABLISHED_CB,
      (words, slot) => (words[slot + SECTION_WORD + 1]! ^= 1),
    ),
  V9: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => {
      words[slot + WORD.flags] = (words[slot + WORD.flags]! & 0xf0ffffff) | (3 << SHIFT.family);
    }),
  V10: (tape) => corrupt(tape, isMidLife, add('ports', 0x10000)),
  V11: (tape) => corrupt(tape, isMidLife, (words, slot) => (words[slot + WORD.time + 1]! -= 1)),
  V12: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => (words[slot + WORD.flags]! ^= 3 << SHIFT.role)),
  V13: (tape) => drop(tape, (event) => event.op === Op.TCP_CONNECT_CB),
  V14: (tape) =>
    corrupt(tape, isStateChange(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT), (words, slot) =>
      setState(words, slot, TcpState.CLOSE_WAIT),
    ),
  V15: (tape) => {
    const isAcked = isStateChange(TcpState.FIN_WAIT1, TcpState.FIN_WAIT2);
    return drop(tape, (event) => isAcked(event) && event.cbFlags === ORDINARY_CB_FLAGS);
  },
  V16: (tape) =>
    corrupt(tape, isStateChange(TcpState.FIN_WAIT2, TcpState.CLOSE), (words, slot) => {
      words[slot + WORD.args + 1] = TcpState.TIME_WAIT;
    }),
  V17: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => setState(words, slot, TcpState.CLOSE_WAIT)),
  V18: (tape) => drop(tape, (event) => event.op === Op.ACTIVE_ESTABLISHED_CB),
  V19: (tape) => drop(tape, (event) => event.op === Op.PASSIVE_ESTABLISHED_CB),
  V20: (tape) => {
    const request = tape.find((event) => event.op === Op.NEEDS_ECN && !event.isFullsock);
    let child = tape.next(request);
    while (!isMidLife(tape.event(child))) {
      child = tape.next(child);
    }
    const from = tape.slots[request]!;
    tape.change(child, (words, slot) => {
      const time = words.slice(slot + WORD.time, slot + WORD.time + 2);
      words.copyWithin(slot, from, from + SECTION_WORD);
      words.set(time, slot + WORD.time);
    });
    return child;
  },
  V21: (tape) => drop(tape, (event) => event.op === Op.RWND_INIT && event.isFullsock),
  V22: (tape) => corrupt(tape, isMidLife, add('args', 1, 1)),
  V23: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => {
      words[slot + WORD.rttMin] = words[slot + WORD.args]! + 1;
    }),
  V24: (tape) =>
    corrupt(
      tape,
      (event) => isMidLife(event) && event.word(WORD.sndNxt) === event.word(WORD.sndUna),
      add('sndNxt', -1),
    ),
  V25: (tape) =>
    corrupt(
      tape,
      (event) => isMidLife(event) && event.word(WORD.segsIn) > 1,
      (words, slot) => {
        words[slot + WORD.segsIn] = 0;
      },
    ),
  V26: (tape) => corrupt(tape, isMidLife, add('bytesAcked', 7)),
  V27: (tape) =>
    corrupt(
      tape,
      (event) => event.op === Op.RETRANS_CB,
      (words, slot) => {
        words[slot + WORD.args] = words[slot + WORD.sndNxt]!;
      },
    ),
  V28: (tape) =>
    corrupt(
      tape,
      (event) => event.op === Op.RTO_CB && event.arg(0) > 0,
      (words, slot) => {
        words[slot + WORD.args + 1] = 1;
      },
    ),
  V29: (tape) =>
    corrupt(tape, isStateChange(TcpState.SYN_SENT, TcpState.CLOSE), (words, slot) => {
      words[slot + WORD.cpu] = (words[slot + WORD.cpu]! & 0xffff) | (104 << SHIFT.skErr);
    }),
  V30: (tape) => drop(tape, (event) => event.op === Op.TSTAMP_SENDMSG_CB),
  V31: (tape) =>
    corrupt(tape, isMidLife, (words, slot) => {
      words[slot + WORD.kind] =
        (words[slot + WORD.kind]! & 0xffff00ff) | (Op.TCP_LISTEN_CB << SHIFT.op);
      words.fill(0, slot + WORD.args, slot + WORD.args + 4);
    }),
};

describe('a corruption of generated events', () => {
  for (const [rule, corruption] of Object.entries(CORRUPTIONS)) {
    test(`is found by ${rule} alone: ${RULES[rule as RuleId]}`, () => {
      const tape = new Tape({ connections: 120, seed: 'mutation', profiles: PROFILES });
      assert.equal(validateEvents([tape.span]).violationCount, 0);
      const cookie = String(tape.event(corruption(tape)).long(WORD.cookie));
      const report = validateEvents([tape.span]);
      assert.deepEqual(Object.keys(report.countsByRule), [rule], JSON.stringify(report.violations));
      assert.deepEqual(
        new Set(report.violations.map((violation) => violation.cookie)),
        new Set([cookie]),
      );
      assert.equal(report.violations[0]?.text, RULES[rule as RuleId]);
    });
  }

  test('is named with the connection and the number of its event', () => {
    const tape = new Tape({ connections: 50, seed: 'place', profiles: { shortEcho: 1 } });
    const index = corrupt(tape, isMidLife, add('args', 1, 1));
    const event = tape.event(index);
    const [violation] = validateEvents([tape.span]).violations;
    assert.equal(violation?.eventIndex, index);
    assert.equal(violation.op, 'RTT_CB');
    assert.equal(violation.netnsCookie, String(event.long(WORD.netns)));
    assert.equal(violation.originId, 'tape');
    assert.match(violation.expected, /srtt \d+/);
  });

  test('is counted beyond what is kept in detail', () => {
    const tape = new Tape({ connections: 50, profiles: { shortEcho: 1 } });
    let corrupted = 0;
    for (let index = 0; index < tape.slots.length; index++) {
      if (isMidLife(tape.event(index))) {
        tape.change(index, add('args', 1, 1));
        corrupted++;
      }
    }
    const report = validateEvents([tape.span], { maxViolations: 3 });
    assert.equal(report.violations.length, 3);
    assert.ok(corrupted > 3);
    assert.equal(report.violationCount, corrupted);
    assert.equal(report.countsByRule.V22, corrupted);
  });
});

test('finds nothing wrong wherever the events begin, where they may begin midway', () => {
  const tape = new Tape({ connections: 150, seed: 'midway' });
  for (let start = 1; start < tape.slots.length; start += 97) {
    const span = { ...tape.span, startWord: tape.slots[start]! };
    assert.deepEqual(
      validateEvents([span], { startsMidway: true }).violations,
      [],
      `from ${start}`,
    );
  }
  const strict = validateEvents([{ ...tape.span, startWord: tape.slots[900]! }]);
  assert.ok((strict.countsByRule.V13 ?? 0) > 0);
});
