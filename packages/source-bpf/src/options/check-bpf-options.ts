import { CbFlag, ConfigError, LAST_KNOWN_OP, nearestName, Op, OP_NAMES } from '@sockflow/core';

import type { BpfOptions } from '../bpf-options.ts';
import { askedOps, type AskedOps, type RttMode } from './asked-ops.ts';

/** The options, checked and completed. */
export interface BpfSettings {
  /** A path, or `auto`. */
  readonly cgroup: string;
  readonly asked: AskedOps;
  readonly foldIntervalMs: number;
  readonly existing: 'auto' | 'own-netns' | 'all-netns' | 'off';
  readonly ringBytes: number;
  readonly memory: 'auto' | 'mapped' | 'copied';
  readonly btfPath: string | undefined;
  readonly isPushedDown: boolean;
}

const MIN_RING_BYTES = 4096;
const MAX_RING_BYTES = 2 ** 30;
const DEFAULT_RING_BYTES = 16 * 1024 * 1024;
const DEFAULT_FOLD_INTERVAL_MS = 1000;
const LONGEST_FOLD_INTERVAL_MS = 24 * 60 * 60 * 1000;
const ALL_CB_FLAGS = 0x7f;

const RTT_MODES = ['folded', 'raw', 'off'] as const;
const EXISTING = ['auto', 'own-netns', 'all-netns', 'off'] as const;
const MEMORY = ['auto', 'mapped', 'copied'] as const;
const NAMES: Readonly<Record<keyof BpfOptions, true>> = {
  cgroup: true,
  ops: true,
  cbFlags: true,
  rtt: true,
  rttIntervalMs: true,
  existing: true,
  ringBytes: true,
  memory: true,
  btfPath: true,
  pushDown: true,
};

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function checkBpfOptions(options: BpfOptions): BpfSettings {
  checkNames(options);
  const rtt = oneOf('rtt', options.rtt, RTT_MODES);
  const ops = checkOps(options.ops);
  checkRtt(ops, rtt, options.rttIntervalMs);
  const asked = askedOps({ ops, cbFlags: checkCbFlags(options.cbFlags), rtt });
  return {
    cgroup: checkText('cgroup', options.cgroup) ?? 'auto',
    asked,
    foldIntervalMs: checkInterval(options.rttIntervalMs, asked.rtt),
    existing: oneOf('existing', options.existing, EXISTING) ?? 'auto',
    ringBytes: checkRingBytes(options.ringBytes),
    memory: oneOf('memory', options.memory, MEMORY) ?? 'auto',
    btfPath: checkText('btfPath', options.btfPath),
    isPushedDown: checkBoolean('pushDown', options.pushDown) ?? true,
  };
}

function refuse(option: string, expected: string, found: unknown, remedy: string): never {
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `bpf: expected ${option} to be ${expected}, found ${describe(found)}`,
    { details: { option }, remedy },
  );
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value) ?? String(value);
}

function checkNames(options: BpfOptions): void {
  if (typeof options !== 'object' || options === null) {
    refuse(
      'its options',
      'an object',
      options,
      "Write bpf({ cgroup: '/sys/fs/cgroup' }), or bpf()",
    );
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(NAMES, name)) continue;
    const near = nearestName(name, Object.keys(NAMES));
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `bpf: there is no option '${name}'${near === undefined ? '' : `: did you mean '${near}'?`}`,
      { details: { option: name }, remedy: `Its options are ${Object.keys(NAMES).join(', ')}` },
    );
  }
}

function oneOf<T extends string>(
  option: string,
  value: unknown,
  accepted: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = accepted.find((name) => name === value);
  const list = accepted.map((name) => `'${name}'`).join(', ');
  return found ?? refuse(option, `one of ${list}`, value, `Give ${option} one of ${list}`);
}

