import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  type CleanableTest,
  requireKernel,
  requireTool,
  type SkippableTest,
  skipTest,
  useTempDir,
} from '@sockflow/test-support';

import { ADDON_NEEDS } from './native-kit.test.support.ts';

/* The addon's other tests, once more in processes of their own with the build that AddressSanitizer, LeakSanitizer and UBSan watch. */

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = join(PACKAGE, 'build', 'sanitized');
const SUITES = ['binding', 'ended-workers', 'lifecycle', 'ring-memories', 'ring-poll'];
const SUITE_TIMEOUT_MS = 300_000;
/* The function that allocated what was leaked lies in the addon: not in Node, nor in V8 called by the addon. */
const OUR_FRAME = /^ +#1 .*(native\/|node-addon-api|sockflow_bpf\.node|sanitizer_witness)/m;

let libraries: string[] = [];

before(() => {
  libraries = ['libasan.so', 'libubsan.so'].map((name) =>
    spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim(),
  );
});

interface SanitizedRun {
  readonly status: number | null;
  readonly output: string;
  /** What the sanitizers found: errors, and leaks of what the addon allocated. */
  readonly findings: readonly string[];
}

function canRun(t: SkippableTest): boolean {
  if (!requireKernel(t, ADDON_NEEDS)) return false;
  if (!requireTool(t, 'g++') || !requireTool(t, 'make')) return false;
  if (!libraries.every((path) => path.startsWith('/') && existsSync(path))) {
    skipTest(t, 'needs the libraries of AddressSanitizer and UBSan (libasan, libubsan of g++)');
    return false;
  }
  const make = spawnSync('make', ['--silent', '-j2', '-C', PACKAGE, 'sanitized'], {
    encoding: 'utf8',
  });
  assert.equal(make.status, 0, make.stdout + make.stderr);
  return true;
}

function runSanitized(t: CleanableTest, args: readonly string[]): SanitizedRun {
  const dir = useTempDir(t);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    SOCKFLOW_TEST_ADDON: join(BUILD, 'sockflow_bpf.node'),
    LD_PRELOAD: libraries.join(' '),
    // use_tls: scanning thread-local memory makes LeakSanitizer of GCC 12 crash itself.
    LSAN_OPTIONS: 'use_tls=0:exitcode=0',
    ASAN_OPTIONS: `detect_leaks=1:log_path=${join(dir, 'report')}`,
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
  for (const name of Object.keys(env)) if (/^NODE_(TEST|V8)_/.test(name)) delete env[name];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env,
    encoding: 'utf8',
    timeout: SUITE_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 27,
  });
  const reports = readdirSync(dir)
    .filter((name) => name.startsWith('report'))
    .map((name) => readFileSync(join(dir, name), 'utf8'));
  const output = stdout + stderr;
  // UBSan, in one process with AddressSanitizer, writes to stderr whatever it is told, and ends the process.
  const undefinedBehaviour = output.split('\n').filter((line) => line.includes('runtime error:'));
  return { status, output, findings: [...reports.flatMap(findingsOf), ...undefinedBehaviour] };
}

function findingsOf(report: string): string[] {
  const isOfLeaks = report.includes('LeakSanitizer: detected memory leaks');
  const blocks = report.split('\n\n');
  const leaks = blocks.filter((block) => /^\S+ leak of /m.test(block) && OUR_FRAME.test(block));
  return isOfLeaks ? leaks : [report];
}

describe('the addon under AddressSanitizer, LeakSanitizer and UBSan', () => {
  test('is watched by sanitizers that find what is wrong', (t) => {
    if (!canRun(t)) return;
    const path = JSON.stringify(join(BUILD, 'sanitizer_witness.node'));
    const faults = [
      ['readBeyond', /heap-buffer-overflow/],
      ['overflow', /signed integer overflow/],
      ['leak', /leak of 4242 byte/],
    ] as const;
    for (const [name, expected] of faults) {
      const { findings } = runSanitized(t, ['-e', `require(${path}).${name}()`]);
      assert.match(findings.join('\n'), expected);
    }
    assert.deepEqual(runSanitized(t, ['-e', `require(${path})`]).findings, []);
  });

  for (const name of SUITES) {
    test(`passes the tests of ${name} with nothing found`, (t) => {
      if (!canRun(t)) return;
      const suite = fileURLToPath(new URL(`./${name}.kernel.test.js`, import.meta.url));
      const { status, output, findings } = runSanitized(t, [suite]);
      assert.deepEqual(findings, []);
      assert.equal(status, 0, output);
    });
  }
});
