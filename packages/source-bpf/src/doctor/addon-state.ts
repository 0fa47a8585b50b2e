import { isSockflowError } from '@sockflow/core';

import type { NativeBinding, NativeFailure, NativeProbes } from '../native/binding-types.ts';
import { loadBinding, type LoadedBinding } from '../native/load-binding.ts';
import { nativeConfig } from '../open/native-config.ts';
import { checkBpfOptions } from '../options/check-bpf-options.ts';
import { NO_FILTER } from '../push-down/kernel-filter.ts';
import type { Machine } from './machine.ts';

/** The addon as doctor finds it. */
export interface AddonState {
  readonly version: string;
  readonly libbpfVersion: string;
  /** The kernel's HZ, as its clocks tell it. */
  readonly hz: number | undefined;
  /** What loading tiny programs showed, or why it could not be tried. */
  readonly probes: NativeProbes | { readonly failure: string };
  /** Loads the program itself, attached to nothing, and lets it go again. */
  tryLoad(cgroup: string): TriedLoad;
  /** The programs attached to a cgroup; throws where the kernel does not tell. */
  programsOf(cgroup: string): readonly { readonly id: number; readonly name: string }[];
}

/** Whether the kernel takes the program; `undefined`: it did not come to that, since something else stood in the way. */
export type TriedLoad = { readonly works: boolean; readonly errnoName?: string } | undefined;

/** Room of the one ring of {@link AddonState.tryLoad}: before 5.11 it counts as locked memory. */
const TRIED_RING_BYTES = 65536;

/** Why there is no addon. */
export interface AddonMissing {
  readonly missing: string;
  readonly remedy: string;
}

/** Loads the addon and lets it probe the kernel. */
export function addonState({ platform, arch }: Machine): AddonState | AddonMissing {
  let loaded: LoadedBinding;
  try {
    loaded = loadBinding({ platform, arch });
  } catch (error) {
    const remedy = isSockflowError(error) ? error.remedy : undefined;
    return { missing: firstLine(error), remedy: remedy ?? 'Install it again' };
  }
  const { binding } = loaded;
  const { version, libbpfVersion } = binding;
  return {
    version,
    libbpfVersion,
    hz: hzOf(binding),
    probes: probesOf(binding),
    tryLoad: (cgroup) => tryLoad(loaded, cgroup),
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

function tryLoad({ binding, objectPath }: LoadedBinding, cgroup: string): TriedLoad {
  const settings = { ...checkBpfOptions({}), ringBytes: TRIED_RING_BYTES };
  const config = nativeConfig({
    settings,
    filter: NO_FILTER,
    lanes: 1,
    cgroupPath: cgroup,
    objectPath,
  });
  try {
    binding.openSource(config).close();
    return { works: true };
  } catch (error) {
    const { step, errnoName, verifierLog = '' } = error as NativeFailure;
    return step === 'load' && verifierLog !== '' ? { works: false, errnoName } : undefined;
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
