import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cachedBuild } from '../../harness/cached-build.ts';
import { CACHE_DIR, ROOT_DIR } from '../../harness/paths.ts';
import { type ToolchainName, toolchainVersion, whyNoToolchain } from './toolchain.ts';

const PEERS_DIR = 'bench/peers';

/** Builds one of bench/peers/go, and gives its path. @throws Error that says why it cannot be had here */
export function buildGo(name: string): string {
  const folder = `${PEERS_DIR}/go/${name}`;
  const needed = neededVersion(`${folder}/go.mod`, /^go (\S+)$/m);
  requireToolchain('go', needed);
  // Its default is the oldest x86-64; C and Rust get the machine's own instructions, too.
  const level = hasAvx2() ? 'v3' : 'v1';
  return cachedBuild({
    name: `go-${name}`,
    folders: [folder],
    facts: ['go', toolchainVersion('go') ?? '', level],
    build: (path) =>
      run('go', ['build', '-mod=readonly', '-trimpath', '-o', path, '.'], folder, {
        GOAMD64: level,
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
      }),
  });
}

/** Builds one of bench/peers/rust, and gives its path. @throws Error that says why it cannot be had here */
export function buildRust(name: string): string {
  const folder = `${PEERS_DIR}/rust/${name}`;
  const needed = neededVersion(`${folder}/Cargo.toml`, /^rust-version = "(.+)"$/m);
  requireToolchain('cargo', needed);
  requireToolchain('rustc', needed);
  const flags = '-C target-cpu=native';
  const target = join(CACHE_DIR, `rust-${name}-target`);
  return cachedBuild({
    name: `rust-${name}`,
    folders: [folder],
    facts: ['rustc', toolchainVersion('rustc') ?? '', toolchainVersion('cargo') ?? '', flags],
    build: (path) => {
      run('cargo', ['build', '--release', '--locked', '--target-dir', target], folder, {
        RUSTFLAGS: flags,
      });
      copyFileSync(join(target, 'release', `sockflow-${name}-peer`), path);
    },
  });
}

function requireToolchain(name: ToolchainName, needed: string): void {
  const reason = whyNoToolchain(name, needed);
  if (reason !== undefined) throw new Error(reason);
}

function neededVersion(file: string, pattern: RegExp): string {
  const version = pattern.exec(readFileSync(join(ROOT_DIR, file), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${file} names no version of its language`);
  return version;
}

function hasAvx2(): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ');
  return ['avx2', 'bmi2', 'fma', 'movbe'].every((flag) => flags?.includes(flag) === true);
}

function run(
  command: string,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
): void {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: join(ROOT_DIR, folder),
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(`${command} build failed: ${firstError(stderr ?? '') ?? error?.message ?? '?'}`);
}

/* What is told before something goes wrong. */
const PROGRESS =
  /^\s*(#|go: downloading|warning|Updating|Locking|Downloading|Downloaded|Compiling|Adding)/;

/** The first line that says what went wrong. */
function firstError(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .find((line) => line.trim() !== '' && !PROGRESS.test(line))
    ?.trim();
}
