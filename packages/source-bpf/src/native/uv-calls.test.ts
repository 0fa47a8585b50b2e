import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { requireTool, type SkippableTest, skipTest, useTempDir } from '@sockflow/test-support';

/* What native/uv_calls.h declares by hand of libuv, compared by a compiler with the headers of the Nodes that are here. */

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const CACHED_NODE = `../../.cache/node-24/node_modules/node-linux-${process.arch}`;
/** Beside the Node that runs this, where packages put them, and beside the Node 24 of the tests. */
const HEADERS = [
  join(dirname(process.execPath), '../include/node'),
  '/usr/include/node',
  '/usr/local/include/node',
  join(PACKAGE, CACHED_NODE, 'include/node'),
].filter((dir, index, all) => all.indexOf(dir) === index && existsSync(join(dir, 'uv.h')));

function foundHeaders(t: SkippableTest): readonly string[] {
  if (!requireTool(t, 'g++') || !requireTool(t, 'make')) return [];
  if (HEADERS.length === 0) skipTest(t, 'needs the headers of a Node (include/node/uv.h)');
  return HEADERS;
}

function checkAbi(headers: string): { readonly status: number | null; readonly output: string } {
  const args = ['--silent', '-C', PACKAGE, 'check-abi', `NODE_HEADERS=${headers}`];
  const { status, stdout, stderr, error } = spawnSync('make', args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

describe('the calls of libuv that are declared by hand', () => {
  test('are those of its header', (t) => {
    for (const headers of foundHeaders(t)) {
      const { status, output } = checkAbi(headers);
      assert.equal(status, 0, `${headers}: ${output}`);
    }
  });

  for (const [what, name, changed] of [
    ['a signature', 'uv_poll_start', 'int uv_poll_start(uv_poll_t* handle, int events);'],
    ['a callback', 'uv_close_cb', 'typedef void (*uv_close_cb)(void* handle);'],
    ['a number', 'UV_READABLE', 'enum { UV_READABLE = 2 };'],
  ] as const) {
    test(`are told from a header with another ${what.replace(/^an? /, '')}`, (t) => {
      const [headers] = foundHeaders(t);
      if (headers === undefined) return;
      const dir = useTempDir(t);
      symlinkSync(join(headers, 'uv'), join(dir, 'uv'));
      const lines = [
        `#define ${name} real_${name}`,
        `#include "${headers}/uv.h"`,
        `#undef ${name}`,
      ];
      writeFileSync(join(dir, 'uv.h'), [...lines, changed, ''].join('\n'));
      const { status, output } = checkAbi(dir);
      assert.notEqual(status, 0);
      assert.match(output, new RegExp(`static assertion failed: ${name}`));
    });
  }
});
