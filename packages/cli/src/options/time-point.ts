import { ConfigError } from '@sockflow/core';

import { badValue, parseDurationNs } from './quantities.ts';

/** A moment as it is typed: since the first event, since boot, or on the wall clock; all ns. */
export type TimePoint =
  | { readonly since: 'start'; readonly ns: bigint }
  | { readonly since: 'boot'; readonly ns: bigint }
  | { readonly since: 'epoch'; readonly ns: bigint };

/** What a recording offers to place a moment in it. */
export interface TimeBase {
  /** `undefined` where it cannot be looked into before: a pipe. */
  readonly firstNs: bigint | undefined;
  /** Both clocks at one moment, where the origin knows them. */
  readonly clock: { readonly bootNs: bigint; readonly realtimeNs: bigint } | undefined;
  /** Origins in the recording: the boot times of several are not comparable. */
  readonly originCount: number;
}

const EXPECTED =
  'a duration after the first event (10s), ns since boot (4824048839939) or a time (2026-11-22T10:00:00Z)';

/** Reads `10s`, `4824048839939` or `2026-11-22T10:00:00Z`. */
export function parseTimePoint(option: string, text: string): TimePoint {
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const epochMs = Date.parse(text);
    if (Number.isNaN(epochMs)) throw badValue(option, text, EXPECTED);
    return { since: 'epoch', ns: BigInt(epochMs) * 1_000_000n };
  }
  if (/^\d+$/.test(text)) return { since: 'boot', ns: BigInt(text) };
  if (!/^(\d+(\.\d+)?\s*[a-zµ]+)+$/i.test(text)) throw badValue(option, text, EXPECTED);
  return { since: 'start', ns: parseDurationNs(option, text) };
}

/** The moment in ns since boot of the recording's one origin. */
export function resolveTimePoint(option: string, point: TimePoint, base: TimeBase): bigint {
  if (base.originCount > 1) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `${option} needs one clock, and the recording has events of ${base.originCount} origins`,
      {
        details: { place: option },
        remedy: `Leave ${option} out, or take a recording of one host and boot`,
      },
    );
  }
  switch (point.since) {
    case 'start':
      if (base.firstNs === undefined) throw notPlaced(option);
      return base.firstNs + point.ns;
    case 'boot':
      return point.ns;
    case 'epoch':
      if (base.clock === undefined) {
        throw new ConfigError(
          'ERR_SOCKFLOW_INVALID_OPTION',
          `${option} is a time of day, and the recording does not know the wall clock`,
          {
            details: { place: option },
            remedy: 'Give a duration after the first event (10s) or ns since boot',
          },
        );
      }
      return point.ns - base.clock.realtimeNs + base.clock.bootNs;
  }
}

function notPlaced(option: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${option} counts from the first event, which is not known of what is read as it comes`,
    { details: { place: option }, remedy: 'Give ns since boot, or replay a file' },
  );
}
