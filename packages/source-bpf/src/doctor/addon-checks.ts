import { getSystemErrorName } from 'node:util';

import type { NativeProbe } from '../native/binding-types.ts';
import type { AddonMissing, AddonState } from './addon-state.ts';
import { type Check, fault, ok } from './check.ts';

const PREFIX = 'helper.';

/** addon, and helper.* by real loads. */
export function addonChecks(addon: AddonState | AddonMissing, hasCapabilities: boolean): Check[] {
  if ('missing' in addon) return [fault('addon', 'error', addon.missing, addon.remedy)];
  const { version, libbpfVersion, probes } = addon;
  const loaded = ok('addon', `${version}, with libbpf ${libbpfVersion}`);
  if ('failure' in probes) {
    return [
      loaded,
      fault('helper.probe', 'error', probes.failure, 'See the other errors; they come first'),
    ];
  }
  return [loaded, ...probes.probes.map((probe) => probeCheck(probe, hasCapabilities))];
}

function probeCheck({ id, works, errno }: NativeProbe, hasCapabilities: boolean): Check {
  const name = id.includes('.') ? id : `${PREFIX}${id}`;
  if (works) return ok(name, 'works');
  return fault(
    name,
    'note',
    `refused: ${errnoName(errno)}`,
    hasCapabilities ? undefined : 'Give the capabilities that are missing, then look again',
  );
}

function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}
