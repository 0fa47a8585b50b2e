import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Sink } from '../contracts/sink.ts';
import { checkSinkTargets } from './check-sink-targets.ts';

function sink(target: string, otherTargets: readonly string[] = []): Sink {
  const open = (): never => {
    throw new Error('it was opened');
  };
  return { name: `file(${target})`, accepts: 'both', target, otherTargets, open };
}

function check(...sinks: readonly Sink[]): void {
  checkSinkTargets([
    { name: 'events', sinks, plans: [], laterPlans: [], isPlanOnly: true, deliversBatches: true },
  ]);
}

test('a sink is refused where another one may write or remove its target, whichever comes first', () => {
  const whole = sink('/out.ndjson', ['/out.0.ndjson', '/out.1.ndjson']);
  const part = sink('/out.1.ndjson', ['/out.1.0.ndjson']);
  for (const sinks of [
    [whole, part],
    [part, whole],
  ]) {
    assert.throws(() => check(...sinks), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      message:
        'two sinks of output events write to the same place: file(/out.ndjson), whose parts may be called /out.1.ndjson',
      details: { sink: 'file(/out.ndjson)', target: '/out.1.ndjson', output: 'events' },
    });
  }
});

test('sinks whose targets are apart are let be, and one that names its own target twice', () => {
  check(sink('/a', ['/a', '/a.0']), sink('/b', ['/b.0']), sink('/a.x'));
});
