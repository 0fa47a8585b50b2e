import { spawnSync } from 'node:child_process';

/** What builds or runs a peer, by the name that machine facts have it under. */
export const TOOLCHAINS = {
  gcc: { command: 'gcc', args: ['-dumpfullversion'] },
  go: { command: 'go', args: ['version'] },
  rustc: { command: 'rustc', args: ['--version'] },
  cargo: { command: 'cargo', args: ['--version'] },
  python: { command: 'python3', args: ['--version'] },
} as const;
export type ToolchainName = keyof typeof TOOLCHAINS;

/* Asked once: a version does not change under a run. */
const versions = new Map<ToolchainName, string | undefined>();

/** Its version, `1.26.8`, or `undefined` where it is not on the PATH. */
export function toolchainVersion(name: ToolchainName): string | undefined {
  if (!versions.has(name)) {
    const { command, args } = TOOLCHAINS[name];
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
    versions.set(name, status === 0 ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] : undefined);
  }
  return versions.get(name);
}

/** Why it cannot be used, `go 1.19.8 found, 1.25 needed`, or `undefined`. */
export function whyNoToolchain(name: ToolchainName, neededVersion: string): string | undefined {
  const found = toolchainVersion(name);
  if (found === undefined) return `no ${name} found, ${neededVersion} needed`;
  return isAtLeast(found, neededVersion)
    ? undefined
    : `${name} ${found} found, ${neededVersion} needed`;
}

/** Compares versions part by part, as numbers: 1.9 is before 1.10. */
export function isAtLeast(version: string, needed: string): boolean {
  const found = version.split('.').map(Number);
  for (const [index, part] of needed.split('.').map(Number).entries()) {
    const difference = (found[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
