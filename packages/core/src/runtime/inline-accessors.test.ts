import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('./inline-accessors.js', import.meta.url).href;

/** A function with more accessors than V8 inlines by itself, and which of them it inlines, as V8 reports. */
const SCRIPT = `
  import { inlineAccessors } from '${MODULE}';
  inlineAccessors();
  const names = Array.from({ length: 60 }, (_, index) => 'value' + index);
  const getters = names.map((name, index) =>
    'get ' + name + '() { const m = this.m; const w = this.w; if ((m[w] & 268435456) === 0) return undefined; return m[w + ' + index + ']; }');
  const View = new Function('return class { constructor() { this.m = new Uint32Array(100).fill(268435456); this.w = 0; }' + getters.join(' ') + ' }')();
  const step = new Function('e', 'let s = 0; ' + names.map((name) => 's = (s + (e.' + name + ' ?? 0)) | 0;').join(' ') + ' return s;');
  const view = new View();
  for (let turn = 0; turn < 300000; turn++) step(view);
`;

function inlinedGetters(env: Readonly<Record<string, string>>): number {
  const output = execFileSync(
    process.execPath,
    ['--trace-turbo-inlining', '--input-type=module', '--eval', SCRIPT],
    { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 },
  );
  return new Set(
    output.match(/Inlining .*get value\d+/g)?.map((line) => /get value\d+/.exec(line)?.[0]),
  ).size;
}

test('a step that reads every accessor has all of them inlined, unless V8 is to be left as it is', () => {
  const byDefault = inlinedGetters({ SOCKFLOW_V8_INLINING: 'default' });
  const widened = inlinedGetters({ SOCKFLOW_V8_INLINING: '' });
  assert.ok(byDefault < 40, `${byDefault} of 60 by default`);
  assert.ok(widened >= 55, `${widened} of 60`);
});
