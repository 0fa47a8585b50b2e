import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import * as fc from 'fast-check';
import { lastValueFrom, map, toArray } from 'rxjs';
import { type ConnectionRecord, fromReplay, run } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { applyCase, type EventLine, type FilterCase, type Joining, passes } from './filter-case.ts';
import { makeRecordings, type Recordings } from './recordings.ts';
import type { SameEventsParams } from './same-events.pipeline.ts';

const PIPELINE = new URL('./same-events.pipeline.js', import.meta.url);
const RUNS = 16;
const TIME_LIMIT_MS = 15_000;
const JOININGS: readonly Joining[] = ['fused', 'unfused', 'plain first'];
const MARKERS: ReadonlySet<unknown> = new Set(['LOSS_MARKER', 'CLOCK_ANCHOR']);

/** A value for each filter; `time` is within what the generated or the real events have. */
const EACH_FILTER = fc.record({
  ops: fc.subarray(
    ['RTT_CB', 'STATE_CB', 'RETRANS_CB', 'ACTIVE_ESTABLISHED_CB', 'HDR_OPT_LEN_CB'] as const,
    { minLength: 1 },
  ),
  cbFlagsAny: fc.constantFrom(['RTT'] as const, ['WRITE_HDR_OPT', 'PARSE_ALL_HDR_OPT'] as const),
  tcpFlagsAny: fc.constantFrom(['SYN'] as const, ['FIN', 'PSH'] as const),
  tcpFlagsNone: fc.constantFrom(['ACK'] as const, ['RST'] as const),
  state: fc.constantFrom('ESTABLISHED', 'SYN_SENT', 'LAST_ACK'),
  ports: fc.constantFrom([443], [8010, 8005, 80], [5432, 9092, 6379]),
  portEnd: fc.constantFrom('either', 'local', 'remote'),
  network: fc.constantFrom('10.203.0.0/16', 'fd03::/16'),
  time: fc.constantFrom(
    { startNs: 1_800_020_000_000n, endNs: 1_800_050_000_000n },
    { startNs: 4_825_000_000_000n, endNs: 4_830_000_000_000n },
  ),
  oddCpu: fc.constant(true),
});
const FILTER_NAMES = [
  'ops',
  'cbFlagsAny',
  'tcpFlagsAny',
  'tcpFlagsNone',
  'state',
  'ports',
  'network',
  'time',
  'oddCpu',
] as const;
/** One filter or two, none at times: of more together hardly anything would pass. */
const FILTERS: fc.Arbitrary<FilterCase> = fc
  .tuple(EACH_FILTER, fc.subarray([...FILTER_NAMES], { maxLength: 2 }))
  .map(([values, names]) => ({
    portEnd: values.portEnd,
    ...Object.fromEntries(names.map((name) => [name, values[name]])),
  }));

/** Filters, and which event's own port and connection to filter for besides: what is rare, so that there is much to leave out. */
const PICKED = fc.record({
  filters: FILTERS,
  picks: fc.constantFrom('nothing', 'port', 'connection'),
  event: fc.nat(),
});

function filtersOf(
  { filters, picks, event }: { filters: FilterCase; picks: string; event: number },
  events: readonly EventLine[],
): FilterCase {
  const { localPort, cookie, netnsCookie } = events[event % events.length] ?? {};
  if (picks === 'port') return { ...filters, ports: [Number(localPort)] };
  if (picks === 'nothing') return filters;
  const connection = { cookie: BigInt(String(cookie)), netnsCookie: BigInt(String(netnsCookie)) };
  return { ...filters, connection };
}

interface Taken {
  /** Events in the order of the lane's file, one list a lane. */
  readonly lanes: readonly (readonly EventLine[])[];
  readonly markers: readonly (readonly string[])[];
}

function linesOf(path: string): EventLine[] {
  const text = readFileSync(path, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as EventLine);
}

function takenFrom(dir: string, name: string, lanes: number): Taken {
  const paths = Array.from({ length: lanes }, (_, lane) =>
    join(dir, lanes === 1 ? `${name}.ndjson` : `${name}.${lane}.ndjson`),
  );
  const files = paths.map(linesOf);
  return {
    lanes: files.map((lines) => lines.filter(({ kind }) => !MARKERS.has(kind))),
    markers: files.map((lines) =>
      lines.filter(({ kind }) => MARKERS.has(kind)).map((line) => JSON.stringify(line)),
    ),
  };
}

