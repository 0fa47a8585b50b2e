import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { filterTime } from '@sockflow/core';
import { file, writeTo } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { drain } from '../harness/drain.ts';
import { hashOf } from '../harness/hash-of.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import {
  fixtureRecording,
  generatedRecording,
  type RecordingInput,
} from '../harness/recording-input.ts';

/* The naive way makes some 100,000 events a second: a part of the input is enough to time both. */
const EVENTS = 200_000;
const SMOKE_EVENTS = 20_000;
const MOST_ROUNDS = 5;
/* Three files of at most 2 kB an event. */
const NDJSON_BYTES = EVENTS * 2000 * 3;

function withText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** NDJSON of all fields, against JSON.stringify of every event's object. Both files must be the same, byte for byte. */
export const ndjsonCase: BenchCase = {
  suite: 'sinks',
  name: 'ndjson',
  says: 'NDJSON of all fields, against JSON.stringify of objects',
  async run(bench) {
    for (const input of [await generatedRecording(bench), fixtureRecording()])
      await withOutputFolder(NDJSON_BYTES, (folder) => compare(input, folder, bench));
  },
};

async function compare(input: RecordingInput, folder: string, bench: BenchRun): Promise<void> {
  const endNs = endOf(input.path, bench.isSmoke ? SMOKE_EVENTS : EVENTS);
  const [ours, theirs] = [join(folder, 'ours.ndjson'), join(folder, 'naive.ndjson')];
  const { results } = await compareSides({
    id: `sinks/${input.name}/ndjson`,
    reads: 'blocks, CRC; every field of every event',
    units: await count(input.path, endNs),
    unit: 'events/s',
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    ours: async () => hashed(await writeOurs(input.path, ours, endNs), ours),
    baselines: [
      {
        name: 'stringify',
        title: 'JSON.stringify of objects + write',
        kind: 'naive',
        budget: input.isLarge ? 3 : undefined,
        run: async () => hashed(await writeNaive(input.path, theirs, endNs), theirs),
      },
    ],
  });
  for (const result of results) bench.result(result);
}

/** Boot time of the end of the first block by which so many events have passed. */
function endOf(path: string, wanted: number): bigint {
  let events = 0;
  let endNs = 0n;
  for (const { blocks } of openRecording(path).parts) {
    for (let row = 0; row < blocks.count && events < wanted; row++) {
      events += blocks.events(row);
      endNs = blocks.lastTimeNs(row) + 1n;
    }
  }
  return endNs;
}

async function count(path: string, endNs: bigint): Promise<number> {
  let events = 0;
  await drain(fromReplay(path).pipe(filterTime({ endNs })), (batch) => {
    events += batch.size;
  });
  return events;
}

function writeOurs(from: string, to: string, endNs: bigint): Promise<Pass> {
  return timedAsync(async () => {
    const { given } = await writeTo(
      fromReplay(from, { views: 'reused' }).pipe(filterTime({ endNs })),
      file(to),
    );
    return String(given);
  });
}

function writeNaive(from: string, to: string, endNs: bigint): Promise<Pass> {
  return timedAsync(async () => {
    const fd = openSync(to, 'w');
    let written = 0;
    await drain(fromReplay(from, { views: 'reused' }).pipe(filterTime({ endNs })), (batch) => {
      let text = '';
      for (const event of batch) text += `${JSON.stringify(event.toObject(), withText)}\n`;
      writeSync(fd, text);
      written += batch.size;
    });
    closeSync(fd);
    return String(written);
  });
}

async function hashed(pass: Pass, path: string): Promise<Pass> {
  return { ns: pass.ns, answer: `${pass.answer} ${await hashOf(path)}` };
}
