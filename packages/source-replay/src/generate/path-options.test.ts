import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { validateEvents } from '../validate/index.ts';
import { EXTREMES } from './extremes.test.support.ts';
import { type ConnectionTruth, type GenerateOptions, generateSlots } from './index.ts';

function truthOf(options: GenerateOptions): readonly ConnectionTruth[] {
  return generateSlots({ ...options, wantsTruth: true }).truth;
}

function connectionsOf(options: GenerateOptions): ConnectionTruth[] {
  return truthOf(options).filter(({ role }) => role !== 'LISTENER');
}

function shareOf<T>(items: readonly T[], isCounted: (item: T) => boolean): number {
  return items.filter(isCounted).length / items.length;
}

function assertNear(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) <= tolerance,
    `${what}: expected ${expected} ± ${tolerance}, found ${found}`,
  );
}

for (const options of EXTREMES) {
  test(`passes the validator with ${JSON.stringify(options)}`, () => {
    const { spans, summary } = generateSlots(options);
    const report = validateEvents(spans);
    assert.deepEqual(report.violations, []);
    assert.equal(report.events, summary.events);
    assert.equal(report.sockets, summary.connections + summary.listeners);
  });
}

test('passes the validator with any of the options together', () => {
  const ratio = fc.constantFrom(0, 0.01, 0.3);
  const options = fc.record(
    {
      lossRatio: fc.constantFrom(0, 0.001, 0.1, 0.5, 0.9),
      rtt: fc.constantFrom(
        { medianUs: 2 },
        { medianUs: 10, p99Us: 10_000_000 },
        { medianUs: 20_000, spreadUs: 60_000 },
      ),
      arrivalsPerSec: fc.constantFrom(1, 4000, 1_000_000),
      cgroups: fc.constantFrom(1, 4, [9, 1]),
      origins: fc.integer({ min: 1, max: 4 }),
      ipv6Ratio: fc.constantFrom(0, 0.5, 1),
      refusedRatio: ratio,
      unansweredRatio: ratio,
      halfOpenRatio: ratio,
      bytesPerConnection: fc.constantFrom(1, 1449, 200_000),
      seed: fc.string(),
    },
    { requiredKeys: [] },
  );
  const property = fc.property(options, fc.integer({ min: 4, max: 60 }), (some, connections) => {
    const { spans, summary } = generateSlots({ ...some, connections });
    const report = validateEvents(spans);
    assert.deepEqual(report.violations, []);
    assert.equal(report.sockets, connections + summary.listeners);
  });
  fc.assert(property, { numRuns: 80 });
});

test('gives the same bytes for the same options, and others for others', () => {
  const hashOf = (options: GenerateOptions): string => {
    const hash = createHash('sha256');
    for (const { memory, endWord } of generateSlots(options).spans) {
      hash.update(memory.u8.subarray(0, endWord * 4));
    }
    return hash.digest('hex');
  };
  const options: GenerateOptions = {
    connections: 200,
    lossRatio: 0.05,
    rtt: { medianUs: 5000, p99Us: 90_000 },
    cgroups: [3, 1],
    origins: 2,
    ipv6Ratio: 0.4,
    bytesPerConnection: 50_000,
  };
  const first = hashOf(options);
  assert.equal(hashOf(options), first);
  assert.notEqual(hashOf({ ...options, seed: 2 }), first);
  assert.notEqual(hashOf({ ...options, lossRatio: 0.06 }), first);
});

test('retransmits nothing without loss, apart from SYNs that nothing answers', () => {
  const lossless = connectionsOf({ connections: 2000, lossRatio: 0 });
  assert.equal(
    shareOf(lossless, ({ retransmits, kind }) => retransmits > 0 && kind !== 'blackhole'),
    0,
  );
  const answered = connectionsOf({ connections: 2000, lossRatio: 0, unansweredRatio: 0 });
  assert.equal(
    shareOf(answered, ({ retransmits, timeouts }) => retransmits + timeouts > 0),
    0,
  );
});

