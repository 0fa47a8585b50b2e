import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';

import { type EventView, Op, filterOp, fromSource } from '@sockflow/core';
import { areNeedsRequired, requireTool } from '@sockflow/test-support';

import { everyField } from '../../decode/every-field.ts';
import { fiveFields } from '../../decode/five-fields.ts';
import { ourScan } from '../../filter/our-scan.ts';
import { ANY_CB, OP_MASK } from '../../harness/bench-filter.ts';
import { drain } from '../../harness/drain.ts';
import { memorySource } from '../../harness/memory-source.ts';
import { loadInput, type SlotInput } from '../../harness/slot-input.ts';
import { type SlotCommand, SlotPeers } from './slot-peers.ts';

const INPUT_BYTES = 2 ** 20;
const ALL_OPS = Object.values(Op);
const FILTER = [OP_MASK, ANY_CB];

/** Of every op event, as the cases of decode read them. */
async function ourFields(input: SlotInput, sumOf: (event: EventView) => number): Promise<string> {
  let count = 0;
  let checksum = 0;
  const events = fromSource(memorySource(input.spans), { views: 'reused' });
  await drain(events.pipe(filterOp(...ALL_OPS)), (batch) => {
    batch.forEach((event) => (checksum = (checksum + sumOf(event)) | 0));
    count += batch.size;
  });
  return `${count} ${checksum >>> 0}`;
}

let inputs: readonly SlotInput[] = [];
const running: SlotPeers[] = [];

before(async () => {
  inputs = await loadInput({ inputBytes: INPUT_BYTES, note: () => {} });
});
after(() => {
  for (const peers of running) peers.close();
});

/** What cannot be built here is said, and is a failure where all needs are required, but for a compiler that is too old for it. */
function tellMissing(t: TestContext, peers: SlotPeers): void {
  for (const { id, reason } of peers.leftOut('every', 'peers')) {
    t.diagnostic(`${id}: ${reason}`);
    if (areNeedsRequired()) assert.match(reason, /found, \S+ needed$/, id);
  }
}

test('each native peer finds in memory what we find: the filter, five fields, every field', async (t) => {
  if (!requireTool(t, 'gcc') || !requireTool(t, 'python3')) return;
  assert.equal(inputs.length, 2);
  for (const input of inputs) {
    const peers = await SlotPeers.load(input.path, 'all');
    running.push(peers);
    tellMissing(t, peers);
    const ours: readonly [SlotCommand, readonly number[], string][] = [
      ['scan', FILTER, await ourScan(input)],
      ['five', [], await ourFields(input, fiveFields)],
      ['every', [], await ourFields(input, everyField)],
    ];
    for (const [command, parameters, answer] of ours) {
      assert.notEqual(answer, '0 0', `${input.name} ${command}`);
      const baselines = peers.baselines(command, parameters);
      assert.ok(baselines.length >= 3, `${baselines.length} peers answer ${command}`);
      for (const { title, run } of baselines) {
        const pass = await run();
        assert.equal(pass.answer, answer, `${title}, ${command} of ${input.name}`);
        assert.ok(pass.ns > 0);
      }
    }
  }
});