function checkOps(ops: unknown): readonly number[] | 'all' | undefined {
  if (ops === undefined || ops === 'all') return ops;
  const remedy = `Name ops as Op.RTT_CB, numbers from 1 to ${LAST_KNOWN_OP}; or 'all', which reports those of later kernels too`;
  if (!Array.isArray(ops)) refuse('ops', "a list of ops, or 'all'", ops, remedy);
  const list = ops as readonly unknown[];
  if (list.length === 0) refuse('ops', "at least one op, or 'all'", ops, remedy);
  return list.map((op) =>
    typeof op === 'number' && Number.isInteger(op) && op > Op.VOID && op <= LAST_KNOWN_OP
      ? op
      : refuse('each of ops', `an op that fires (1 to ${LAST_KNOWN_OP})`, op, remedy),
  );
}

function checkRtt(
  ops: readonly number[] | 'all' | undefined,
  rtt: RttMode | undefined,
  intervalMs: unknown,
): void {
  const namesRtt = Array.isArray(ops) && ops.includes(Op.RTT_CB);
  if (namesRtt && rtt !== undefined && rtt !== 'raw') {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `bpf: ops names ${OP_NAMES[Op.RTT_CB]}, a slot for each sample, and rtt is '${rtt}'`,
      {
        details: { option: 'rtt' },
        remedy: `Take Op.RTT_CB out of ops for ${rtt === 'off' ? 'no samples' : 'folded ones'}, or leave rtt out for samples`,
      },
    );
  }
  const isFolded = rtt === 'folded' || (rtt === undefined && !namesRtt && ops !== 'all');
  if (intervalMs !== undefined && !isFolded) {
    refuse(
      'rttIntervalMs',
      'left out where RTT samples are not folded',
      intervalMs,
      'Leave rttIntervalMs out: it is how often folded samples are summarised',
    );
  }
}

function checkCbFlags(flags: unknown): number {
  if (flags === undefined) return 0;
  if (typeof flags === 'number' && (flags & ~ALL_CB_FLAGS) === 0 && Number.isInteger(flags)) {
    return flags;
  }
  const names = Object.keys(CbFlag).join(', ');
  return refuse(
    'cbFlags',
    `bits of CbFlag (0 to ${ALL_CB_FLAGS})`,
    flags,
    `Combine CbFlag's: ${names}`,
  );
}

function checkInterval(intervalMs: unknown, rtt: RttMode): number {
  if (rtt !== 'folded' || intervalMs === undefined) return DEFAULT_FOLD_INTERVAL_MS;
  if (
    typeof intervalMs === 'number' &&
    Number.isFinite(intervalMs) &&
    intervalMs >= 0 &&
    intervalMs <= LONGEST_FOLD_INTERVAL_MS
  ) {
    return intervalMs;
  }
  return refuse(
    'rttIntervalMs',
    `a number of ms from 0 to ${LONGEST_FOLD_INTERVAL_MS}`,
    intervalMs,
    'Take 1000 for a summary a second, or 0 for one at the close of a connection only',
  );
}

function checkRingBytes(bytes: unknown): number {
  if (bytes === undefined) return DEFAULT_RING_BYTES;
  if (
    typeof bytes === 'number' &&
    bytes >= MIN_RING_BYTES &&
    bytes <= MAX_RING_BYTES &&
    2 ** Math.round(Math.log2(bytes)) === bytes
  ) {
    return bytes;
  }
  return refuse(
    'ringBytes',
    `a power of two from ${MIN_RING_BYTES} (4 KiB) to ${MAX_RING_BYTES} (1 GiB)`,
    bytes,
    `Take ${DEFAULT_RING_BYTES} (16 MiB, 65536 slots) to begin with`,
  );
}

function checkText(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  return refuse(
    option,
    'a path',
    value,
    `Give ${option} the path of ${option === 'cgroup' ? 'a cgroup2 directory' : 'a BTF file'}, or leave it out`,
  );
}

function checkBoolean(option: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  return refuse(option, 'true or false', value, `Give ${option} true or false`);
}