test('loses the share of segments that was asked for: each loss is a retransmit', () => {
  for (const lossRatio of [0.01, 0.1]) {
    const bytesPerConnection = 1448 * 200;
    const found = connectionsOf({
      connections: 400,
      lossRatio,
      bytesPerConnection,
      ipv6Ratio: 0,
      profiles: { bulk: 1 },
    });
    const retransmits = found.reduce((sum, end) => sum + end.retransmits, 0);
    // Of each connection whose both ends are seen, what one sends the other receives: count what was sent, and a SYN and FIN for each.
    const sent = found.reduce((sum, end) => sum + end.bytesAcked / 1448 + 2, 0);
    const share = retransmits / (sent + retransmits);
    assertNear(share, lossRatio, lossRatio * 0.15, 'share of segments lost');
  }
});

test('spreads round trips as asked for: fixed, normal, with a long tail', () => {
  const medians = (rtt: GenerateOptions['rtt'] & object): number[] =>
    connectionsOf({
      connections: 4000,
      rtt,
      lossRatio: 0,
      unansweredRatio: 0,
      profiles: { chatty: 1 },
    })
      .flatMap(({ rttMedianUs }) => (rttMedianUs === null ? [] : [rttMedianUs]))
      .toSorted((a, b) => a - b);
  const at = (sorted: readonly number[], quantile: number): number =>
    sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0;
  const fixed = medians({ medianUs: 20_000 });
  assertNear(at(fixed, 0.01), 20_000, 800, 'fixed, p1');
  assertNear(at(fixed, 0.99), 20_000, 800, 'fixed, p99');
  const normal = medians({ medianUs: 20_000, spreadUs: 5000 });
  assertNear(at(normal, 0.5), 20_000, 500, 'normal, p50');
  assertNear(at(normal, 0.1587), 15_000, 700, 'normal, one deviation below');
  assertNear(at(normal, 0.8413), 25_000, 700, 'normal, one deviation above');
  const tailed = medians({ medianUs: 20_000, p99Us: 200_000 });
  assertNear(at(tailed, 0.5), 20_000, 1500, 'tailed, p50');
  assertNear(at(tailed, 0.99), 200_000, 60_000, 'tailed, p99');
});

test('carries the bytes that were asked for, both ways together', () => {
  const bytesPerConnection = 30_000;
  for (const end of connectionsOf({ connections: 1000, bytesPerConnection })) {
    if (end.outcome === 'established' && end.closedFrom !== null && end.errno === 0) {
      // A SYN each way is in neither, a FIN each way in both; a connection that was reset has none.
      const beyond = end.bytesAcked + end.bytesReceived - bytesPerConnection;
      assert.ok(beyond >= 0 && beyond <= 3, `${end.kind} ${end.role}: ${beyond} bytes beyond`);
    }
  }
});

test('keeps rates, times and shares', () => {
  const seconds = (options: GenerateOptions): number => {
    const found = connectionsOf({ ...options, profiles: { shortEcho: 1 } });
    const starts = found.map(({ startNs }) => Number(startNs));
    return (Math.max(...starts) - Math.min(...starts)) / 1e9;
  };
  assertNear(
    seconds({ connections: 3000, arrivalsPerSec: 100 }) * 100,
    3000 / 1.5,
    150,
    'arrivals',
  );
  assertNear(seconds({ connections: 3000, durationMs: 60_000 }), 60, 5, 'seconds of connections');
  assertNear(seconds({ sizeBytes: 10_000_000, durationMs: 60_000 }), 60, 5, 'seconds of bytes');
  const { summary } = generateSlots({ durationMs: 20_000, eventsPerSec: 2000 });
  assertNear(summary.events, 40_000, 4000, 'events');
  const found = connectionsOf({
    connections: 6000,
    refusedRatio: 0.2,
    halfOpenRatio: 0.1,
    unansweredRatio: 0.05,
    // Seen at one end, so that ends are connections.
    profiles: { halfOpen: 1, refused: 1, blackhole: 1, timestamps: 1 },
  });
  const counts = new Map<string, number>();
  for (const { kind } of found) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  // Half of the others are seen at both ends.
  const stories = 6000 - (counts.get('timestamps') ?? 0) / 3;
  assertNear((counts.get('refused') ?? 0) / stories, 0.2, 0.02, 'refused');
  assertNear((counts.get('halfOpen') ?? 0) / stories, 0.1, 0.02, 'half-open');
  assertNear((counts.get('blackhole') ?? 0) / stories, 0.05, 0.015, 'unanswered');
});

