import { createHash } from 'node:crypto';

import type { Origin } from '@sockflow/core';

const UNNAMED_DIGITS = 8;

/** What the options say of the host and boot that an input without an origin comes from. */
export interface OriginOptions {
  readonly origin?: string;
  readonly host?: string;
  readonly kernel?: string;
  readonly hz?: number;
  /** Wall clock at boot, ns since 1970. */
  readonly bootTime?: bigint;
}

/**
 * The origin of a conversion. What is not given stays unknown; a name there must be, so that two hosts' equal cookies stay apart: without one it follows from the
 * first line, the same for the same input.
 */
export function convertOrigin(options: OriginOptions, firstLine: string): Origin {
  const { origin, host, kernel, hz, bootTime } = options;
  return {
    id: origin ?? unnamed(firstLine),
    ...(host === undefined ? {} : { hostName: host }),
    ...(kernel === undefined ? {} : { kernelRelease: kernel }),
    ...(hz === undefined ? {} : { hz }),
    ...(bootTime === undefined ? {} : { clock: { bootNs: 0n, realtimeNs: bootTime } }),
  };
}

function unnamed(firstLine: string): string {
  const digest = createHash('sha256').update(firstLine).digest('hex');
  return `unnamed-${digest.slice(0, UNNAMED_DIGITS)}`;
}
