import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { type CleanableTest, requireTool, useTempDir } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

const APT_LINE = 'apt-get install -y clang llvm libbpf-dev libelf-dev zlib1g-dev g++ make';

function build(env: NodeJS.ProcessEnv): SpawnSyncReturns<string> {
  const script = join(WORKSPACE, 'scripts', 'build-native.mjs');
  return spawnSync(process.execPath, [script], { cwd: WORKSPACE, env, encoding: 'utf8' });
}

/** A PATH with nothing on it but what is named. */
function pathWith(t: CleanableTest, tools: readonly string[]): string {
  const dir = useTempDir(t);
  for (const tool of tools) symlinkSync(join('/usr/bin', tool), join(dir, tool));
  return dir;
}

describe('building the kernel programs and the addon', () => {
  test('says in one line what is missing and how to get it, and goes on', (t) => {
    const { status, stdout, stderr } = build({ PATH: pathWith(t, []) });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, 1);
    for (const word of ['clang', 'llvm-strip', 'g++', 'make', APT_LINE]) {
      assert.ok(stdout.includes(word), stdout);
    }
  });

  test('fails where everything is required', (t) => {
    const { status, stdout } = build({ PATH: pathWith(t, []), SOCKFLOW_REQUIRE: 'all' });
    assert.equal(status, 1);
    assert.ok(stdout.includes(APT_LINE));
  });

  test('does nothing, in silence, where all is built', (t) => {
    for (const tool of ['clang', 'llvm-strip', 'g++', 'make']) if (!requireTool(t, tool)) return;
    const { status, stdout, stderr } = build(process.env);
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  test('needs no more than the packages that it names, beside the shell', (t) => {
    for (const tool of ['clang', 'llvm-strip', 'g++', 'make']) if (!requireTool(t, tool)) return;
    const tools = ['clang', 'llvm-strip', 'g++', 'make', 'sh', 'sed', 'mkdir', 'mv', 'ld', 'as'];
    const run = spawnSync(
      '/usr/bin/make',
      [
        '--silent',
        '-C',
        'packages/source-bpf',
        `BUILD=${useTempDir(t)}`,
        'addon',
        'ADDON=$(BUILD)/addon.node',
      ],
      { cwd: WORKSPACE, env: { PATH: pathWith(t, tools) }, encoding: 'utf8' },
    );
    assert.deepEqual([run.status, run.stderr], [0, '']);
  });
});
