import { compareSides, timed } from '@sockflow/benchmark';
import { type Batch, type EventObject, filterTime } from '@sockflow/core';
import { ByteOutput, msgpack } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import { Packr, unpackMultiple } from 'msgpackr';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { drain } from '../harness/drain.ts';
import {
  fixtureRecording,
  generatedRecording,
  type RecordingInput,
} from '../harness/recording-input.ts';

/* Few enough that their objects lie in memory, as many passes over them as take a while. */
const EVENTS = 20_000;
const PASSES = 10;
const packr = new Packr({ useRecords: false, variableMapSize: true });

interface Held {
  readonly batches: readonly Batch[];
  readonly objects: readonly EventObject[];
}

/**
 * Events in memory to maps of msgpack in memory: slots by our encoder, against msgpackr's `pack` of their plain objects, which are made beforehand, event by event. What
 * both wrote must be read as the same.
 */
export const msgpackCase: BenchCase = {
  suite: 'sinks',
  name: 'msgpack',
  says: 'events in memory to maps of msgpack, against msgpackr of their objects',
  async run(bench) {
    for (const input of [await generatedRecording(bench), fixtureRecording()])
      await compare(input, bench);
  },
};

async function compare(input: RecordingInput, bench: BenchRun): Promise<void> {
  const held = await hold(input.path);
  const sizes = checkSame(held);
  const encoder = msgpack().createEncoder();
  let outBytes = 0;
  const out: ByteOutput = new ByteOutput((chunk) => {
    outBytes += chunk.length;
    out.release(chunk);
  });
  const events = held.objects.length * PASSES;
  const { results } = await compareSides({
    id: `sinks/${input.name}/msgpack`,
    reads: 'every field of every event; of objects that are there already for the other side',
    units: events,
    unit: 'events/s',
    rounds: bench.rounds,
    ours: () =>
      timed(() => {
        outBytes = 0;
        for (let pass = 0; pass < PASSES; pass++)
          for (const batch of held.batches) encoder.encodeBatch(batch, out);
        out.seal();
        return written(outBytes, sizes.oursBytes);
      }),
    baselines: [
      {
        name: 'msgpackr',
        title: 'msgpackr: pack of plain objects',
        kind: 'peer',
        budget: input.isLarge ? 3 : undefined,
        run: () =>
          timed(() => {
            let packedBytes = 0;
            for (let pass = 0; pass < PASSES; pass++)
              for (const object of held.objects) packedBytes += packr.pack(object).length;
            return written(packedBytes, sizes.theirsBytes);
          }),
      },
    ],
  });
  for (const result of results) bench.result(result);
}

async function hold(path: string): Promise<Held> {
  const batches: Batch[] = [];
  const objects: EventObject[] = [];
  await drain(fromReplay(path).pipe(filterTime({ endNs: endOf(path) })), (batch) => {
    const kept = batch.retain();
    batches.push(kept);
    objects.push(...kept.toObjects());
  });
  return { batches, objects };
}

/** Boot time of the end of the first block by which EVENTS events have passed. */
function endOf(path: string): bigint {
  let events = 0;
  let endNs = 0n;
  for (const { blocks } of openRecording(path).parts) {
    for (let row = 0; row < blocks.count && events < EVENTS; row++) {
      events += blocks.events(row);
      endNs = blocks.lastTimeNs(row) + 1n;
    }
  }
  return endNs;
}

/** Integers of 64 bits are bigints in ours whatever their value: as text both are the same. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' || typeof part === 'number' ? String(part) : part,
  );
}

/** The two write integers of other widths: what a side says is how often it wrote all that is held, by the bytes of once. */
function written(bytes: number, bytesOfOnce: number): string {
  return `${bytes / bytesOfOnce} times all events`;
}

/** Bytes of all that is held, as each side writes it. */
interface Sizes {
  readonly oursBytes: number;
  readonly theirsBytes: number;
}

/** @throws Error where what one side writes is read as another event than what the other does */
function checkSame({ batches, objects }: Held): Sizes {
  const encoder = msgpack().createEncoder();
  const pieces: Buffer[] = [];
  const out = new ByteOutput(({ bytes, length }) =>
    pieces.push(Buffer.from(bytes.subarray(0, length))),
  );
  for (const batch of batches) encoder.encodeBatch(batch, out);
  out.seal();
  // Markers, which are no events, have no state.
  const bytes = Buffer.concat(pieces);
  const all = unpackMultiple(bytes) as { readonly state?: unknown }[];
  const ours = all.filter(({ state }) => state !== undefined);
  if (ours.length !== objects.length)
    throw new Error(`msgpack: ${ours.length} of ${objects.length}`);
  let theirsBytes = 0;
  for (const [index, object] of objects.entries()) {
    const packed = packr.pack(object);
    theirsBytes += packed.length;
    const theirs: unknown = packr.unpack(packed);
    if (asText(ours[index]) !== asText(theirs)) throw new Error(`msgpack: event ${index} differs`);
  }
  return { oursBytes: bytes.length, theirsBytes };
}
