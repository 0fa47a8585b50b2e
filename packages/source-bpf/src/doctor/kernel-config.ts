import { gunzipSync } from 'node:zlib';

import type { Machine } from './machine.ts';

/** The settings a kernel was built with, and where they were read. */
export interface KernelConfig {
  readonly path: string;
  /** `y`, `m`, a number or a text; `undefined` where it is not set. */
  get(name: string): string | undefined;
}

/** The configuration that the running kernel or its package shows, in the places where libbpf looks; `undefined` where there is none. */
export function readKernelConfig(machine: Machine): KernelConfig | undefined {
  const boot = `/boot/config-${machine.kernelRelease}`;
  for (const path of [boot, '/proc/config.gz']) {
    const text = textOf(machine.read(path));
    if (text === undefined) continue;
    return { path, get: (name) => valueOf(text, name) };
  }
  return undefined;
}

function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1');
  } catch {
    return undefined;
  }
}

function valueOf(text: string, name: string): string | undefined {
  return new RegExp(`^CONFIG_${name}=(.*)$`, 'm').exec(text)?.[1];
}
