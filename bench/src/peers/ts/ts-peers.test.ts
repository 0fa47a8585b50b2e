import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filterFlags, filterOp, fromSource } from '@sockflow/core';

import { ANY_CB, OPS } from '../../harness/bench-filter.ts';
import { drain } from '../../harness/drain.ts';
import { memorySource } from '../../harness/memory-source.ts';
import { partOfSlots } from '../../harness/part-of-slots.ts';
import { loadInput, type SlotInput } from '../../harness/slot-input.ts';
import { encodeWith } from './encode-with.ts';
import { type FormatPeer, formatPeers } from './format-peers.ts';
import { TcpEventSchema } from './generated/tcp-event_pb.ts';
import { OUR_WAYS } from './ours.ts';
import { PEER_FIELDS, type PeerEvent } from './peer-fields.ts';
import { readPeerInput } from './peer-input.ts';
import { PeerProcess } from './peer-process.ts';
import { type PeerInput, TASKS, type Task } from './peer.ts';
import { answerOf } from './repeated.ts';
import { dataViewLoops } from './slots/data-view.ts';
import { typedArrayLoops } from './slots/typed-array.ts';

const INPUT_BYTES = 2 ** 20;

const inputs = await loadInput({ inputBytes: INPUT_BYTES, note: () => {} });
const peerInputs = await Promise.all(inputs.map(({ path, bytes }) => readPeerInput(path, bytes)));

/** What all our ways find. */
async function ours(task: Task, { spans }: SlotInput): Promise<string> {
  const ways = OUR_WAYS.filter((way) => way.task === task);
  const answers = await Promise.all(ways.map(async ({ run }) => answerOf(await run(spans))));
  assert.equal(new Set(answers).size, 1, answers.join(', '));
  return answers[0]!;
}

async function theirs(peer: FormatPeer, task: Task, input: PeerInput): Promise<string> {
  const run = (await encodeWith(peer.name, input))[task];
  assert.ok(run !== undefined);
  return answerOf(await run());
}

for (const [index, input] of inputs.entries()) {
  const peerInput = peerInputs[index]!;

  for (const task of TASKS) {
    test(`loops by hand give our answer: ${task}, ${input.name}`, async () => {
      const expected = await ours(task, input);
      assert.notEqual(expected, '0 0');
      assert.equal(answerOf(typedArrayLoops[task](input.spans)), expected);
      assert.equal(answerOf(dataViewLoops[task](input.spans)), expected);
    });
  }

  for (const peer of formatPeers()) {
    test(`${peer.name} gives our answer each time: ${input.name}`, async () => {
      const encoded = await encodeWith(peer.name, peerInput);
      const tasks = TASKS.filter((task) => encoded[task] !== undefined);
      assert.ok(tasks.includes('five-fields') && tasks.includes('filter'));
      for (const task of [...tasks, ...tasks])
        assert.equal(answerOf(await encoded[task]!()), await ours(task, input), task);
    });
  }
}

/* All that the filter goes by. */
function keyOf({ op, cbFlags }: Pick<PeerEvent, 'op' | 'cbFlags'>): string {
  return `op ${op}, flags ${cbFlags ?? 'none'}`;
}

function countByKey(counts: Map<string, number>, event: Parameters<typeof keyOf>[0]): void {
  counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1);
}

/** How many of each key our filter lets through. */
async function ourSurvivors({ spans }: SlotInput): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const survivors = fromSource(memorySource(spans), { views: 'reused' }).pipe(
    filterOp(...OPS),
    filterFlags({ cb: { any: ANY_CB } }),
  );
  await drain(survivors, (batch) => batch.forEach((event) => countByKey(counts, event)));
  return counts;
}

/* A pass of the filter answers a count alone: that they are the same events is seen here, by one event of each key. */
for (const peer of formatPeers().filter(({ kind }) => kind === 'peer')) {
  test(`${peer.name} lets the events through that our filter does, not as many others`, async () => {
    for (const [index, input] of inputs.entries()) {
      const { events, ...rest } = peerInputs[index]!;
      const all = new Map<string, number>();
      for (const event of events) countByKey(all, event);
      const survivors = new Map<string, number>();
      for (const [key, count] of all) {
        const event = events.find((one) => keyOf(one) === key)!;
        if ((await theirs(peer, 'filter', { ...rest, events: [event] })) === '1 0')
          survivors.set(key, count);
      }
      assert.ok(all.size > survivors.size && survivors.size > 0);
      assert.deepEqual(survivors, await ourSurvivors(input));
    }
  });
}

/** The same events, but for one value of the last that has it. */
function changed(input: PeerInput): PeerInput {
  const events: PeerEvent[] = [...input.events];
  const last = events.findLastIndex(({ sndCwnd }) => sndCwnd !== undefined);
  events[last] = { ...events[last]!, sndCwnd: events[last]!.sndCwnd! + 1 };
  return { ...input, events };
}

for (const peer of formatPeers().filter(({ kind }) => kind === 'peer')) {
  test(`${peer.name} reads what it was given: one value changed is another answer`, async () => {
    const other = changed(peerInputs[0]!);
    for (const task of ['five-fields', 'every-field'] as const)
      assert.notEqual(await theirs(peer, task, other), await ours(task, inputs[0]!), task);
  });
}

test('the message has the fields that every peer is given, and no other', () => {
  assert.deepEqual(
    TcpEventSchema.fields.map(({ localName }) => localName).toSorted(),
    Object.keys(PEER_FIELDS).toSorted(),
  );
});

test('a peer in a process of its own gives our answer', async () => {
  const input = partOfSlots(inputs[0]!, INPUT_BYTES / 2);
  const [peer] = formatPeers();
  const started = await PeerProcess.start(peer!, input.path, input.bytes);
  assert.ok(typeof started !== 'string');
  for (const task of started.tasks) {
    const { ns, answer } = await started.pass(task, 1);
    assert.equal(answer, await ours(task, input));
    assert.ok(ns > 0);
  }
  started.close();
});

test('says why a peer cannot run', async () => {
  const [peer] = formatPeers();
  const missing = { ...peer!, name: 'not-installed' };
  const outcome = await PeerProcess.start(missing, inputs[0]!.path, inputs[0]!.bytes);
  assert.ok(typeof outcome === 'string');
  assert.match(outcome, /not-installed/);
});