test('deals connections to cgroups by weight, each with a network namespace of its own', () => {
  const found = connectionsOf({ connections: 6000, cgroups: [6, 3, 1] });
  const byCgroup = new Map<string, ConnectionTruth[]>();
  for (const end of found) {
    byCgroup.set(end.cgroupId, [...(byCgroup.get(end.cgroupId) ?? []), end]);
  }
  const groups = [...byCgroup.values()].toSorted((a, b) => b.length - a.length);
  assert.deepEqual(
    groups.map((group) => new Set(group.map((end) => end.netnsCookie)).size),
    [1, 1, 1],
  );
  [0.6, 0.3, 0.1].forEach((share, index) =>
    assertNear((groups[index]?.length ?? 0) / found.length, share, 0.03, `cgroup ${index}`),
  );
});

test('has the share of IPv6 that was asked for', () => {
  const isIp6 = ({ remoteAddress }: ConnectionTruth): boolean => remoteAddress.includes(':');
  assert.equal(shareOf(connectionsOf({ connections: 1000, ipv6Ratio: 0 }), isIp6), 0);
  assert.equal(shareOf(connectionsOf({ connections: 1000, ipv6Ratio: 1 }), isIp6), 1);
  assertNear(
    shareOf(connectionsOf({ connections: 5000, ipv6Ratio: 0.3 }), isIp6),
    0.3,
    0.03,
    'IPv6',
  );
});

test('has hosts with their own boot times, and equal cookies among them', () => {
  const { spans, summary, truth } = generateSlots({
    connections: 900,
    origins: 3,
    wantsTruth: true,
  });
  const origins = new Map(spans.map(({ origin }) => [origin.id, origin]));
  assert.equal(origins.size, 3);
  assert.equal(new Set([...origins.values()].map(({ clock }) => clock?.bootNs)).size, 3);
  assert.equal(new Set([...origins.values()].map(({ clock }) => clock?.realtimeNs)).size, 1);
  assert.deepEqual(
    summary.origins?.map(({ connections }) => connections),
    [300, 300, 300],
  );
  const keys = truth.map(({ netnsCookie, cookie }) => `${netnsCookie}:${cookie}`);
  assert.ok(new Set(keys).size < keys.length, 'no socket cookie is on two hosts');
  const full = truth.map(
    ({ originId, netnsCookie, cookie }) => `${originId}/${netnsCookie}:${cookie}`,
  );
  assert.equal(new Set(full).size, full.length);
});

test('refuses what cannot be, by name', () => {
  const wrong: readonly GenerateOptions[] = [
    { connections: 1, lossRatio: 0.95 },
    { connections: 1, lossRatio: Number.NaN },
    { connections: 1, rtt: { medianUs: 0 } },
    { connections: 1, rtt: { medianUs: 10, p99Us: 5 } },
    { connections: 1, rtt: { medianUs: 10, p99Us: 50, spreadUs: 3 } },
    { connections: 1, cgroups: 0 },
    { connections: 1, cgroups: [] },
    { connections: 1, cgroups: [1, -1] },
    { connections: 1, origins: 2 },
    { connections: 1, ipv6Ratio: 1.5 },
    { connections: 1, refusedRatio: 0.6, halfOpenRatio: 0.6 },
    { connections: 1, profiles: { refused: 1 }, refusedRatio: 0.5 },
    { connections: 1, bytesPerConnection: 0 },
    { connections: 1, durationMs: 0 },
    { connections: 1, durationMs: 5, arrivalsPerSec: 5 },
    { durationMs: 5, arrivalsPerSec: 5, eventsPerSec: 5 },
    { arrivalsPerSec: 5 },
  ];
  for (const options of wrong) {
    assert.throws(
      () => generateSlots(options),
      { code: 'ERR_SOCKFLOW_INVALID_OPTION' },
      JSON.stringify(options),
    );
  }
});
