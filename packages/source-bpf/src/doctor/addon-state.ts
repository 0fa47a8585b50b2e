import { createRequire } from 'node:module';

import type { NativeBinding, NativeProbes } from '../native/binding-types.ts';
import type { Machine } from './machine.ts';

/** The addon as doctor finds it. */
export interface AddonState {
  readonly version: string;
  readonly libbpfVersion: string;
  /** The kernel's HZ, as its clocks tell it. */
  readonly hz: number | undefined;
  /** What loading tiny programs showed, or why it could not be tried. */
  readonly probes: NativeProbes | { readonly failure: string };
}

/** Why there is no addon. */
export interface AddonMissing {
  readonly missing: string;
  readonly remedy: string;
}

const PACKAGE = '@sockflow/source-bpf-linux-x64';

/** Loads the addon and lets it probe the kernel. */
export function addonState(machine: Machine): AddonState | AddonMissing {
  if (machine.platform !== 'linux' || machine.arch !== 'x64') {
    return {
      missing: `there is none for ${machine.platform} on ${machine.arch}`,
      remedy: 'Capture on Linux on x64; recordings work everywhere',
    };
  }
  let binding: NativeBinding;
  try {
    const load = createRequire(import.meta.url);
    binding = load(`${PACKAGE}/sockflow_bpf.node`) as NativeBinding;
  } catch (error) {
    return {
      missing: whyNotLoaded(error),
      remedy: `Install ${PACKAGE}, or in a checkout: npm run build, which says what it lacks`,
    };
  }
  const { version, libbpfVersion } = binding;
  const hz = hzOf(binding);
  try {
    return { version, libbpfVersion, hz, probes: binding.probe({}) };
  } catch (error) {
    return { version, libbpfVersion, hz, probes: { failure: firstLine(error) } };
  }
}

function hzOf(binding: NativeBinding): number | undefined {
  try {
    return Math.round(1e9 / binding.readClocks().tickNs);
  } catch {
    return undefined;
  }
}

function whyNotLoaded(error: unknown): string {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return isMissing ? `${PACKAGE} is not installed, or not built` : firstLine(error);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
