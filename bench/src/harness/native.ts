import { createRequire } from 'node:module';

/*
 * What these benchmarks use of the addon without the source above it: the program with settings of their own, its run times, the clocks. The source's declarations say what each means.
 */

export interface NativeRing {
  readonly capacityBytes: number;
  readonly pageBytes: number;
  readonly consumerPage: SharedArrayBuffer;
  readonly producerPageAndData: SharedArrayBuffer;
}

export interface NativeSource {
  attach(): void;
  mapRing(lane: number): NativeRing;
  detach(): void;
  runStats(): { readonly runs: bigint; readonly totalNs: bigint };
  close(): void;
}

export interface NativeSettings {
  readonly cgroupPath: string;
  readonly ringBytes: number;
  readonly opsMask: bigint;
  readonly cbFlags: number;
  /** 0 off, 1 folded, 2 raw. */
  readonly rttMode: number;
}

interface Addon {
  openSource(config: object): NativeSource;
  readClocks(): { readonly bootNs: bigint; readonly monotonicNs: bigint };
}

const require = createRequire(import.meta.url);
const PACKAGE = '@sockflow/source-bpf-linux-x64';
const SECOND_NS = 1_000_000_000n;

/** The addon; call it only where needs.ts found nothing missing. */
export function loadAddon(): Addon {
  return require(`${PACKAGE}/sockflow_bpf.node`) as Addon;
}

/** Loads the program with one lane that sheds nothing: what a full ring refuses is lost, as any other program's events are. */
export function openNative(settings: NativeSettings): NativeSource {
  const { ringBytes } = settings;
  return loadAddon().openSource({
    ...settings,
    objectPath: require.resolve(`${PACKAGE}/sockflow.bpf.o`),
    withoutFeatures: 0,
    lanes: 1,
    filterOpsMask: undefined,
    kindsMask: 0xff,
    foldIntervalNs: SECOND_NS,
    ecnOnRequestOnly: false,
    requestTstamp: false,
    sampleThreshold: 1 << 24,
    shedFirst: [ringBytes, ringBytes],
    shedLast: [ringBytes, ringBytes],
    ports: undefined,
    networks: undefined,
  });
}
