import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { of } from 'rxjs';

import { loadSink } from './load-sink.ts';
import { parseSinkSpec } from './sink-spec.ts';
import { writeTo } from './write-to.ts';

const COUNTING_SINK = `
export default (options) => {
  const seen = [];
  return {
    name: 'counting',
    accepts: 'both',
    seen,
    prefix: options.prefix,
    open() {
      let taken = 0;
      return {
        write: (input) => { taken += input.size ?? 1; globalThis.countingSeen = [options.prefix, input]; },
        flush() {},
        close: () => ({ location: 'nowhere' }),
        get acknowledged() { return taken; },
        failed: 0,
      };
    },
  };
};`;

test('a sink is written as scheme, target and options; without a scheme it is a file', () => {
  const plain = (text: string): unknown => {
    const { scheme, target, options } = parseSinkSpec(text);
    return [scheme, target, Object.fromEntries(options)];
  };
  assert.deepEqual(plain('file:a/b.ndjson?encoding=ndjson&fields=op,tsNs'), [
    'file',
    'a/b.ndjson',
    { encoding: 'ndjson', fields: 'op,tsNs' },
  ]);
  assert.deepEqual(plain('out.sfrec'), ['file', 'out.sfrec', {}]);
  assert.deepEqual(plain('./dir:with/colon.ndjson'), ['file', './dir:with/colon.ndjson', {}]);
  assert.deepEqual(plain('-'), ['file', '-', {}]);
  assert.deepEqual(plain('console'), ['console', '', {}]);
  assert.deepEqual(plain('kafka://host:9092/topic?key=a%26b'), [
    'kafka',
    '//host:9092/topic',
    { key: 'a&b' },
  ]);
  assert.throws(() => parseSinkSpec('file:a?x=1&x=2'), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
});

test('sizes, durations and policies of a file are written as people write them', async (t) => {
  const dir = useTempDir(t);
  const options = 'rotate=1KiB&every=10min&keep=2&compress=gzip&fsync=rotate&flush=5s';
  const sink = await loadSink(`file:${join(dir, 'out.ndjson')}?${options}`);
  assert.equal(sink.target, join(dir, 'out.{time}.ndjson.gz'));
  const writer = await sink.open({ lane: 0, lanes: 1 });
  for (let value = 0; value < 20; value++) {
    await writer.write(randomBytes(200).toString('hex'));
    await writer.flush();
  }
  const { location } = await writer.close();
  assert.equal(location, join(dir, 'out.*.ndjson.gz'));
  assert.equal(readdirSync(dir).length, 2);
  const refusals = [
    ['out.ndjson?rotate=64MeB', /'rotate' is '64MeB', expected a size such as 64MiB/],
    ['out.ndjson?rotate=0', /'rotateBytes' of a file is 0/],
    ['out.ndjson?every=soon', /expected a duration such as 10min/],
    ['out.ndjson?keep=3', /'keep' cannot be: out.ndjson is one file/],
    ['out.{time}.ndjson?keep=many', /'keep' is 'many', expected a size/],
    ['-?rotate=1MiB', /'rotate' cannot be: - is no file/],
    ['out.ndjson?fsync=intervall', /unknown fsync policy 'intervall'/],
  ] as const;
  for (const [text, message] of refusals) {
    await assert.rejects(loadSink(`file:${text}`), { message }, text);
  }
  for (const text of [
    'out.{time}.ndjson?keep=10GiB',
    'out.sfrec?every=1h&fsync=batch',
    'out.jsonl.gz',
  ])
    await loadSink(`file:${text}`);
});

test('an unknown kind of sink, option, encoding or field is refused with the nearest name', async () => {
  const cases = [
    ['flie:out.ndjson', 'file'],
    ['file:out.ndjson?encodin=ndjson', 'encoding'],
    ['file:out.bin?encoding=recordin', 'recording'],
    ['file:out.ndjson?fields=op,srttus', 'srttUs'],
    ['file:out.csv?fields=op+as+o,srttus', 'srttUs'],
    ['file:out.msgpack?fields=lostRingfull', 'lostRingFull'],
    ['console:?colour=true', 'color'],
  ] as const;
  for (const [text, nearest] of cases)
    await assert.rejects(async () => loadSink(text), {
      code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
      remedy: new RegExp(`Did you mean '${nearest}'`),
    });
  await assert.rejects(async () => loadSink('constructor:x'), {
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
  });
});

test('fields are chosen and named in the text, or for all sinks that say none', async (t) => {
  const dir = useTempDir(t);
  const [own, common] = [join(dir, 'own.csv'), join(dir, 'common.csv')];
  const fields = ['tsNs'] as const;
  for (const text of [`file:${own}?fields=op+as+operator,lane`, common]) {
    const sink = await loadSink(text, { fields });
    const writer = await sink.open({ lane: 0, lanes: 1 });
    await writer.write({ op: 'RTT_CB', tsNs: 2n ** 63n });
    await writer.close();
  }
  assert.equal(readFileSync(own, 'utf8'), 'operator,lane\r\nRTT_CB,\r\n');
  assert.equal(readFileSync(common, 'utf8'), 'tsNs\r\n9223372036854775808\r\n');
});

test('lanes do not share an output that begins with a header', async () => {
  for (const text of [
    'console:?encoding=csv',
    '-?encoding=msgpack-records',
    '/dev/null?encoding=csv',
  ]) {
    const sink = await loadSink(text);
    await assert.rejects(async () => sink.prepare?.({ lanes: 2 }), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    });
    await sink.prepare?.({ lanes: 1 });
  }
});

