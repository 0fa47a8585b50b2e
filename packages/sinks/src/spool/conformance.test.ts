import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Sink, SinkContext } from '@sockflow/core';
import { checkSink, type ReadBackContext } from '@sockflow/core/conformance';
import { useTempDir } from '@sockflow/test-support';

import { Destination } from './spool-kit.test.support.ts';
import { spool } from './spool.ts';

/** A destination for each lane. */
class Lanes implements Sink {
  readonly name = 'lanes';
  readonly accepts: Sink['accepts'];
  #lanes = new Map<number, Destination>();

  constructor(accepts: Sink['accepts']) {
    this.accepts = accepts;
  }

  prepare(): void {
    this.#lanes = new Map();
  }

  open(context: SinkContext): ReturnType<Destination['open']> {
    const destination = this.#lanes.get(context.lane) ?? new Destination();
    this.#lanes.set(context.lane, destination);
    return destination.open(context);
  }

  readBack(lane: number): string[] {
    const delivered = this.#lanes.get(lane)?.delivered ?? [];
    return delivered.filter((item) => item.startsWith('e')).map((item) => item.slice(1));
  }
}

/** The kit hears no warnings. */
function quiet(sink: Sink): Sink {
  const warn = (): void => {};
  return {
    ...sink,
    name: sink.name,
    accepts: sink.accepts,
    prepare: (context) => sink.prepare?.({ ...context, warn }),
    open: (context) => sink.open({ ...context, warn }),
  };
}

test('it keeps the contract of a sink while everything goes through', async (t) => {
  const lanes = new Lanes('batches');
  const sink = spool(lanes, { directory: join(useTempDir(t), 'spool') });
  const readBack = async ({ lane }: ReadBackContext): Promise<string[]> => lanes.readBack(lane);
  assert.deepEqual(await checkSink(quiet(sink), { readBack, maxHeldBytes: 40 * 1024 * 1024 }), []);
});

for (const accepts of ['batches', 'values'] as const)
  test(`it keeps the contract while all its ${accepts} go to disk`, async (t) => {
    const gone: Sink = {
      name: 'gone',
      accepts,
      open: () => {
        throw new Error('nobody is there');
      },
    };
    const directory = join(useTempDir(t), 'spool');
    const sink = spool(gone, { directory, closeAfterMs: 20, lagAfterMs: 0, keepBytes: 1 << 20 });
    // Each round finds what the ones before left, and counts none of it as its own.
    assert.deepEqual(await checkSink(quiet(sink)), []);
  });
