import { ConfigError, nearestName } from '@sockflow/core';

import { readSecretFile } from './secret-file.ts';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Who the client is to the brokers; the password comes from a file or the environment only. */
export interface KafkaSasl {
  readonly mechanism: (typeof MECHANISMS)[number];
  readonly username: string;
  /** A file that holds the password; a line end at its end does not count. */
  readonly passwordFile?: string;
  /** The name of an environment variable that holds the password. */
  readonly passwordEnv?: string;
}

/** As the client wants it. */
export interface SaslSettings {
  readonly mechanism: KafkaSasl['mechanism'];
  readonly username: string;
  readonly password: string;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME */
export function saslSettings(sasl: KafkaSasl): SaslSettings {
  const { mechanism, username } = sasl;
  if (!MECHANISMS.includes(mechanism)) {
    const nearest = nearestName((mechanism as string).toUpperCase(), MECHANISMS);
    throw new ConfigError(
      'ERR_SOCKFLOW_UNKNOWN_NAME',
      `kafka: there is no SASL mechanism '${mechanism}' here`,
      {
        remedy:
          nearest === undefined ? `Use ${MECHANISMS.join(', ')}` : `Did you mean '${nearest}'?`,
        details: { option: 'sasl.mechanism' },
      },
    );
  }
  if (username === undefined || username === '') {
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'kafka: no user name for SASL is given', {
      remedy: 'Name the user with sasl.username (user=NAME in a sink spec)',
      details: { option: 'sasl.username' },
    });
  }
  return { mechanism, username, password: passwordOf(sasl) };
}

function passwordOf({ passwordFile, passwordEnv }: KafkaSasl): string {
  if (passwordFile !== undefined)
    return readSecretFile(passwordFile, 'sasl.passwordFile').replace(/\r?\n$/, '');
  const password = passwordEnv === undefined ? undefined : process.env[passwordEnv];
  if (password !== undefined) return password;
  const what =
    passwordEnv === undefined
      ? 'no password for SASL is given'
      : `the environment variable ${passwordEnv} is not set`;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafka: ${what}`, {
    remedy:
      'Name a file with sasl.passwordFile, or a variable with sasl.passwordEnv (password-file, password-env in a sink spec)',
    details: { option: 'sasl' },
  });
}