test('options that cannot be are refused', async () => {
  const texts = [
    'file:',
    'file:out',
    'file:out.ndjson?flushAfterMs=soon',
    'console:?color=maybe',
    'file:out.sfrec?fields=op',
    'file:out.csv?fields=op,op',
    'console:?fields=op',
  ];
  for (const text of texts)
    await assert.rejects(async () => loadSink(text), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
});

test('a module makes a sink from its options, by a path from the folder or by the name of a package there', async (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'my-sink.mjs'), COUNTING_SINK);
  mkdirSync(join(dir, 'node_modules/my-sink'), { recursive: true });
  writeFileSync(join(dir, 'node_modules/my-sink/index.mjs'), COUNTING_SINK);
  writeFileSync(
    join(dir, 'node_modules/my-sink/package.json'),
    '{ "name": "my-sink", "exports": "./index.mjs" }',
  );
  for (const specifier of ['./my-sink.mjs', join(dir, 'my-sink.mjs'), 'my-sink']) {
    const sink = await loadSink(`module:${specifier}?prefix=p`, { baseDir: dir });
    assert.equal(sink.name, 'counting');
    const report = await writeTo(of('a', 'b'), sink);
    assert.deepEqual(report, { location: 'nowhere', given: 2, acknowledged: 2, failed: 0 });
    assert.deepEqual((globalThis as { countingSeen?: unknown }).countingSeen, ['p', 'b']);
  }
});

test('a module that is no sink is refused with what is missing', async (t) => {
  const dir = useTempDir(t);
  const writer = 'write() {}, flush() {}, close: () => ({})';
  const sinkOf = (open: string): string =>
    `export default () => ({ name: 'x', accepts: 'both', open: () => (${open}) })`;
  const cases: readonly [string, RegExp][] = [
    ['export const sink = 1;', /no default export, expected a function/],
    ['export default {};', /a default object, expected a function/],
    ['export default () => 7;', /made number, expected a sink/],
    ["export default () => ({ accepts: 'both', open() {} });", /without a 'name'/],
    ["export default () => ({ name: 'x', accepts: 'all', open() {} });", /'accepts' is "all"/],
    ["export default () => ({ name: 'x', accepts: 'both' });", /without 'open\(context\)'/],
    ["export default () => { throw new TypeError('no key'); };", /made no sink: TypeError: no key/],
    ['export default (', /cannot be loaded: SyntaxError/],
    [sinkOf('{}'), /without 'write\(\)'/],
    [sinkOf(`{ ${writer}, failed: 0 }`), /'acknowledged' is no number/],
  ];
  for (const [index, [source, message]] of cases.entries()) {
    writeFileSync(join(dir, `bad-${index}.mjs`), source);
    const open = async (): Promise<unknown> => {
      const sink = await loadSink(`module:./bad-${index}.mjs`, { baseDir: dir });
      return sink.open({ lane: 0, lanes: 1 });
    };
    await assert.rejects(open, { code: 'ERR_SOCKFLOW_SINK_MODULE', message });
  }
  await assert.rejects(async () => loadSink('module:./none.mjs', { baseDir: dir }), {
    code: 'ERR_SOCKFLOW_SINK_MODULE',
    message: /none\.mjs/,
  });
});

test('the remedy for a sink module fits what is wrong with it', async (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'package.json'), '{ "type": "commonjs" }');
  const cases: readonly [string, string | undefined, RegExp][] = [
    ['none.mjs', undefined, /^Mend the path/],
    ['import.mjs', "import './gone.mjs'; export default () => 7;", /^Mend the path/],
    ['syntax.mjs', 'export default (', /^Mend its syntax/],
    ['common.js', COUNTING_SINK, /^Call it \.mjs, or write "type": "module"/],
    ['exports.js', 'exports.sink = () => 7;', /^Export a function/],
    ['throws.mjs', "throw new Error('no');", /^Mend what it does while it is loaded/],
    [
      'accepts.mjs',
      "export default () => ({ name: 'x', open() {} });",
      /^Return a sink: .*accepts/,
    ],
    ['text.txt', 'text', /^Give a \.js/],
  ];
  for (const [name, source, remedy] of cases) {
    if (source !== undefined) writeFileSync(join(dir, name), source);
    await assert.rejects(async () => loadSink(`module:./${name}`, { baseDir: dir }), {
      code: 'ERR_SOCKFLOW_SINK_MODULE',
      remedy,
    });
  }
});

test('a sink module may be TypeScript, as it is', async (t) => {
  const dir = useTempDir(t);
  const source = "type Name = string;\nconst name: Name = 'typed';\n";
  const open = 'open: (): never => { throw new Error(); }';
  const made = `export default () => ({ name, accepts: 'both' as const, ${open} });`;
  writeFileSync(join(dir, 'typed.ts'), source + made);
  const sink = await loadSink('module:./typed.ts', { baseDir: dir });
  assert.equal(sink.name, 'typed');
});

test('a sink that is written as text writes what it says', async (t) => {
  const path = join(useTempDir(t), 'out.jsonl');
  await writeTo(of(1n, 'two'), await loadSink(`${path}?flushAfterMs=5`));
  assert.equal(readFileSync(path, 'utf8'), '"1"\n"two"\n');
});
