import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';

import {
  type AsyncCleanableTest,
  requireKernel,
  requireNode24,
  requireTool,
  type SkippableTest,
  TestCgroup,
} from '@sockflow/test-support';

import { readExamples, runExample } from './readme-examples.ts';
import { runCommand, WORKSPACE } from './workspace.ts';

const PLATFORM = 'source-bpf-linux-x64';
const FOLDERS = ['core', 'source-bpf', PLATFORM];
const RUN_TIMEOUT_MS = 60_000;
/* The C library, which Node needs too. Everything else is linked in. */
const MAY_BE_NEEDED = /^(linux-vdso\.so\.1|libc\.so\.6|\/lib64\/ld-linux-x86-64\.so\.2)$/;

/* What a user writes: the ports that connections of the cgroup were made to. */
const PIPELINE = `import { definePipeline, emit, filterOp, Op } from '@sockflow/core';
import { bpf } from '@sockflow/source-bpf';
import { tap } from 'rxjs';

const nowhere = {
  name: 'nowhere',
  accepts: 'batches',
  open: () => ({
    acknowledged: 0,
    failed: 0,
    write(batch) {
      for (const event of batch) if (event.op !== undefined) this.acknowledged++;
    },
    flush() {},
    close: () => ({}),
  }),
};

export default definePipeline(({ cgroup }) => ({
  source: bpf({ cgroup }),
  events: (batches) =>
    batches.pipe(
      filterOp(Op.ACTIVE_ESTABLISHED_CB),
      tap((batch) => {
        for (const event of batch) emit(event.remotePort);
      }),
    ),
  sinks: [nowhere],
}));
`;
const SCRIPT = `import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '@sockflow/core';

const [, , cgroup] = process.argv;
writeFileSync(join(cgroup, 'cgroup.procs'), String(process.pid));
const server = createServer((socket) => socket.end());
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const handle = run(new URL('./capture.pipeline.mjs', import.meta.url), { params: { cgroup } });
const timer = setInterval(() => connect(port, '127.0.0.1').resume(), 50);
handle.results.subscribe((seen) => {
  if (seen !== port) return;
  clearInterval(timer);
  handle.stop();
});
await handle.done;
server.close();
console.log('seen');
`;

/** The three packages as their tarballs install them, outside the workspace, so that nothing resolves by accident. */
class Installation {
  readonly dir: string;
  readonly platformTarball: string;
  readonly platformFiles: readonly string[];

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'sockflow-packed-native-'));
    const tarballs = FOLDERS.map((folder) => this.#pack(folder));
    this.platformTarball = tarballs.at(-1) ?? '';
    const listing = runCommand('tar', ['-tzf', this.platformTarball], { cwd: this.dir });
    this.platformFiles = listing.trim().split('\n').toSorted();
    writeFileSync(join(this.dir, 'package.json'), '{ "private": true, "type": "module" }\n');
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', 'rxjs@7'];
    runCommand('npm', [...install, ...tarballs], { cwd: this.dir });
    writeFileSync(join(this.dir, 'capture.pipeline.mjs'), PIPELINE);
    writeFileSync(join(this.dir, 'capture.mjs'), SCRIPT);
  }

  /** Runs the capture with nothing but this node on the PATH. */
  capture(t: AsyncCleanableTest, nodeDir: string): string {
    const bin = mkdtempSync(join(this.dir, 'bin-'));
    symlinkSync(join(nodeDir, 'node'), join(bin, 'node'));
    const cgroup = TestCgroup.use(t);
    const { status, stdout, stderr } = spawnSync(join(bin, 'node'), ['capture.mjs', cgroup.path], {
      cwd: this.dir,
      env: { PATH: bin },
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #pack(folder: string): string {
    const cwd = join(WORKSPACE, 'packages', folder);
    const args = ['pack', '--json', '--pack-destination', this.dir];
    const [packed] = JSON.parse(runCommand('npm', args, { cwd })) as { filename: string }[];
    return join(this.dir, packed?.filename ?? '');
  }
}

describe('the kernel source as it is published', () => {
  let installation: Installation | undefined;

  function useInstallation(t: SkippableTest): Installation | undefined {
    if (!requireKernel(t, { tools: [] })) return undefined;
    installation ??= new Installation();
    return installation;
  }

  after(() => installation?.remove());

  test('ships the addon, the programs and every licence text', (t) => {
    const packed = useInstallation(t);
    if (packed === undefined) return;
    assert.deepEqual(
      packed.platformFiles,
      [
        'LICENSE',
        'README.md',
        'THIRD-PARTY.md',
        'licenses/BSD-2-Clause.txt',
        'licenses/GPL-2.0.txt',
        'licenses/GPL-3.0.txt',
        'licenses/LGPL-3.0.txt',
        'package.json',
        'sockflow.bpf.o',
        'sockflow_bpf.node',
      ].map((name) => `package/${name}`),
    );
  });

  test('needs no library but the C library', (t) => {
    const packed = useInstallation(t);
    if (packed === undefined || !requireTool(t, 'ldd')) return;
    const addon = join(packed.dir, 'node_modules', '@sockflow', PLATFORM, 'sockflow_bpf.node');
    const libraries = runCommand('ldd', [addon], { cwd: packed.dir })
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s/)[0] ?? '');
    assert.deepEqual(
      libraries.filter((name) => !MAY_BE_NEEDED.test(name)),
      [],
    );
  });

  test('passes publint, and runs the example in its README', (t) => {
    const packed = useInstallation(t);
    if (packed === undefined) return;
    const publint = join(WORKSPACE, 'node_modules', '.bin', 'publint');
    runCommand(publint, ['run', packed.platformTarball, '--strict'], { cwd: packed.dir });
    const examples = readExamples(join(WORKSPACE, 'packages', PLATFORM, 'README.md'));
    assert.equal(examples.length, 1);
    for (const example of examples) {
      runExample(example, PLATFORM, packed.dir, dirname(process.execPath));
    }
  });

  test('captures where no compiler is on the path', (t) => {
    const packed = useInstallation(t);
    if (packed === undefined) return;
    assert.equal(packed.capture(t, dirname(process.execPath)), 'seen\n');
  });

  test('captures on Node 24 with the same files', (t) => {
    const nodeDir = requireNode24(t);
    if (nodeDir === undefined) return;
    const packed = useInstallation(t);
    if (packed === undefined) return;
    assert.equal(packed.capture(t, nodeDir), 'seen\n');
  });
});
