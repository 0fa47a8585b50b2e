import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SOURCE_COUNTERS, type SourceCounts, type SourceLedger } from '../contracts/ledger.ts';
import type { LaneCounts, LedgerSnapshot } from './ledger.ts';
import { findBrokenInSource, sourceDecrease } from './source-identities.ts';

const LANE: LaneCounts = {
  recorded: 0,
  read: 60,
  skipped: 5,
  bad: 3,
  otherLanes: 0,
  markers: 2,
  bytesRead: 0,
  outputs: [],
};
const FIRST: SourceCounts = {
  lane: 0,
  class: 'first',
  seen: 100,
  made: 1,
  submitted: 40,
  notAskedFor: 20,
  filtered: 10,
  folded: 15,
  shed: 9,
  lost: 7,
};
const LAST: SourceCounts = {
  lane: 0,
  class: 'last',
  seen: 29,
  made: 2,
  submitted: 30,
  notAskedFor: 0,
  filtered: 0,
  folded: 0,
  shed: 0,
  lost: 1,
};
const SOURCE: SourceLedger = {
  counts: [FIRST, LAST, { ...FIRST, lane: 1, submitted: 70, seen: 130 }],
  madeByKind: { RTT_SUMMARY: 2, LOSS_MARKER: 2 },
  notes: {},
  isSettled: true,
};
const BOTH = [true, true];

function snapshot(
  source: Partial<SourceLedger> = {},
  lane: Partial<LaneCounts> = {},
): LedgerSnapshot {
  return {
    total: LANE,
    lanes: [{ ...LANE, ...lane }, LANE],
    source: { ...SOURCE, ...source },
  };
}

function withFirst(change: Partial<SourceCounts>): LedgerSnapshot {
  return snapshot({ counts: [{ ...FIRST, ...change }, ...SOURCE.counts.slice(1)] });
}

test('books that add up have nothing broken, nor has a source that keeps none', () => {
  assert.equal(findBrokenInSource(snapshot(), BOTH, true), undefined);
  assert.equal(findBrokenInSource({ ...snapshot(), source: undefined }, BOTH, true), undefined);
});

for (const counter of SOURCE_COUNTERS) {
  test(`one more or one less of "${counter}" breaks K1, in its lane`, () => {
    for (const by of [1, -1]) {
      const broken = findBrokenInSource(withFirst({ [counter]: FIRST[counter] + by }), [], true);
      assert.deepEqual([broken?.id, broken?.lane], ['K1', 0]);
      assert.match(broken?.text ?? '', new RegExp(`${counter} ${FIRST[counter] + by}\\b`));
    }
  });
}

for (const counter of ['read', 'markers', 'bad', 'skipped'] as const) {
  test(`one more or one less of a lane's "${counter}" breaks K2, where the lane has read to the end`, () => {
    for (const by of [1, -1]) {
      const ledger = snapshot({}, { [counter]: LANE[counter] + by });
      assert.equal(findBrokenInSource(ledger, [false, true], true), undefined);
      const broken = findBrokenInSource(ledger, BOTH, true);
      assert.deepEqual([broken?.id, broken?.lane], ['K2', 0]);
      assert.match(
        broken?.text ?? '',
        /^submitted 70 ≠ read \d+ \+ markers \d+ \+ bad \d+ \+ skipped \d+$/,
      );
    }
  });
}

test('slots that were made are all of a kind', () => {
  const broken = findBrokenInSource(snapshot({ madeByKind: { LOSS_MARKER: 3 } }), BOTH, true);
  assert.deepEqual([broken?.id, broken?.text], ['K1', 'made 4 ≠ 3 by kind']);
});

test('before it is settled nothing is said; once the source is closed it must be', () => {
  const ledger = snapshot({ isSettled: false, madeByKind: {} });
  assert.equal(findBrokenInSource(ledger, BOTH, false), undefined);
  assert.equal(findBrokenInSource(ledger, BOTH, true)?.id, 'K1');
});

test('counts of a lane that there is not are a fault, and a lane without counts was given nothing', () => {
  const counts = [...SOURCE.counts, { ...FIRST, lane: 2, made: 0, seen: 101 }];
  assert.match(findBrokenInSource(snapshot({ counts }), BOTH, true)?.text ?? '', /2 lanes/);
  const none = snapshot({ counts: [FIRST, { ...LAST, made: 3, seen: 28 }] });
  const broken = findBrokenInSource(none, BOTH, true);
  assert.deepEqual([broken?.id, broken?.lane], ['K2', 1]);
});

test('the count that went back is named with its lane and class', () => {
  assert.equal(sourceDecrease(undefined, SOURCE), undefined);
  assert.equal(sourceDecrease(SOURCE, SOURCE), undefined);
  assert.equal(sourceDecrease(SOURCE, undefined), undefined);
  const after = { ...SOURCE, counts: [FIRST, { ...LAST, lost: 0 }] };
  assert.equal(sourceDecrease(SOURCE, after), 'source, lane 0, class last: lost went from 1 to 0');
});

test('a source that counts nothing before its lanes has notes only: no identity looks at it', () => {
  const notes = { counts: [], madeByKind: {}, notes: { lag: 7 }, isSettled: false };
  assert.equal(findBrokenInSource(snapshot(notes), BOTH, true), undefined);
});
