import type { Sink, SinkOutcome, SinkWriter } from '../../contracts/sink.ts';
import { PlanRunner } from '../../operators/plan/plan-runner.ts';
import { Op } from '../../schema/op.ts';
import { SLOT_WORDS } from '../../slot/layout.ts';
import { SlotMemory } from '../../slot/slot-memory.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { writeContextEvent } from '../../slot/write-context-event.ts';

/** How a sink is checked. */
export interface CheckSinkOptions {
  /** What a sink of values is given; default: events as objects. */
  readonly values?: readonly unknown[];
  /** Batches or values in each lane; default 20. */
  readonly inputs?: number;
}

const BATCH_EVENTS = 8;
const LANES = 2;

/**
 * Drives a sink twice as two lanes would, prepared and opened anew: what it writes goes where it writes.
 *
 *   SI1  prepare, open, write, flush and close settle
 *   SI2  acknowledged and failed never go back, and are together at most what was given
 *   SI3  after flush everything given is acknowledged or failed, and after close still
 *   SI4  what it is given stays as it was, and is not read after write has returned
 *   SI5  a lane that was given nothing closes as well
 *   SI6  prepared and opened again, it is closed as not complete, as by a run that has failed, and SI3 holds as well
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkSink(sink: Sink, options: CheckSinkOptions = {}): Promise<string[]> {
  const broken: string[] = [];
  try {
    await drive(sink, options, { busy: 'SI3', idle: 'SI5', isComplete: true }, broken);
    await drive(sink, options, { busy: 'SI6', idle: 'SI6', isComplete: false }, broken);
  } catch (error) {
    broken.push(`SI1: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return [...new Set(broken)];
}

/** One run: a lane that is given inputs, and one that is given none. */
async function drive(
  sink: Sink,
  options: CheckSinkOptions,
  rules: SinkOutcome & { readonly busy: string; readonly idle: string },
  broken: string[],
): Promise<void> {
  await sink.prepare?.({ lanes: LANES });
  const [busy, idle] = [
    await sink.open({ lane: 0, lanes: LANES }),
    await sink.open({ lane: 1, lanes: LANES }),
  ];
  const given = await write(sink, busy, options, broken);
  const { isComplete } = rules;
  await finish(rules.busy, busy, { given, isComplete }, broken);
  await finish(rules.idle, idle, { given: 0, isComplete }, broken);
}

async function write(
  sink: Sink,
  writer: SinkWriter,
  { values, inputs = 20 }: CheckSinkOptions,
  broken: string[],
): Promise<number> {
  const runner = new PlanRunner([], { lane: 0, lanes: 1, views: 'checked' });
  const span = sampleSpan();
  const before = span.memory.u8.slice();
  let given = 0;
  let accounted = 0;
  for (let input = 0; input < inputs; input++) {
    const batch = runner.run(span);
    const value = values?.[input % values.length] ?? batch.at(input % BATCH_EVENTS).toObject();
    const isBatch = sink.accepts === 'batches' || (sink.accepts === 'both' && input % 2 === 0);
    const settled = writer.write(isBatch ? batch : value);
    given += isBatch ? batch.size : 1;
    // From here on a view of the batch throws: whoever still reads it fails.
    runner.release();
    if (!before.every((byte, index) => span.memory.u8[index] === byte)) {
      broken.push('SI4: write changed the memory of its batch');
      span.memory.u8.set(before);
    }
    await settled;
    const now = writer.acknowledged + writer.failed;
    if (now < accounted)
      broken.push(`SI2: acknowledged and failed went from ${accounted} to ${now}`);
    if (now > given) broken.push(`SI2: ${now} accounted for, but only ${given} given`);
    accounted = now;
  }
  return given;
}

async function finish(
  rule: string,
  writer: SinkWriter,
  { given, isComplete }: SinkOutcome & { readonly given: number },
  broken: string[],
): Promise<void> {
  for (const step of ['flush', 'close'] as const) {
    await (step === 'flush' ? writer.flush() : writer.close({ isComplete }));
    const { acknowledged, failed } = writer;
    if (acknowledged + failed === given) continue;
    broken.push(
      `${rule}: after ${step} acknowledged ${acknowledged} + failed ${failed}, but ${given} given`,
    );
  }
}

function sampleSpan(): SlotSpan {
  const memory = SlotMemory.allocate(BATCH_EVENTS * SLOT_WORDS * 4);
  for (let slot = 0; slot < BATCH_EVENTS; slot++) {
    writeContextEvent(memory, slot * SLOT_WORDS, {
      op: slot % 2 === 0 ? Op.STATE_CB : Op.RTT_CB,
      family: 2,
      cookie: BigInt(slot + 1),
      netns_cookie: 1n,
      ts_boot_ns: BigInt(slot) * 1000n,
      local_port: 80,
      remote_port: 443 * 65536,
      is_fullsock: 1,
      state: 1,
      args: [1, 4, 0, 0],
      has_skb: 0,
    });
  }
  return {
    memory,
    startWord: 0,
    endWord: BATCH_EVENTS * SLOT_WORDS,
    origin: { id: 'conformance' },
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: false,
    endTimeUs: BATCH_EVENTS,
  };
}
