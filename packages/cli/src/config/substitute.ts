import { type Document, isScalar, visit } from 'yaml';

import type { ConfigProblems } from './config-problem.ts';

/** `$$`, `${NAME}`, `${NAME:-default}`, or a `${` that is none of these. */
const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

/** Stands for a variable that is not there: what it is part of is told once, and not looked at further. */
export const UNSET = '\u0000';

/** What took the place of variables: not to be printed. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/**
 * Puts variables of the environment into the texts of a config file; keys stay as they are. A text keeps being a text: what looks like YAML in a variable is none.
 *
 * @returns the values that were taken from the environment.
 */
export function substitute(
  document: Document,
  env: NodeJS.ProcessEnv,
  problems: ConfigProblems,
): Secret[] {
  const secrets = new Map<string, Secret>();
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string') return;
      const place = problems.placeAt(node.range?.[0] ?? 0);
      node.value = node.value.replace(REFERENCE, (found, name?: string, otherwise?: string) => {
        if (found === '$$') return '$';
        if (name === undefined) {
          problems.addAt(
            place,
            'expected ${NAME} or ${NAME:-default}, found ${ without an end or a name',
            'Write $${ for the characters themselves',
            'ERR_SOCKFLOW_CONFIG_VARIABLE',
          );
          return found;
        }
        const value = env[name];
        if (value !== undefined && (value !== '' || otherwise === undefined)) {
          secrets.set(name, { name, value });
          return value;
        }
        if (otherwise !== undefined) return otherwise;
        problems.addAt(
          place,
          `the environment has no variable ${name}`,
          `Set ${name}, or give a default: \${${name}:-…}`,
          'ERR_SOCKFLOW_CONFIG_VARIABLE',
        );
        return UNSET;
      });
    },
  });
  return [...secrets.values()];
}
