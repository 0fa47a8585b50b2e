import type { NativeConfig } from '../native/binding-types.ts';
import type { RttMode } from '../options/asked-ops.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';
import type { KernelFilter } from '../push-down/kernel-filter.ts';

/* Mirrors SOCKFLOW_RTT_* of bpf/sockflow_source.h. */
const RTT_MODE: Readonly<Record<RttMode, number>> = { off: 0, folded: 1, raw: 2 };

const NS_PER_MS = 1e6;

/**
 * From which fill of a ring connections are left out, and from which all of the class: raw samples, query ops and header options while there is still much room, so that
 * the lives and losses of connections find some.
 */
const SHED_RATIOS = { first: [0.5, 0.75], last: [0.875, 1] } as const;

/** What the addon is opened with. */
export interface NativeConfigInput {
  readonly settings: BpfSettings;
  readonly filter: KernelFilter;
  readonly lanes: number;
  readonly cgroupPath: string;
  readonly objectPath: string;
}

/** The settings as the addon takes them: struct sockflow_config of bpf/sockflow_source.h, by name. */
export function nativeConfig(input: NativeConfigInput): NativeConfig {
  const { settings, filter, lanes, cgroupPath, objectPath } = input;
  const { asked, ringBytes, btfPath } = settings;
  const bytes = ([from, all]: readonly [number, number]): readonly [number, number] => [
    Math.floor(ringBytes * from),
    Math.floor(ringBytes * all),
  ];
  return {
    objectPath,
    cgroupPath,
    ...(btfPath === undefined ? {} : { btfPath }),
    withoutFeatures: 0,
    lanes,
    ringBytes,
    opsMask: asked.opsMask,
    filterOpsMask: filter.opsMask,
    kindsMask: filter.kindsMask,
    cbFlags: asked.cbFlags,
    rttMode: RTT_MODE[asked.rtt],
    foldIntervalNs: BigInt(Math.round(settings.foldIntervalMs * NS_PER_MS)),
    ecnOnRequestOnly: asked.isEcnOnRequestOnly,
    requestTstamp: asked.timestamps !== 'no',
    sampleThreshold: filter.sampleThreshold,
    shedFirst: bytes(SHED_RATIOS.first),
    shedLast: bytes(SHED_RATIOS.last),
    ports: filter.ports,
    networks: filter.networks,
  };
}
