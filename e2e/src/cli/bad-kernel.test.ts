import assert from 'node:assert/strict';
import { chmodSync, existsSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';

import { requireKernel, TestCgroup, useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_RECORDING, sockflow } from './sockflow-command.ts';
import { sockflowWith } from './sockflow-with.ts';

/** A folder that another user can write into. */
function openDir(t: TestContext): string {
  const dir = useTempDir(t);
  chmodSync(dir, 0o777);
  return dir;
}

const COMMANDS: readonly (readonly [name: string, args: (dir: string) => readonly string[]])[] = [
  ['record', (dir) => ['record', join(dir, 'out.sfrec'), '--duration', '500ms']],
  ['watch', () => ['watch', '--duration', '500ms']],
];

for (const [name, args] of COMMANDS) {
  describe(`${name}, where the kernel cannot be a source`, () => {
    test('says which capabilities are missing', (t) => {
      if (!requireKernel(t, { tools: ['setpriv'] })) return;
      const dir = openDir(t);
      for (const [has, missing] of [
        [[], /CAP_BPF and CAP_NET_ADMIN/],
        [['bpf'], /CAP_NET_ADMIN/],
        [['net_admin'], /CAP_BPF/],
      ] as const) {
        assertRefused(sockflowWith(has, args(dir)), {
          status: 1,
          code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
          message: missing,
          place: /\S/,
          remedy: /root|grant/i,
        });
      }
      assert.equal(existsSync(join(dir, 'out.sfrec')), false);
    });

    test('works with CAP_BPF and CAP_NET_ADMIN, and says what CAP_PERFMON would add', (t) => {
      if (!requireKernel(t, { tools: ['setpriv'] })) return;
      const run = sockflowWith(['bpf', 'net_admin'], args(openDir(t)));
      assert.equal(run.status, 0, run.stderr);
      assert.match(run.stderr, /warning .*CAP_PERFMON/);
    });

    test('refuses a cgroup that is none, that there is not, that has gone', (t) => {
      if (!requireKernel(t, { tools: [] })) return;
      const gone = TestCgroup.use(t);
      rmdirSync(gone.path);
      const dir = openDir(t);
      for (const path of [dir, join(dir, 'nothing'), gone.path]) {
        assertRefused(sockflow([...args(dir), '--cgroup', path]), {
          status: 2,
          code: 'ERR_SOCKFLOW_KERNEL_CGROUP',
          place: new RegExp(path),
          remedy: /[Nn]ame a directory below/,
        });
      }
    });

    test('says how to get the addon where it is not there', (t) => {
      const dir = openDir(t);
      const hidden = join(dir, 'hide-addon.cjs');
      writeFileSync(hidden, HIDE_ADDON);
      const run = sockflow(args(dir), { env: { NODE_OPTIONS: `--require ${hidden}` } });
      assertRefused(run, {
        status: 1,
        code: 'ERR_SOCKFLOW_KERNEL_ADDON',
        place: /^$/,
        remedy: /source-bpf-linux-x64/,
      });
    });

    test('refuses settings that cannot be by the names of their flags, before anything is opened', (t) => {
      const dir = openDir(t);
      for (const [flags, place] of [
        [['--ring-size', '5000'], /^--ring-size$/],
        [['--ring-size', '2GiB'], /^--ring-size$/],
        [['--ring-size', 'big'], /^--ring-size$/],
        [['--op', 'RTT_CB', '--rtt', 'folded'], /^--rtt$/],
        [['--op', '77'], /^--op$/],
        [['--duration', 'soon'], /^--duration$/],
      ] as const) {
        assertRefused(sockflow([...args(dir), ...flags]), {
          status: 2,
          code: 'ERR_SOCKFLOW_INVALID_OPTION',
          place,
          remedy: /\S/,
        });
      }
    });
  });
}

/** What an install without the optional package is to the resolver. */
const HIDE_ADDON = `const Module = require('node:module');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (!request.startsWith('@sockflow/source-bpf-linux')) return resolve.call(this, request, ...rest);
  throw Object.assign(new Error('Cannot find module ' + request), { code: 'MODULE_NOT_FOUND' });
};
`;

test('record refuses what cannot hold a recording', (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'notes.txt'), 'not a recording');
  for (const [output, status, code] of [
    [join(dir, 'out.ndjson'), 2, 'ERR_SOCKFLOW_INVALID_OPTION'],
    [join(dir, 'out.csv'), 2, 'ERR_SOCKFLOW_INVALID_OPTION'],
  ] as const) {
    const run = sockflow(['record', output, '--duration', '1s']);
    assertRefused(run, { status, code, place: /^the recording$/, remedy: /\.sfrec/ });
  }
  if (!requireKernel(t, { tools: [] })) return;
  for (const [name, status, code] of [
    ['notes.txt', 2, 'ERR_SOCKFLOW_RECORDING_TARGET'],
    ['missing/out.sfrec', 1, 'ERR_SOCKFLOW_RECORDING_WRITE'],
  ] as const) {
    const run = sockflow(['record', join(dir, name), '--duration', '1s']);
    assertRefused(run, { status, code, place: new RegExp(name), remedy: /\S/ });
  }
});

test('watch refuses the kernel’s settings for a recording, and a pace for the kernel', () => {
  for (const [args, place] of [
    [['--replay', REAL_RECORDING, '--rtt', 'raw'], /^--rtt$/],
    [['--replay', REAL_RECORDING, '--cgroup', '/'], /^--cgroup$/],
    [['--replay', REAL_RECORDING, '--speed', '2'], /^--speed$/],
    [['--speed', '2'], /^--speed$/],
    [['--replay', REAL_RECORDING, '--speed', 'fast'], /^--speed$/],
  ] as const) {
    assertRefused(sockflow(['watch', ...args]), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place,
      remedy: /\S/,
    });
  }
});

test('a recording that there is not is told so by watch too', () => {
  assertRefused(sockflow(['watch', '--replay', 'nothing.sfrec']), {
    status: 2,
    code: 'ERR_SOCKFLOW_RECORDING_MISSING',
    place: /nothing\.sfrec/,
    remedy: /\S/,
  });
});
