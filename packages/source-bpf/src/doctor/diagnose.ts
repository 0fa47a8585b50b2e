import { parseKernelVersion } from '../host/kernel-version.ts';
import { abilitiesOf, type Ability } from './abilities.ts';
import { addonChecks } from './addon-checks.ts';
import { type AddonMissing, addonState, type AddonState, type TriedLoad } from './addon-state.ts';
import { capabilityChecks, mayLoadPrograms } from './capability-checks.ts';
import { cgroupChecks, observedCgroup } from './cgroup-checks.ts';
import { type Check, fault } from './check.ts';
import { hiddenProcessesCheck } from './hidden-processes-check.ts';
import { kernelChecks } from './kernel-checks.ts';
import { type Machine, thisMachine } from './machine.ts';
import { otherProgramsCheck } from './other-programs-check.ts';
import { outputCheck } from './output-check.ts';
import { type Tier, tierOf } from './tier.ts';
import { toolchainChecks } from './toolchain-checks.ts';

/*
 * What of this machine live capture needs, looked at in order: /proc and /sys first, then tiny programs loaded through the addon. Main thread; changes nothing,
 * leaves nothing behind, never throws.
 */

/** Settings of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The cgroup to observe; `auto` (the default) is the root of the mounted cgroup2. */
  readonly cgroup?: string;
  /** A recording that is to be written. */
  readonly output?: string;
  /** Another machine than this one, for tests. */
  readonly machine?: Machine;
  /** Another addon than the installed one, for tests. */
  readonly addon?: AddonState | AddonMissing;
}

/** What {@link diagnose} found. */
export interface Diagnosis {
  /** Whether live capture works: no check is an error. */
  readonly canCapture: boolean;
  readonly kernelRelease: string;
  /** What the kernel's version offers at most. */
  readonly tier: Pick<Tier, 'id' | 'adds'>;
  readonly abilities: readonly Ability[];
  readonly checks: readonly Check[];
}

/** Looks at everything that live capture needs of this machine. */
export function diagnose(options: DiagnoseOptions = {}): Diagnosis {
  const machine = options.machine ?? thisMachine();
  const isLinux = machine.platform === 'linux';
  const version = isLinux ? parseKernelVersion(machine.kernelRelease) : undefined;
  const addon = options.addon ?? addonState(machine);
  const observed = isLinux ? observedCgroup(machine, options.cgroup ?? 'auto') : undefined;
  const tryLoad = (): TriedLoad =>
    'missing' in addon || observed === undefined ? undefined : addon.tryLoad(observed.path);
  const capabilities = isLinux ? capabilityChecks(machine, version, tryLoad) : [];
  const checks = [
    ...(isLinux
      ? kernelChecks(machine, version, 'hz' in addon ? addon.hz : undefined)
      : [noLinux(machine)]),
    ...(isLinux ? cgroupChecks(machine, version, observed) : []),
    ...capabilities,
    ...(isLinux ? hiddenProcessesCheck(machine, observed) : []),
    ...addonChecks(addon, version, mayLoadPrograms(capabilities)),
    ...otherProgramsCheck(addon, observed),
    ...toolchainChecks(machine, !('missing' in addon)),
    outputCheck(machine, options.output),
  ];
  const canCapture = checks.every(({ severity }) => severity !== 'error');
  const { id, adds } = tierOf(version);
  return {
    canCapture,
    kernelRelease: machine.kernelRelease,
    tier: { id, adds },
    abilities: abilitiesOf(canCapture, addon, version),
    checks,
  };
}

function noLinux({ platform, kernelRelease }: Machine): Check {
  return fault(
    'kernel.release-tier',
    'error',
    `${platform} ${kernelRelease} is T0: sock_ops events come from Linux`,
    'Capture on Linux; recordings work here',
  );
}
