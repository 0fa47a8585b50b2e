import { isSockflowError } from '@sockflow/core';

import type { NativeBinding, NativeProbes } from '../native/binding-types.ts';
import { loadBinding } from '../native/load-binding.ts';
import type { Machine } from './machine.ts';

/** The addon as doctor finds it. */
export interface AddonState {
  readonly version: string;
  readonly libbpfVersion: string;
  /** The kernel's HZ, as its clocks tell it. */
  readonly hz: number | undefined;
  /** What loading tiny programs showed, or why it could not be tried. */
  readonly probes: NativeProbes | { readonly failure: string };
  /** The programs attached to a cgroup; throws where the kernel does not tell. */
  programsOf(cgroup: string): readonly { readonly id: number; readonly name: string }[];
}

/** Why there is no addon. */
export interface AddonMissing {
  readonly missing: string;
  readonly remedy: string;
}

/** Loads the addon and lets it probe the kernel. */
export function addonState({ platform, arch }: Machine): AddonState | AddonMissing {
  let binding: NativeBinding;
  try {
    binding = loadBinding({ platform, arch }).binding;
  } catch (error) {
    const remedy = isSockflowError(error) ? error.remedy : undefined;
    return { missing: firstLine(error), remedy: remedy ?? 'Install it again' };
  }
  const { version, libbpfVersion } = binding;
  return {
    version,
    libbpfVersion,
    hz: hzOf(binding),
    probes: probesOf(binding),
    programsOf: (cgroup) => binding.sockOpsPrograms(cgroup),
  };
}

function probesOf(binding: NativeBinding): AddonState['probes'] {
  try {
    return binding.probe({});
  } catch (error) {
    return { failure: firstLine(error) };
  }
}

function hzOf(binding: NativeBinding): number | undefined {
  try {
    const hz = Math.round(1e9 / binding.readClocks().tickNs);
    return hz > 0 ? hz : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
