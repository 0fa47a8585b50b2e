import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { type CleanableTest, useTempDir } from '@sockflow/test-support';

import { userEnv } from './cli/sockflow-command.ts';
import { WORKSPACE } from './workspace.ts';

/* scripts/run-tests.mjs in a workspace of its own, whose tests do as they are told. */

const PASSES = `test('passes', () => {});`;
const ALWAYS_FAILS = `test('fails', () => { throw new Error('the same each time'); });`;
/* Fails for as long as there is no file beside it. */
const FAILS_ONCE = `import { existsSync, writeFileSync } from 'node:fs';
const mark = new URL('./' + import.meta.url.split('/').at(-1) + '.mark', import.meta.url);
const isFirst = !existsSync(mark);
writeFileSync(mark, '');
test('fails once', () => { if (isFirst) throw new Error('a bad moment'); });
test('passes beside it', () => {});`;
const DIES_ONCE = `${FAILS_ONCE}
if (isFirst) process.kill(process.pid, 'SIGABRT');
await new Promise((resolve) => setTimeout(resolve, 100));`;
const LONG = `test('is long', () => { throw new Error(('x'.repeat(5000) + '\\u001b[2J\\n').repeat(100)); });`;

interface SuiteRun {
  readonly status: number | null;
  /** From the summary's heading on. */
  readonly summary: string;
  /** Files that were run again. */
  readonly again: readonly string[];
}

function runSuite(
  t: CleanableTest,
  files: Readonly<Record<string, string>>,
  nameParts: readonly string[] = [],
): SuiteRun {
  const root = useTempDir(t);
  cpSync(join(WORKSPACE, 'scripts'), join(root, 'scripts'), { recursive: true });
  for (const [name, body] of Object.entries(files)) {
    const folder = join(root, 'packages', name);
    for (const part of ['src', 'dist']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'src', `${name}.test.ts`), '');
    writeFileSync(
      join(folder, 'dist', `${name}.test.js`),
      `import { test } from 'node:test';\n${body}\n`,
    );
  }
  const args = [join(root, 'scripts', 'run-tests.mjs'), ...nameParts];
  const env = userEnv();
  delete env['SOCKFLOW_REQUIRE'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const again = [...stdout.matchAll(/^— .*, again and alone: packages\/(\w+)\//gm)];
  return {
    status,
    summary: stdout.slice(stdout.indexOf('— summary —')),
    again: again.map(([, name = '']) => name),
  };
}

test('a file that failed among others and passes alone is accepted, and told apart with what it failed with', (t) => {
  const { status, summary, again } = runSuite(t, { once: FAILS_ONCE, other: PASSES });
  assert.equal(status, 0, summary);
  assert.deepEqual(again, ['once']);
  assert.match(summary, /^tests on Node \S+ +2 +1 +0 +0 /m);
  assert.match(
    summary,
    /^passed the second time.*\n {2}↻ .*once\.test\.ts: fails once\n {6}Error: a bad moment\n/m,
  );
  assert.match(summary, /^3 passed \(1 of them the second time\), 0 failed, 0 skipped$/m);
});

test('what fails twice has failed, with its error in the summary', (t) => {
  const { status, summary, again } = runSuite(t, { always: ALWAYS_FAILS, other: PASSES });
  assert.equal(status, 1);
  assert.deepEqual(again, ['always']);
  assert.match(
    summary,
    /^failed:\n {2}✖ .*always\.test\.ts: fails\n {6}Error: the same each time\n/m,
  );
  assert.match(summary, /^1 passed, 1 failed, 0 skipped$/m);
});

test('no second run for a process that died by a signal', (t) => {
  const { status, summary, again } = runSuite(t, { dies: DIES_ONCE, other: PASSES });
  assert.equal(status, 1);
  assert.deepEqual(again, []);
  assert.match(summary, /ended with signal SIGABRT/);
});

test('no more than three files get a second run', (t) => {
  const files = { a: FAILS_ONCE, b: FAILS_ONCE, c: FAILS_ONCE, d: FAILS_ONCE };
  const { status, summary, again } = runSuite(t, files);
  assert.equal(status, 1);
  assert.equal(again.length, 3);
  assert.match(summary, /\(3 of them the second time\), 1 failed, 0 skipped$/m);
});

test('what attaches to the kernel is among the files that run one at a time', async () => {
  const scripts = pathToFileURL(join(WORKSPACE, 'scripts/')).href;
  const { isOfKernel } = (await import(`${scripts}tests/kernel-files.mjs`)) as {
    isOfKernel: (source: string) => boolean;
  };
  const { filesBelow } = (await import(`${scripts}workspace.mjs`)) as {
    filesBelow: (folder: string, accepts: (path: string) => boolean) => string[];
  };
  const files = ['packages', 'e2e'].flatMap((folder) =>
    filesBelow(folder, (path) => path.endsWith('.test.ts')),
  );
  const attaching = files.filter((path) => {
    const text = readFileSync(join(WORKSPACE, path), 'utf8');
    const needs = text.match(/\brequireKernel\(([^]*?)\)/)?.[1] ?? '';
    // Without capabilities nothing can be attached.
    return (
      (needs !== '' && !needs.includes('caps: []')) || /\buse(?:Loopback|KernelScene)\(/.test(text)
    );
  });
  assert.ok(attaching.length > 20, `${attaching.length} files`);
  assert.deepEqual(
    attaching.filter((path) => !isOfKernel(path)),
    [],
  );
});

test('no second run where one asks for tests by name', (t) => {
  const { status, again } = runSuite(t, { once: FAILS_ONCE, other: PASSES }, ['test']);
  assert.equal(status, 1);
  assert.deepEqual(again, []);
});

test('a summary has the first lines of an error, none of them long, and nothing that draws', (t) => {
  const { summary } = runSuite(t, { long: LONG });
  const lines = summary.split('\n').filter((line) => line.includes('xxx'));
  assert.equal(lines.length, 15);
  for (const line of lines) assert.ok(line.length < 310, `${line.length}`);
  assert.match(summary, /… \d+ more lines/);
  assert.equal(summary.includes(String.fromCharCode(0x1b)), false);
});
