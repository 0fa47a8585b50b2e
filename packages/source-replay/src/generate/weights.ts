import { ConfigError } from '@sockflow/core';

import { checkRatio } from './check-options.ts';
import type { GenerateOptions } from './generate-options.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from './profiles.ts';

/** Kinds whose stories are about losses: with a share of lost segments given, any story has them. */
const LOSING_KINDS: ReadonlySet<ProfileName> = new Set(['loss', 'timeout', 'stall']);
const SHARED_KINDS = {
  refused: 'refusedRatio',
  blackhole: 'unansweredRatio',
  halfOpen: 'halfOpenRatio',
} as const;

/**
 * The weight of each kind of connection, in the order of `PROFILE_NAMES`: the kinds that a share was given for have it, the others share the rest as their
 * weights say.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function weightsOf(options: GenerateOptions): number[] {
  const weights = ownWeights(options);
  const shares = sharesOf(options);
  const shared = [...shares.values()].reduce((sum, share) => sum + share, 0);
  const rest = PROFILE_NAMES.reduce(
    (sum, name, index) => (shares.has(name) ? sum : sum + weights[index]!),
    0,
  );
  if (shares.size === 0) {
    return weights;
  }
  if (shared > 1 || (shared < 1 && rest === 0)) {
    throw refused(
      `shares of at most 1 together expected, and kinds for the rest, found ${shared}`,
      options,
    );
  }
  return PROFILE_NAMES.map((name, index) => {
    const share = shares.get(name);
    return share ?? (rest === 0 ? 0 : (weights[index]! / rest) * (1 - shared));
  });
}

function sharesOf(options: GenerateOptions): Map<ProfileName, number> {
  const shares = new Map<ProfileName, number>();
  for (const [name, option] of Object.entries(SHARED_KINDS)) {
    const share = options[option];
    if (share !== undefined) {
      shares.set(name as ProfileName, checkRatio(option, share));
    }
  }
  return shares;
}

function ownWeights({ profiles, lossRatio }: GenerateOptions): number[] {
  if (profiles === undefined) {
    return PROFILE_NAMES.map((name) =>
      lossRatio !== undefined && LOSING_KINDS.has(name) ? 0 : PROFILES[name].weight,
    );
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
    throw refused('weights of 0 or more expected, at least one above 0', { profiles });
  }
  return weights;
}

function refused(message: string, details: GenerateOptions): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, {
    details,
    remedy: 'Give the kinds that are to occur a weight above 0',
  });
}
