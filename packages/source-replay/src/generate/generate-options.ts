import { ConfigError } from '@sockflow/core';

import { PROFILE_NAMES, PROFILES, type ProfileName } from './profiles.ts';

/** What to generate: either a number of connections or a number of bytes. */
export interface GenerateOptions {
  /** Connections, each end that the host sees counting as one. */
  readonly connections?: number;
  /** Bytes of slots: generation ends with the connection that reaches it. */
  readonly sizeBytes?: number;
  /** Same seed, same events; 1 where not given. */
  readonly seed?: number | string;
  /** New connections per second of boot time; 4000 where not given. */
  readonly arrivalsPerSec?: number;
  /** Weights of kinds of connections, in place of the usual ones: kinds that are not named do not occur. */
  readonly profiles?: Partial<Record<ProfileName, number>>;
}

/** The options with every default filled in. */
export interface GenerateSettings {
  readonly connections: number;
  readonly sizeBytes: number;
  readonly seed: string;
  readonly arrivalsPerSec: number;
  readonly weights: readonly number[];
}

const DEFAULT_ARRIVALS_PER_SEC = 4000;

/** @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME */
export function settingsOf(options: GenerateOptions): GenerateSettings {
  const { connections, sizeBytes } = options;
  if ((connections === undefined) === (sizeBytes === undefined)) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `either connections or sizeBytes expected, found ${connections === undefined ? 'neither' : 'both'}`,
      { remedy: 'Give one of the two.' },
    );
  }
  const arrivalsPerSec = options.arrivalsPerSec ?? DEFAULT_ARRIVALS_PER_SEC;
  return {
    connections: connections === undefined ? Infinity : wholeNumber('connections', connections),
    sizeBytes: sizeBytes === undefined ? Infinity : wholeNumber('sizeBytes', sizeBytes),
    seed: String(options.seed ?? 1),
    arrivalsPerSec: positive('arrivalsPerSec', arrivalsPerSec),
    weights: weightsOf(options.profiles),
  };
}

function weightsOf(profiles: Partial<Record<ProfileName, number>> | undefined): number[] {
  if (profiles === undefined) {
    return PROFILE_NAMES.map((name) => PROFILES[name].weight);
  }
  const unknown = Object.keys(profiles).find((name) => !Object.hasOwn(PROFILES, name));
  if (unknown !== undefined) {
    throw new ConfigError(
      'ERR_SOCKFLOW_UNKNOWN_NAME',
      `a kind of connection expected, found ${JSON.stringify(unknown)}`,
      { details: { name: unknown }, remedy: `Known: ${PROFILE_NAMES.join(', ')}.` },
    );
  }
  const weights = PROFILE_NAMES.map((name) => profiles[name] ?? 0);
  if (weights.some((weight) => !(weight >= 0)) || weights.every((weight) => weight === 0)) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      'weights of 0 or more expected, at least one above 0',
      { details: { profiles }, remedy: 'Give the kinds that are to occur a weight above 0.' },
    );
  }
  return weights;
}

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `${name}: a whole number of at least 1 expected, found ${value}`,
      { details: { option: name, value }, remedy: `Give ${name} as a whole number.` },
    );
  }
  return value;
}

function positive(name: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `${name}: a number above 0 expected, found ${value}`,
      { details: { option: name, value }, remedy: `Give ${name} as a number above 0.` },
    );
  }
  return value;
}