function connectionOf({ originId, netnsCookie, cookie }: EventLine): string {
  return `${String(originId)}/${String(netnsCookie)}:${String(cookie)}`;
}

/** Connection → its events as text, in order. */
function byConnection(events: readonly EventLine[]): Map<string, string[]> {
  const connections = new Map<string, string[]>();
  for (const event of events) {
    const name = connectionOf(event);
    const known = connections.get(name);
    const text = JSON.stringify(event);
    if (known === undefined) connections.set(name, [text]);
    else known.push(text);
  }
  return connections;
}

function assertSameEvents(taken: Taken, expected: readonly EventLine[]): void {
  const wanted = byConnection(expected);
  const given = new Map<string, string[]>();
  for (const lane of taken.lanes) {
    for (const [name, events] of byConnection(lane)) {
      assert.ok(!given.has(name), `connection ${name} is in one lane only`);
      given.set(name, events);
    }
  }
  assert.deepEqual([...given.keys()].toSorted(), [...wanted.keys()].toSorted());
  for (const [name, events] of wanted) assert.deepEqual(given.get(name), events, name);
}

/** Each loss is told in one lane, each reading of the clocks in every lane. */
function assertSameMarkers(taken: Taken, expected: readonly string[]): void {
  const kindOf = (text: string): unknown => (JSON.parse(text) as EventLine)['kind'];
  const losses = (texts: readonly string[]): string[] =>
    texts.filter((text) => kindOf(text) === 'LOSS_MARKER').toSorted();
  const anchors = (texts: readonly string[]): string[] =>
    texts.filter((text) => kindOf(text) === 'CLOCK_ANCHOR');
  assert.deepEqual(losses(taken.markers.flat()), losses(expected));
  for (const lane of taken.markers) assert.deepEqual(anchors(lane), anchors(expected));
}

