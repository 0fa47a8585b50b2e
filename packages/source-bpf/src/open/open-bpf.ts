/*
 * Opens the kernel source, once for all lanes. On the main thread.
 *
 *   cgroup, BTF -> load (the addon probes what the kernel allows) -> rings -> clocks; when the lanes are there: attach -> existing connections (open-source.ts)
 *
 * Whatever fails closes what was loaded: links and maps live as long as their descriptors, so nothing of ours stays in the kernel.
 */
import { existsSync } from 'node:fs';
import { release } from 'node:os';

import type { OpenSource, SourceContext } from '@sockflow/core';

import { KernelError } from '../errors.ts';
import { Feature } from '../features.ts';
import { type Cgroup, findCgroup } from '../host/find-cgroup.ts';
import { machineOf, otherPrograms } from '../host/other-programs.ts';
import { readOrigin } from '../host/read-origin.ts';
import { type KernelErrorContext, withKernelErrors } from '../kernel-error.ts';
import type { NativeBinding, NativeClocks, NativeSource } from '../native/binding-types.ts';
import { loadBinding } from '../native/load-binding.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';
import {
  filterText,
  kernelFilter,
  type KernelFilter,
  NO_FILTER,
} from '../push-down/kernel-filter.ts';
import { nativeConfig } from './native-config.ts';
import { OpenBpf } from './open-source.ts';
import { ringMemories } from './ring-memories.ts';
import { checkTakeIn } from './take-in.ts';

const KERNEL_BTF_PATH = '/sys/kernel/btf/vmlinux';

export function openBpf(settings: BpfSettings, { lanes, plans }: SourceContext): OpenSource {
  const { binding, objectPath } = loadBinding();
  const cgroup = findCgroup(settings.cgroup);
  checkBtf(settings.btfPath);
  const filter = settings.isPushedDown ? kernelFilter(plans) : NO_FILTER;
  const config = nativeConfig({ settings, filter, lanes, cgroupPath: cgroup.path, objectPath });
  const native = withKernelErrors(loading(settings, lanes, cgroup.path), () =>
    binding.openSource(config),
  );
  try {
    return prepare(native, { binding, settings, filter, lanes, cgroup });
  } catch (error) {
    native.close();
    throw error;
  }
}

function loading(settings: BpfSettings, lanes: number, cgroup: string): KernelErrorContext {
  const { ringBytes, btfPath } = settings;
  return {
    doing: 'loading the program',
    cgroup,
    room: `${lanes} ${lanes === 1 ? 'ring' : 'rings'} of ${ringBytes} bytes`,
    ...(btfPath === undefined ? {} : { btfPath }),
  };
}

interface Loaded {
  readonly binding: NativeBinding;
  readonly settings: BpfSettings;
  readonly filter: KernelFilter;
  readonly lanes: number;
  readonly cgroup: Cgroup;
}

function prepare(native: NativeSource, loaded: Loaded): OpenSource {
  const { binding, settings, filter, lanes, cgroup } = loaded;
  const takeIn = { existing: settings.existing, cgroup: cgroup.below };
  checkTimestamps(native, settings);
  checkTakeIn(native, takeIn);
  const { memories, warnings } = ringMemories(native, settings, lanes);
  // Before the attachment: no event is older than the first clock anchor.
  const startClocks: NativeClocks = binding.readClocks();
  return new OpenBpf({
    native,
    readBootNs: () => binding.readClocks().bootNs,
    otherPrograms: () => otherPrograms(cgroup, machineOf(binding)),
    cgroup,
    takeIn,
    warnings,
    shared: {
      origin: readOrigin(startClocks, native.captured),
      startClocks,
      pushedDown: filter === NO_FILTER ? undefined : filterText(filter),
    },
    memories,
  });
}

function checkBtf(btfPath: string | undefined): void {
  const path = btfPath ?? KERNEL_BTF_PATH;
  if (existsSync(path)) return;
  throw new KernelError(
    'ERR_SOCKFLOW_KERNEL_BTF',
    btfPath === undefined
      ? `expected the kernel's types in ${KERNEL_BTF_PATH}, found none`
      : `expected a BTF file at '${btfPath}', found none`,
    {
      details: { path, kernelRelease: release() },
      remedy:
        btfPath === undefined
          ? 'Take a kernel with CONFIG_DEBUG_INFO_BTF, or give btfPath a BTF file that was made for this one'
          : 'Give btfPath a file that is there, or leave it out',
    },
  );
}

function checkTimestamps(native: NativeSource, { asked }: BpfSettings): void {
  if (asked.timestamps !== 'needed' || (native.features & Feature.TSTAMP) !== 0) return;
  throw new KernelError(
    'ERR_SOCKFLOW_KERNEL_TOO_OLD',
    `bpf: ops names time stamp ops (16 to 20), and Linux ${release()} has none: Linux 6.15 has`,
    {
      details: { kernelRelease: release() },
      remedy: "Leave the TSTAMP ops out, or name 'all', which reports those that the kernel knows",
    },
  );
}
