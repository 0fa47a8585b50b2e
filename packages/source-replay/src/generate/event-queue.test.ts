import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { EventQueue } from './event-queue.ts';

type Step = { readonly do: 'push' | 'delay' | 'pop'; readonly ns: number };

const STEPS = fc.array(
  fc.record({
    do: fc.constantFrom<Step['do']>('push', 'push', 'delay', 'pop'),
    ns: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 200 },
);

test('always has the earliest entry first', () => {
  const property = fc.property(STEPS, (steps: readonly Step[]) => {
    const queue = new EventQueue<{ ns: number }>();
    const model: { ns: number }[] = [];
    for (const step of steps) {
      if (step.do === 'push' || model.length === 0) {
        const item = { ns: step.ns };
        model.push(item);
        queue.push(item.ns, item);
      } else {
        const { top } = queue;
        assert.equal(top.ns, queue.topTimeNs);
        if (step.do === 'pop') {
          model.splice(model.indexOf(top), 1);
          queue.pop();
        } else {
          top.ns += step.ns;
          queue.delayTop(top.ns);
        }
      }
      const earliestNs = Math.min(...model.map(({ ns }) => ns));
      assert.equal(queue.topTimeNs, earliestNs);
      assert.equal(queue.size, model.length);
    }
  });
  fc.assert(property);
});

test('grows beyond its first capacity', () => {
  const queue = new EventQueue<number>();
  for (let ns = 5000; ns > 0; ns--) {
    queue.push(ns, ns);
  }
  for (let ns = 1; ns <= 5000; ns++) {
    assert.equal(queue.top, ns);
    queue.pop();
  }
  assert.equal(queue.topTimeNs, Infinity);
});
