// Loads and attaches the kernel programs under old kernels, each in a virtual machine of its own: docs/old-kernels.md. Not part of the tests: it needs QEMU and kernels.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
const PLATFORM = join(HERE, '../../packages/source-bpf-linux-x64');
const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES = 64 << 20;
const DIRECTORY = 0o40755;
const PROGRAM = 0o100755;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    qemu: { type: 'string', default: 'qemu-system-x86_64' },
    firmware: { type: 'string', multiple: true, default: [] },
    accel: { type: 'string', default: 'tcg' },
    verbose: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0) {
  console.error(
    'usage: node scripts/old-kernels/run.mjs [--qemu PATH] [--firmware DIR]... [--accel kvm] VMLINUZ...',
  );
  process.exit(2);
}

/** One entry of a cpio archive as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst). */
function cpioEntry(inode, name, mode, data) {
  const numbers = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0];
  const head = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const pad = (bytes) => Buffer.alloc(-bytes & 3);
  return [Buffer.from(head), pad(head.length), data, pad(data.length)];
}

function cpio(files) {
  const directories = new Set();
  for (const name of files.keys()) {
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
      directories.add(name.slice(0, at));
    }
  }
  const entries = [
    ...['dev', ...directories].map((name) => [name, DIRECTORY, Buffer.alloc(0)]),
    ...[...files].map(([name, data]) => [name, PROGRAM, data]),
    ['TRAILER!!!', 0, Buffer.alloc(0)],
  ];
  return Buffer.concat(entries.flatMap((entry, index) => cpioEntry(index + 1, ...entry)));
}

/** The shared libraries of a program, by the paths where it looks for them. */
function librariesOf(path) {
  const text = execFileSync('ldd', [path], { encoding: 'utf8' });
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library);
}

function makeInitramfs(dir) {
  const init = join(dir, 'init');
  execFileSync('gcc', ['-O1', '-static', '-Wall', join(HERE, 'init.c'), '-o', init]);
  const files = new Map([
    ['init', readFileSync(init)],
    ['node', readFileSync(process.execPath)],
    ['guest.mjs', readFileSync(join(HERE, 'guest.mjs'))],
    ['sockflow_bpf.node', readFileSync(join(PLATFORM, 'sockflow_bpf.node'))],
    ['sockflow.bpf.o', readFileSync(join(PLATFORM, 'sockflow.bpf.o'))],
  ]);
  for (const library of librariesOf(process.execPath)) {
    files.set(library.slice(1), readFileSync(library));
  }
  const path = join(dir, 'initramfs');
  writeFileSync(path, cpio(files));
  return path;
}

/** @returns the facts that guest.mjs said */
function boot(kernel, initramfs) {
  const firmware = values.firmware.flatMap((dir) => ['-L', dir]);
  const machine = ['-machine', 'pc', '-accel', values.accel, '-smp', '2', '-m', '2048'];
  const quiet = ['-nographic', '-nodefaults', '-no-reboot', '-serial', 'stdio'];
  const what = ['-kernel', kernel, '-initrd', initramfs, '-append', 'console=ttyS0 quiet panic=-1'];
  const { stdout, stderr } = spawnSync(values.qemu, [...machine, ...quiet, ...firmware, ...what], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (values.verbose) console.error(stdout, stderr);
  const facts = [...stdout.matchAll(/@@ (\{.*\})\r?$/gm)].map(([, text]) => JSON.parse(text));
  if (facts.length === 0)
    console.error(`${kernel}: nothing was said\n${stdout.slice(-2000)}${stderr}`);
  return facts;
}

const dir = mkdtempSync(join(tmpdir(), 'sockflow-old-kernels-'));
let failures = 0;
try {
  const initramfs = makeInitramfs(dir);
  for (const kernel of positionals) {
    const facts = boot(kernel, initramfs);
    if (facts.length === 0) failures++;
    for (const { kernel: release, capabilities, step, works, ...rest } of facts) {
      const hasFailed = works === false;
      // Two capabilities are enough from 6.17 on: a failure before is told, and is none.
      if (hasFailed && capabilities !== 'two') failures++;
      const verdict = Array.isArray(works) ? works.join(' ') : works ? 'works' : 'FAILS';
      console.log(
        `${release}  ${capabilities.padEnd(5)}  ${step.padEnd(6)}  ${verdict}  ${JSON.stringify(rest)}`,
      );
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
