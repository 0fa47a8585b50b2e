import type { CommandContext } from '../command.ts';
import { reportError } from '../terminal/report-error.ts';
import { type Config, readConfig } from './read-config.ts';
import type { Secret } from './substitute.ts';

/** Shorter values may be part of any word. */
const SHORTEST_SECRET = 4;
const SECRET_NAME = /pass|secret|token|key|credential|auth/i;
/** A URL with a user and a password in it, whatever its variable is called. */
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]*@/;

/**
 * Reads a config file for a command: tells all that is wrong with it on stderr, and keeps secrets that came from the environment off both streams from then on.
 *
 * @returns `undefined` where something is wrong
 */
export function loadConfig(
  context: CommandContext,
  path: string,
  isVerbose: boolean,
): Config | undefined {
  const { config, errors, secrets } = readConfig(path, process.env);
  hideSecrets(context, secrets);
  for (const error of errors) reportError(context.err, error, isVerbose);
  return config;
}

/** Keeps secrets off both streams: what came from the environment by a secret's name. Paths and the like stay, since messages need them. */
export function hideSecrets({ out, err }: CommandContext, secrets: readonly Secret[]): void {
  const hidden = secrets
    .filter(
      ({ name, value }) =>
        value.length >= SHORTEST_SECRET && (SECRET_NAME.test(name) || SECRET_VALUE.test(value)),
    )
    .map(({ name, value }) => ({ text: value, standsFor: `\${${name}}` }));
  out.hide(hidden);
  err.hide(hidden);
}