describe('the same events', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-same-'));
  let recordings: Recordings;
  /** Recording → every event and marker of it, in order, by no filter and one lane. */
  const everything = new Map<string, Taken>();
  let runs = 0;

  before(async () => {
    recordings = await makeRecordings(dir);
    for (const [name, paths] of Object.entries(recordings)) {
      const [path = '', ...others] = paths;
      if (others.length > 0) continue;
      const folder = join(dir, `all-${name}`);
      mkdirSync(folder);
      sockflowOk(['convert', path, join(folder, 'all.ndjson')]);
      everything.set(name, takenFrom(folder, 'all', 1));
    }
    const both = ['grouped', 'real'].flatMap((name) => everything.get(name)?.lanes.flat() ?? []);
    everything.set('two recordings', { lanes: [both], markers: [[]] });
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  /** Runs the pipeline and gives what each of its outputs wrote, and what it emitted. */
  async function takeAll(
    recording: string,
    lanes: number,
    params: Pick<SameEventsParams, 'joining' | 'outputs' | 'scan'>,
  ): Promise<{ outputs: Map<string, Taken>; connections: ConnectionRecord<bigint[]>[] }> {
    const folder = join(dir, `run-${runs++}`);
    mkdirSync(folder);
    const handle = run(PIPELINE, {
      lanes,
      params: { ...params, recordings: recordings[recording] ?? [], dir: folder },
    });
    const results = lastValueFrom(handle.results.pipe(toArray()));
    const { ledger, outcome } = await handle.done;
    assert.equal(outcome, 'completed');
    const outputs = new Map(
      Object.keys(params.outputs).map((name) => [name, takenFrom(folder, name, lanes)]),
    );
    for (const { output, out } of ledger.total.outputs) {
      const taken = outputs.get(output);
      if (taken !== undefined && params.joining === 'fused') {
        assert.equal(out, taken.lanes.flat().length, 'the ledger counts what is in the files');
      }
    }
    rmSync(folder, { recursive: true });
    return { outputs, connections: (await results) as ConnectionRecord<bigint[]>[] };
  }

  test('the recordings are what this test needs: many blocks, parts, markers, each op to be filtered', () => {
    assert.deepEqual(
      everything
        .get('plain')
        ?.lanes.flat()
        .map((event) => JSON.stringify(event))
        .toSorted(),
      everything
        .get('parts')
        ?.lanes.flat()
        .map((event) => JSON.stringify(event))
        .toSorted(),
    );
    assert.ok((everything.get('marked')?.markers.flat().length ?? 0) >= 6);
    for (const { lanes } of everything.values()) assert.ok((lanes[0]?.length ?? 0) > 3000);
  });

  test('come out fused and unfused, pushed down or not, through one lane to four, of one output or several with different filters', async () => {
    const cases = fc.record({
      recording: fc.constantFrom('plain', 'grouped', 'parts', 'marked', 'real', 'two recordings'),
      lanes: fc.constantFrom(1, 2, 3, 4),
      joining: fc.constantFrom(...JOININGS),
      picked: fc.array(PICKED, { minLength: 1, maxLength: 3 }),
    });
    const property = fc.asyncProperty(cases, async ({ recording, lanes, joining, picked }) => {
      const all = everything.get(recording);
      const events = all?.lanes.flat() ?? [];
      const filters = picked.map((one) => filtersOf(one, events));
      const names = filters.map((_, index) => `out${index}`);
      const outputs = Object.fromEntries(names.map((name, index) => [name, filters[index] ?? {}]));
      const taken = await takeAll(recording, lanes, { joining, outputs });
      for (const [name, output] of taken.outputs) {
        const wanted = events.filter((event) => passes(outputs[name] ?? {}, event));
        assertSameEvents(output, wanted);
        assertSameMarkers(output, all?.markers.flat() ?? []);
      }
    });
    await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS });
  });

  test('come out in-process as in lanes, each way of joining the filters', async () => {
    const cases = fc.record({
      recording: fc.constantFrom('plain', 'grouped', 'parts', 'marked', 'real'),
      joining: fc.constantFrom(...JOININGS),
      picked: PICKED,
    });
    const property = fc.asyncProperty(cases, async ({ recording, joining, picked }) => {
      const events = everything.get(recording)?.lanes.flat() ?? [];
      const filters = filtersOf(picked, events);
      const names = applyCase(fromReplay(recordings[recording] ?? []), filters, joining).pipe(
        map((batch) => batch.toObjects()),
        toArray(),
      );
      const given = (await lastValueFrom(names)).flat();
      const wanted = events.filter((event) => passes(filters, event));
      const nameOf = (event: { cookie?: unknown; tsNs?: unknown; op?: unknown }): string =>
        `${String(event.cookie)} ${String(event.tsNs)} ${String(event.op)}`;
      assert.deepEqual(given.map(nameOf), wanted.map(nameOf));
    });
    await fc.assert(property, { numRuns: 120, interruptAfterTimeLimit: TIME_LIMIT_MS });
  });

  test('give the same connections to scanConnections, whatever the lanes and the push-down', async () => {
    const filters: FilterCase = {
      ops: ['STATE_CB', 'RTT_CB', 'RETRANS_CB'],
      network: '10.203.0.0/16',
    };
    const factsOf = (records: readonly ConnectionRecord<bigint[]>[]): unknown[] =>
      records.toSorted((a, b) => (connectionOf({ ...a }) < connectionOf({ ...b }) ? -1 : 1));
    for (const recording of ['grouped', 'parts']) {
      const first = await takeAll(recording, 1, {
        joining: 'fused',
        outputs: { a: filters },
        scan: 'a',
      });
      const events = first.outputs.get('a')?.lanes.flat() ?? [];
      const connections = byConnection(events);
      assert.deepEqual(
        new Set(first.connections.map((record) => connectionOf({ ...record }))),
        new Set(connections.keys()),
      );
      const counted = first.connections.reduce((sum, { events: count }) => sum + count, 0);
      assert.equal(counted, events.length, 'no event is in no record');
      for (const [lanes, joining] of [
        [1, 'plain first'],
        [3, 'fused'],
        [4, 'unfused'],
      ] as const) {
        const other = await takeAll(recording, lanes, {
          joining,
          outputs: { a: filters },
          scan: 'a',
        });
        assert.deepEqual(
          factsOf(other.connections),
          factsOf(first.connections),
          `${recording}, ${lanes} lanes, ${joining}`,
        );
      }
    }
  });
});
