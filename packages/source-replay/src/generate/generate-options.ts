import { ConfigError } from '@sockflow/core';

import { checkNumber, checkRatio, checkWhole } from './check-options.ts';
import type { ProfileName } from './profiles.ts';
import { type RttOptions } from './rtt-distribution.ts';
import { weightsOf } from './weights.ts';

/** What to generate: a number of connections or of bytes, or a time with a rate. */
export interface GenerateOptions {
  /** Connections, each end that the host sees counting as one. */
  readonly connections?: number;
  /** Bytes of slots: generation ends with the connection that reaches it. */
  readonly sizeBytes?: number;
  /** Time in which connections begin, ms of boot time: with an amount it says the rate, with a rate the amount. */
  readonly durationMs?: number;
  /** Same seed, same events; 1 where not given. */
  readonly seed?: number | string;
  /** New connections per second of boot time; 4000 where nothing says how fast. */
  readonly arrivalsPerSec?: number;
  /** In its place: events per second, in the mean. */
  readonly eventsPerSec?: number;
  /** Weights of kinds of connections, in place of the usual ones: kinds that are not named do not occur. */
  readonly profiles?: Partial<Record<ProfileName, number>>;
  /** Share of the segments with data, SYN or FIN that are lost, 0 to 0.9, in place of the kinds that lose some. */
  readonly lossRatio?: number;
  /** How long round trips are, in place of 20 µs to 200 ms. */
  readonly rtt?: RttOptions;
  /** Cgroups that processes are in, each with a network namespace of its own: how many, or the weight of each. */
  readonly cgroups?: number | readonly number[];
  /** Hosts, each with its own boot, clock and cookies: 1 where not given. */
  readonly origins?: number;
  /** Share of connections over IPv6. */
  readonly ipv6Ratio?: number;
  /** Shares of connections that are refused, that nothing answers, and that stay half-open, in place of what the weights say. */
  readonly refusedRatio?: number;
  readonly unansweredRatio?: number;
  readonly halfOpenRatio?: number;
  /** Payload of each connection that is established, both ways together. */
  readonly bytesPerConnection?: number;
}

/** What the time between two beginnings is in proportion to. */
export type PaceUnit = 'arrival' | 'connection' | 'event' | 'byte';

/** The options with every default filled in. */
export interface GenerateSettings {
  readonly connections: number;
  readonly sizeBytes: number;
  /** Connections begin for so long, ns. */
  readonly durationNs: number;
  readonly seed: string;
  readonly pace: { readonly unit: PaceUnit; readonly perSec: number };
  readonly weights: readonly number[];
  /** `undefined`: the stories lose what they lose. */
  readonly lossRatio: number | undefined;
  readonly rtt: RttOptions | undefined;
  readonly cgroupWeights: readonly number[] | undefined;
  readonly origins: number;
  readonly ipv6Ratio: number | undefined;
  readonly bytesPerConnection: number;
}

const DEFAULT_ARRIVALS_PER_SEC = 4000;
const NS_PER_MS = 1_000_000;
const MAX_LOSS_RATIO = 0.9;
const MAX_CGROUPS = 256;
const MAX_ORIGINS = 256;
const MAX_RTT_US = 60_000_000;
const MAX_DURATION_MS = 30 * 86_400_000;

