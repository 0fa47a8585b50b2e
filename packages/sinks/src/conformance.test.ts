import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { Kind } from '@sockflow/core';
import { checkSink } from '@sockflow/core/conformance';
import { openRecording, scanRecording } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';
import { Unpackr } from 'msgpackr';

import { file } from './file/index.ts';
import { loadSink } from './load-sink.ts';
import { memory } from './memory/index.ts';
import { ordered } from './ordered/index.ts';

const UNPACKR = new Unpackr({ useRecords: false });
const KIND_WORD = 2;
const TS_BIG = 2;
const CUSTOM_SINK = new URL('../../../examples/custom-sink/my-sink.js', import.meta.url);

interface Item {
  readonly kind?: string;
  readonly tsNs?: unknown;
  readonly ts_boot_ns?: unknown;
}

function timesOf(items: readonly Item[]): unknown[] {
  return items
    .filter(({ kind }) => kind !== 'LOSS_MARKER')
    .map(({ tsNs, ts_boot_ns }) => tsNs ?? ts_boot_ns);
}

function jsonLines(path: string): Item[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Item);
}

function csvRows(text: string): Item[] {
  const [header = [], ...rows] = text
    .split('\r\n')
    .slice(0, -1)
    .map((line) => line.split(','));
  const [kind, tsNs] = [header.indexOf('kind'), header.indexOf('tsNs')];
  return rows.map((row) => ({ kind: row[kind] ?? '', tsNs: row[tsNs] }));
}

function maps(bytes: Uint8Array): Item[] {
  return bytes.length === 0 ? [] : (UNPACKR.unpackMultiple(bytes) as Item[]);
}

/** As docs/specs/msgpack.md reads them. */
function records(bytes: Uint8Array): Item[] {
  if (bytes.length === 0) return [];
  const header: { structures: string[][]; end: number }[] = [];
  UNPACKR.unpackMultiple(bytes, (value: unknown, _start, end = 0) => {
    header.push({ ...(value as { structures: string[][] }), end });
    return false;
  });
  const [{ structures, end } = { structures: [], end: 0 }] = header;
  if (end === bytes.length) return [];
  return new Unpackr({ structures }).unpackMultiple(bytes.subarray(end)) as Item[];
}

function recorded(path: string): bigint[] {
  const times: bigint[] = [];
  scanRecording(openRecording(path), ({ u32, big }, word) => {
    const isMarker = ((u32[word + KIND_WORD] ?? 0) & 0xff) === Kind.LOSS_MARKER;
    if (!isMarker) times.push(big[word / 2 + TS_BIG] ?? 0n);
  });
  return times;
}

const FORMS: Readonly<Record<string, (path: string) => unknown[]>> = {
  'out.ndjson': (path) => timesOf(jsonLines(path)),
  'out.sfrec': recorded,
  'out.context.ndjson': (path) => timesOf(jsonLines(path)),
  'out.csv': (path) => timesOf(csvRows(readFileSync(path, 'utf8'))),
  'out.csv.gz': (path) => timesOf(csvRows(gunzipSync(readFileSync(path)).toString())),
  'out.msgpack': (path) => timesOf(maps(readFileSync(path))),
  'out.records.msgpack': (path) => timesOf(records(readFileSync(path))),
};

for (const [name, read] of Object.entries(FORMS)) {
  test(`a file sink of ${name} keeps the contract of sinks`, async (t) => {
    const dir = useTempDir(t);
    const found = await checkSink(file(join(dir, name)), {
      readBack: async ({ lane, isClosed }) => {
        const path = join(dir, name.replace('out.', `out.${lane}.`));
        // A gzip member has no end before it is closed.
        if (!isClosed && name.endsWith('.gz')) return undefined;
        return read(isClosed ? path : `${path}.part`);
      },
      breaks: () => rmSync(dir, { recursive: true }),
    });
    assert.deepEqual(found, []);
  });
}

for (const fsync of ['batch', 'interval'] as const) {
  test(`a file sink that syncs by ${fsync} keeps the contract of sinks`, async (t) => {
    const dir = useTempDir(t);
    const found = await checkSink(file(join(dir, 'out.ndjson'), { fsync }), {
      readBack: async ({ lane, isClosed }) =>
        timesOf(jsonLines(join(dir, `out.${lane}.ndjson${isClosed ? '' : '.part'}`))),
    });
    assert.deepEqual(found, []);
  });
}

for (const name of ['out.ndjson', 'out.sfrec']) {
  test(`${name} in order of time keeps the contract of sinks`, async (t) => {
    assert.deepEqual(await checkSink(ordered(file(join(useTempDir(t), name)))), []);
  });
}

test('the memory sink keeps the contract of sinks', async () => {
  const sink = memory<Item>();
  let looks = 0;
  const found = await checkSink(sink, {
    maxHeldBytes: Infinity,
    readBack: async ({ lane }) => {
      // Both lanes write into it, and values beside events.
      if (lane === 1 || ++looks > 3) return undefined;
      const times = [...timesOf(sink.events), ...timesOf(sink.values)];
      return times.toSorted((one, other) => Number(one) - Number(other));
    },
  });
  assert.deepEqual([found, looks > 3], [[], true]);
});

test('a sink in a module keeps the contract of sinks', async (t) => {
  const dir = useTempDir(t);
  const sink = await loadSink(`module:${fileURLToPath(CUSTOM_SINK)}?path=${join(dir, 'tcp.prom')}`);
  assert.deepEqual(await checkSink(sink, { breaks: () => rmSync(dir, { recursive: true }) }), []);
});

test('the console keeps the contract of sinks', async (t) => {
  const script = join(useTempDir(t), 'check.mjs');
  writeFileSync(
    script,
    `import { checkSink } from '${import.meta.resolve('@sockflow/core/conformance')}';
     import { console as toConsole } from '${import.meta.resolve('./console/index.js')}';
     const found = [
       ...(await checkSink(toConsole())),
       ...(await checkSink(toConsole({ encoding: 'ndjson' }))),
     ];
     process.stderr.write(JSON.stringify(found));`,
  );
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, [script], { maxBuffer: 1e9 });
  assert.deepEqual([JSON.parse(stderr), stdout.length > 1e6], [[], true]);
});
