import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { Family, Op, SlotMemory, SlotView } from '@sockflow/core';
import * as fc from 'fast-check';

import { EventValidator, validateEvents } from '../validate/index.ts';
import { settingsOf } from './generate-options.ts';
import { generatedHosts } from './generated-origin.ts';
import {
  type GeneratedSlots,
  type GenerateOptions,
  generateSlots,
  PROFILE_NAMES,
} from './index.ts';
import { Simulation } from './simulation.ts';

function hashOf(options: GenerateOptions): string {
  const hash = createHash('sha256');
  for (const span of generateSlots(options).spans) {
    hash.update(span.memory.u8.subarray(span.startWord * 4, span.endWord * 4));
  }
  return hash.digest('hex');
}

function forEachEvent(generated: GeneratedSlots, step: (event: SlotView) => void): void {
  for (const span of generated.spans) {
    const { u32, big } = span.memory;
    for (let word = span.startWord; word < span.endWord;) {
      step(new SlotView(u32, big, word, span.origin));
      word += ((u32[word]! & 0x3fffffff) + 8) / 4;
    }
  }
}

test('gives the same bytes for the same seed, and others for another', () => {
  const first = hashOf({ connections: 500, seed: 'a' });
  assert.equal(hashOf({ connections: 500, seed: 'a' }), first);
  assert.notEqual(hashOf({ connections: 500, seed: 'b' }), first);
});

test('gives the same bytes whatever memory they are written to', () => {
  const wide = generateSlots({ connections: 300, seed: 3 });
  const narrow = generateSlots({ connections: 300, seed: 3, spanBytes: 65536 });
  const bytesOf = ({ spans }: GeneratedSlots): Buffer =>
    Buffer.concat(
      spans.map((span) => span.memory.u8.subarray(span.startWord * 4, span.endWord * 4)),
    );
  assert.ok(narrow.spans.length > wide.spans.length);
  assert.ok(bytesOf(wide).equals(bytesOf(narrow)));
});

test('generates exactly as many connections as asked for', () => {
  for (const connections of [1, 2, 3, 10, 101]) {
    const { spans, summary } = generateSlots({ connections, seed: connections });
    const report = validateEvents(spans);
    assert.equal(summary.connections, connections);
    assert.equal(report.sockets, connections + summary.listeners);
  }
});

test('generates as many bytes as asked for, to within one connection', () => {
  const { summary } = generateSlots({ sizeBytes: 2_000_000 });
  assert.ok(summary.bytes >= 2_000_000, `${summary.bytes} bytes`);
  assert.ok(summary.bytes < 2_400_000, `${summary.bytes} bytes`);
});

test('passes the validator with 50,000 connections', () => {
  const [host] = generatedHosts('7', 1);
  assert.ok(host !== undefined);
  const simulation = new Simulation(settingsOf({ connections: 50_000, seed: 7 }), host);
  const validator = new EventValidator();
  const memory = SlotMemory.allocate(1 << 20);
  const span = {
    memory,
    startWord: 0,
    origin: host.origin,
    mayBeBusy: false,
    mayHoldOtherLanes: true,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
  for (let endWord = -1; endWord !== 0;) {
    endWord = simulation.fill(memory, 0, memory.u32.length);
    validator.check({ ...span, endWord });
  }
  const report = validator.report();
  const { events, listeners, connectionsByProfile } = simulation.summary();
  assert.deepEqual(report.violations, []);
  assert.equal(report.events, events);
  assert.equal(report.sockets, 50_000 + listeners);
  // Half-open connections never end, nor does the far end of one that gave up; request sockets without a child are forgotten in time.
  assert.ok(report.openSockets <= connectionsByProfile.halfOpen + connectionsByProfile.timeout);
});

test('passes the validator with any seed and any mix of kinds, and any memory', () => {
  const weights = fc.dictionary(fc.constantFrom(...PROFILE_NAMES), fc.integer({ min: 1, max: 9 }), {
    minKeys: 1,
  });
  const sizes = fc.record({
    connections: fc.integer({ min: 1, max: 60 }),
    arrivalsPerSec: fc.constantFrom(1, 50, 4000, 1_000_000),
    spanBytes: fc.constantFrom(65536, 1 << 20),
  });
  const property = fc.property(fc.string(), weights, sizes, (seed, profiles, size) => {
    const { spans, summary } = generateSlots({ seed, profiles, ...size });
    const report = validateEvents(spans);
    assert.deepEqual(report.violations, []);
    assert.equal(report.sockets, size.connections + summary.listeners);
  });
  fc.assert(property, { numRuns: 60 });
});

test('gives every event in order of time', () => {
  let lastNs = 0n;
  forEachEvent(generateSlots({ connections: 2000 }), (event) => {
    assert.ok(event.tsNs >= lastNs);
    lastNs = event.tsNs;
  });
});

test('has every kind of connection and every op that the kernel calls', () => {
  const { summary } = generateSlots({ connections: 20_000 });
  for (const profile of PROFILE_NAMES) {
    assert.ok(summary.connectionsByProfile[profile] > 0, profile);
  }
  for (const [name, op] of Object.entries(Op)) {
    assert.equal((summary.eventsByOp[name] ?? 0) > 0, op !== Op.VOID, name);
  }
});

test('has IPv4, IPv6 and v4-mapped sockets, clients and servers, many alive at once', () => {
  const generated = generateSlots({ connections: 5000 });
  let ip4 = 0;
  let ip6 = 0;
  let mapped = 0;
  const owners = new Set<string>();
  const cookies = new Set<bigint>();
  const cpus = new Set<number>();
  forEachEvent(generated, (event) => {
    const isMapped =
      event.family === Family.AF_INET6 && event.remoteAddress?.includes('.') === true;
    ip4 += event.family === Family.AF_INET ? 1 : 0;
    ip6 += event.family === Family.AF_INET6 && !isMapped ? 1 : 0;
    mapped += isMapped ? 1 : 0;
    owners.add(`${event.ownerComm} ${event.role}`);
    cookies.add(event.cookie);
    cpus.add(event.cpu ?? 0);
  });
  const all = ip4 + ip6 + mapped;
  assert.ok(ip4 > all * 0.3 && ip6 > all * 0.1 && mapped > all * 0.05, `${ip4} ${ip6} ${mapped}`);
  assert.ok(owners.size > 10);
  assert.equal(cookies.size, 5000 + generated.summary.listeners);
  assert.ok(cpus.size > 1);
  assert.ok(generated.summary.peakAlive > 500, `${generated.summary.peakAlive} alive at once`);
});

test('generates only the kinds that are asked for', () => {
  const { summary } = generateSlots({ connections: 50, profiles: { refused: 1 } });
  assert.equal(summary.connectionsByProfile.refused, 50);
  assert.equal(summary.eventsByOp['STATE_CB'], 50 + summary.listeners);
});

test('refuses contradictory and senseless options', () => {
  const refused: readonly [GenerateOptions, string][] = [
    [{}, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 1, sizeBytes: 1 }, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 0 }, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 1.5 }, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 1, arrivalsPerSec: 0 }, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 1, profiles: {} }, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [{ connections: 1, profiles: { bluk: 1 } as object }, 'ERR_SOCKFLOW_UNKNOWN_NAME'],
  ];
  for (const [options, code] of refused) {
    assert.throws(() => generateSlots(options), { code });
  }
});