/** @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME */
export function settingsOf(options: GenerateOptions): GenerateSettings {
  const { connections, sizeBytes, durationMs, bytesPerConnection, lossRatio } = options;
  const hasAmount = connections !== undefined || sizeBytes !== undefined;
  if (connections !== undefined && sizeBytes !== undefined) {
    throw refused('either connections or sizeBytes expected, found both', 'Give one of the two');
  }
  if (!hasAmount && durationMs === undefined) {
    throw refused(
      'either connections or sizeBytes expected, or durationMs, found neither',
      'Give one of the three',
    );
  }
  if (durationMs !== undefined) {
    checkNumber('durationMs', durationMs, 0.001, MAX_DURATION_MS);
  }
  return {
    connections: connections === undefined ? Infinity : checkWhole('connections', connections),
    sizeBytes: sizeBytes === undefined ? Infinity : checkWhole('sizeBytes', sizeBytes),
    durationNs: durationMs === undefined || hasAmount ? Infinity : durationMs * NS_PER_MS,
    seed: String(options.seed ?? 1),
    pace: paceOf(options),
    weights: weightsOf(options),
    lossRatio:
      lossRatio === undefined ? undefined : checkNumber('lossRatio', lossRatio, 0, MAX_LOSS_RATIO),
    rtt: options.rtt === undefined ? undefined : checkedRtt(options.rtt),
    cgroupWeights: options.cgroups === undefined ? undefined : cgroupWeights(options.cgroups),
    origins: originsOf(options),
    ipv6Ratio:
      options.ipv6Ratio === undefined ? undefined : checkRatio('ipv6Ratio', options.ipv6Ratio),
    bytesPerConnection:
      bytesPerConnection === undefined
        ? Infinity
        : checkWhole('bytesPerConnection', bytesPerConnection),
  };
}

function paceOf(options: GenerateOptions): GenerateSettings['pace'] {
  const { connections, sizeBytes, durationMs, arrivalsPerSec, eventsPerSec } = options;
  const amount = connections ?? sizeBytes;
  const saidTwice =
    (arrivalsPerSec !== undefined && eventsPerSec !== undefined) ||
    ((arrivalsPerSec ?? eventsPerSec) !== undefined &&
      amount !== undefined &&
      durationMs !== undefined);
  if (saidTwice) {
    throw refused(
      'one of arrivalsPerSec, eventsPerSec, and an amount with durationMs expected, found several',
      'Give a rate, or a duration, or an amount and one of the two',
    );
  }
  if (amount !== undefined && durationMs !== undefined) {
    return {
      unit: connections === undefined ? 'byte' : 'connection',
      perSec: (amount * 1000) / durationMs,
    };
  }
  if (eventsPerSec !== undefined) {
    return { unit: 'event', perSec: checkNumber('eventsPerSec', eventsPerSec, 0) };
  }
  return {
    unit: 'arrival',
    perSec: checkNumber('arrivalsPerSec', arrivalsPerSec ?? DEFAULT_ARRIVALS_PER_SEC, 0),
  };
}

function checkedRtt(rtt: RttOptions): RttOptions {
  const { medianUs, spreadUs, p99Us } = rtt;
  checkNumber('rtt.medianUs', medianUs, 2, MAX_RTT_US);
  if (spreadUs !== undefined && p99Us !== undefined) {
    throw refused('one of rtt.spreadUs and rtt.p99Us expected, found both', 'Give one of the two');
  }
  if (spreadUs !== undefined) {
    checkNumber('rtt.spreadUs', spreadUs, 0, MAX_RTT_US);
  }
  if (p99Us !== undefined) {
    checkNumber('rtt.p99Us', p99Us, medianUs, MAX_RTT_US);
  }
  return rtt;
}

function cgroupWeights(cgroups: number | readonly number[]): readonly number[] {
  const weights =
    typeof cgroups === 'number'
      ? Array.from({ length: checkWhole('cgroups', cgroups, MAX_CGROUPS) }, () => 1)
      : cgroups;
  checkWhole('cgroups', weights.length, MAX_CGROUPS);
  weights.forEach((weight, index) => checkNumber(`cgroups[${index}]`, weight, 0));
  return weights;
}

function originsOf({ origins = 1, connections, sizeBytes }: GenerateOptions): number {
  checkWhole('origins', origins, MAX_ORIGINS);
  if ((connections ?? sizeBytes ?? Infinity) < origins) {
    throw refused(
      `at least one connection for each of ${origins} origins expected, found ${connections ?? sizeBytes}`,
      'Give more connections, or fewer origins',
    );
  }
  return origins;
}

function refused(message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { remedy });
}
