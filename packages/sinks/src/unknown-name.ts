import { ConfigError, nearestName } from '@sockflow/core';

/** The error for a name that is none of `names`; suggests the nearest. */
export function unknownName(what: string, typed: string, names: readonly string[]): ConfigError {
  const nearest = nearestName(typed, names);
  const known = names.join(', ');
  return new ConfigError('ERR_SOCKFLOW_UNKNOWN_NAME', `unknown ${what} '${typed}'`, {
    remedy:
      nearest === undefined
        ? `Use one of ${known}`
        : `Did you mean '${nearest}'? There are ${known}`,
    details: { name: typed, nearest, known: names },
  });
}
