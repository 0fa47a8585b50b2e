import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { type CleanableTest, useTempDir } from '@sockflow/test-support';

import { runCommand, WORKSPACE } from './workspace.ts';

/** A folder that looks like the root of a built checkout to the commands of a page, with the files that the page shows. */
function checkoutFor(t: CleanableTest, text: string): string {
  const dir = useTempDir(t);
  for (const name of ['fixtures', 'node_modules'])
    symlinkSync(join(WORKSPACE, name), join(dir, name));
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
  for (const [, code = '', name = ''] of text.matchAll(/^```[jt]s\n(\/\/ (\S+)\n[^]*?)^```/gm)) {
    writeFileSync(join(dir, name), code);
  }
  return dir;
}

/** The page's commands, in order; those that set up, build and test the checkout itself have tests of their own. */
function commandsOf(text: string): string[] {
  return (
    [...text.matchAll(/^```sh\n([^]*?)^```/gm)]
      .flatMap(([, block = '']) => block.split('\n'))
      .filter((line) => /^(npx|node) /.test(line))
      // Its exit code is its answer, and that depends on the machine.
      .map((line) =>
        /^npx sockflow doctor\b/.test(line) ? `${line.replace(/#.*/, '')} || true` : line,
      )
  );
}

/** Runs every command of a page; files in the system's folder for temporary ones go into the test's own. */
function runPage(
  t: CleanableTest,
  page: string,
): { readonly dir: string; readonly output: string } {
  const text = readFileSync(join(WORKSPACE, page), 'utf8');
  const dir = checkoutFor(t, text);
  const commands = commandsOf(text);
  assert.ok(commands.length > 3, `${page} shows commands`);
  const script = commands.join('\n').replaceAll('/tmp/', './');
  return { dir, output: runCommand('bash', ['-euo', 'pipefail', '-c', script], { cwd: dir }) };
}

function lineCount(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}

test('every command of the README runs, and leaves what it says', (t) => {
  const { dir } = runPage(t, 'README.md');
  for (const name of ['rtt.0.ndjson', 'rtt.1.ndjson', 'slow.0.ndjson', 'connections.1.ndjson']) {
    assert.ok(lineCount(join(dir, name)) > 0, name);
  }
  assert.ok(existsSync(join(dir, 'many.sfrec')));
});

test('every command of getting started runs, and leaves what it says', (t) => {
  const { dir, output } = runPage(t, 'docs/getting-started.md');
  assert.equal(lineCount(join(dir, 'syn.ndjson')), 52, 'inspect counts 52 segments with SYN');
  assert.ok(lineCount(join(dir, 'slow.ndjson')) > 0);
  assert.match(output, /10\.203\.0\.2 8007 3\n/, 'retransmits of the black hole');
  assert.ok(existsSync(join(dir, 'mine.sfrec')));
});
