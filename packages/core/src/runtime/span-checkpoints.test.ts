import assert from 'node:assert/strict';
import { test } from 'node:test';

import { array, assert as check, boolean, nat, property, record } from 'fast-check';

import { PressureGate } from '../operators/pressure-gate.ts';
import { SpanCheckpoints } from './span-checkpoints.ts';

interface Sink {
  given: number;
  acknowledged: number;
  failed: number;
}

const newSink = (): Sink => ({ given: 0, acknowledged: 0, failed: 0 });

test('A1: a span is done with once every sink has acknowledged what it was given by then', () => {
  const [fast, slow] = [newSink(), newSink()];
  const checkpoints = new SpanCheckpoints([fast, slow], () => []);
  fast.given = 3;
  slow.given = 5;
  checkpoints.delivered(1);
  assert.equal(checkpoints.look(), 0);
  fast.given = 4;
  checkpoints.delivered(2);
  checkpoints.look();
  fast.acknowledged = 4;
  slow.acknowledged = 4;
  assert.equal(checkpoints.look(), 0);
  slow.acknowledged = 5;
  assert.equal(checkpoints.look(), 2);
});

test('spans that give the sinks nothing, or that no sink is for, are done with when they are delivered', () => {
  const checkpoints = new SpanCheckpoints([newSink()], () => []);
  checkpoints.delivered(7);
  assert.equal(checkpoints.look(), 7);
  const without = new SpanCheckpoints([], () => []);
  without.delivered(2);
  assert.equal(without.look(), 2);
});

test('A1 and A3: steady asynchronous work commits what was taken before', () => {
  const sink = newSink();
  const gate = new PressureGate();
  const checkpoints = new SpanCheckpoints([sink], () => [gate]);
  gate.take();
  checkpoints.delivered(1);
  assert.equal(checkpoints.look(), 0);
  // The next input is there before the first is through: it is never idle.
  for (let span = 2; span < 50; span++) {
    gate.take();
    checkpoints.delivered(span);
    sink.given++;
    gate.leave(1);
    sink.acknowledged++;
    const done = checkpoints.look();
    assert.ok(done === span - 1 || done === span - 2, `${done} of ${span}`);
  }
});

test('A1: what one mapAsync has given the next one is waited for there', () => {
  const sink = newSink();
  const [first, second] = [new PressureGate(), new PressureGate()];
  const checkpoints = new SpanCheckpoints([sink], () => [second, first]);
  first.take();
  checkpoints.delivered(1);
  checkpoints.look();
  second.take();
  first.leave(0);
  assert.equal(checkpoints.look(), 0);
  second.leave(0);
  assert.equal(checkpoints.look(), 1);
});

test('A1: work goes on where its subscription to the source has ended', () => {
  const gate = new PressureGate();
  let gates = [gate];
  const checkpoints = new SpanCheckpoints([], () => gates);
  gate.take();
  checkpoints.look();
  gates = [];
  checkpoints.delivered(1);
  assert.equal(checkpoints.look(), 0);
  gate.leave(0);
  assert.equal(checkpoints.look(), 1);
});

test('A4: nothing is done with past a sink that has failed, and nothing that was delivered when the lane had', () => {
  const sink = newSink();
  const checkpoints = new SpanCheckpoints([sink], () => []);
  sink.given = 1;
  checkpoints.delivered(1);
  checkpoints.look();
  checkpoints.freeze();
  sink.given = 2;
  checkpoints.delivered(2);
  sink.acknowledged = 2;
  assert.equal(checkpoints.look(), 1);

  const losing = newSink();
  const stopped = new SpanCheckpoints([losing], () => []);
  losing.given = 2;
  stopped.delivered(1);
  stopped.look();
  losing.failed = 1;
  losing.acknowledged = 2;
  assert.equal(stopped.look(), 0);
});

test('A5: a sink that lags far behind makes commits coarser, and they go on', () => {
  const sink = newSink();
  const checkpoints = new SpanCheckpoints([sink], () => []);
  const lag = 5000;
  let done = 0;
  for (let span = 1; span <= 50_000; span++) {
    sink.given = span;
    checkpoints.delivered(span);
    sink.acknowledged = Math.max(0, span - lag);
    const next = checkpoints.look();
    assert.ok(next >= done && next <= sink.acknowledged);
    done = next;
    assert.ok(span - done <= 2 * lag + 1, `${span - done} behind`);
  }
});

test('A1 and A2 for any order of deliveries, work, acknowledgements and looks', () => {
  const step = record({
    spans: nat(2),
    taken: nat(3),
    direct: nat(3),
    through: nat(4),
    acknowledged: nat(6),
    looks: boolean(),
  });
  check(
    property(array(step, { maxLength: 400 }), (steps) => {
      const sink = newSink();
      const gate = new PressureGate();
      const checkpoints = new SpanCheckpoints([sink], () => [gate]);
      /** Of each event given to the sink or pending in the gate: its span. */
      const given: number[] = [];
      const pending: number[] = [];
      let span = 0;
      let done = 0;
      for (const { spans, taken, direct, through, acknowledged, looks } of steps) {
        for (let count = 0; count < spans; count++) {
          span++;
          for (let own = 0; own < direct; own++) given.push(span);
          for (let own = 0; own < taken; own++) {
            pending.push(span);
            gate.take();
          }
          sink.given = given.length;
          checkpoints.delivered(span);
          if (looks) checkpoints.look();
        }
        given.push(...pending.splice(0, through));
        sink.given = given.length;
        gate.leave(pending.length);
        sink.acknowledged = Math.min(sink.given, sink.acknowledged + acknowledged);
        const next = checkpoints.look();
        assert.ok(next >= done && next <= span);
        done = next;
        const open = [...given.slice(sink.acknowledged), ...pending];
        assert.ok(open.every((own) => own > done));
      }
      given.push(...pending.splice(0));
      gate.leave(0);
      sink.given = given.length;
      checkpoints.look();
      sink.acknowledged = sink.given;
      checkpoints.look();
      assert.equal(checkpoints.look(), span);
    }),
  );
});
