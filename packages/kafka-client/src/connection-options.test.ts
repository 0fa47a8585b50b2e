import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { kafkaClientOptions } from './connection-options.ts';

const SASL = { mechanism: 'PLAIN', username: 'agent' } as const;

describe('how brokers are reached', () => {
  test('takes several brokers as a text or a list', () => {
    const brokers = ['a:9092', '[::1]:9093'];
    assert.deepEqual(kafkaClientOptions({ brokers }).bootstrapBrokers, brokers);
    assert.deepEqual(
      kafkaClientOptions({ brokers: 'a:9092, [::1]:9093' }).bootstrapBrokers,
      brokers,
    );
  });

  test('refuses what is no HOST:PORT by name', () => {
    for (const broker of ['', 'a', 'a:', 'a:0', 'a:65536', 'http://a:9092', 'a b:1']) {
      assert.throws(() => kafkaClientOptions({ brokers: [broker] }), {
        code: 'ERR_SOCKFLOW_INVALID_OPTION',
        message: `kafka: '${broker}' is no HOST:PORT`,
      });
    }
  });

  test('takes no user and password before a broker, and does not repeat them', () => {
    assert.throws(() => kafkaClientOptions({ brokers: 'agent:geheim@a:9092' }), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      message: "kafka: '...@a:9092' is no HOST:PORT",
    });
  });

  test('reads the password from a file, without its line end, or from the environment', (t) => {
    const passwordFile = join(useTempDir(t), 'password');
    writeFileSync(passwordFile, ' a b\r\n');
    process.env['SOCKFLOW_TEST_PASSWORD'] = 'c\n';
    t.after(() => delete process.env['SOCKFLOW_TEST_PASSWORD']);
    const passwordOf = (from: object): string | undefined =>
      kafkaClientOptions({ brokers: 'a:1', sasl: { ...SASL, ...from } }).sasl?.password;
    assert.equal(passwordOf({ passwordFile }), ' a b');
    assert.equal(passwordOf({ passwordEnv: 'SOCKFLOW_TEST_PASSWORD' }), 'c\n');
  });

  test('says what of SASL or TLS is missing, and where it was looked for', () => {
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{ sasl: SASL }, /no password for SASL is given/],
      [
        { sasl: { ...SASL, passwordEnv: 'SOCKFLOW_NO_SUCH' } },
        /variable SOCKFLOW_NO_SUCH is not set/,
      ],
      [
        { sasl: { ...SASL, passwordFile: '/no/such' } },
        /sasl.passwordFile '\/no\/such' cannot be read/,
      ],
      [{ sasl: { ...SASL, username: '', passwordEnv: 'PATH' } }, /no user name/],
      [{ tls: { caFile: '/no/such' } }, /tls.caFile '\/no\/such' cannot be read/],
    ];
    for (const [options, message] of refusals) {
      assert.throws(() => kafkaClientOptions({ brokers: 'a:1', ...options }), {
        code: 'ERR_SOCKFLOW_INVALID_OPTION',
        message,
      });
    }
    const sasl = { ...SASL, mechanism: 'SCRAM-SHA-265' as 'SCRAM-SHA-256' };
    assert.throws(() => kafkaClientOptions({ brokers: 'a:1', sasl }), {
      code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
      remedy: "Did you mean 'SCRAM-SHA-256'?",
    });
  });

  test('tells the name of the broker in the TLS handshake, but no address', () => {
    const nameTold = (brokers: string): boolean | undefined =>
      kafkaClientOptions({ brokers, tls: true }).tlsServerName;
    assert.equal(nameTold('kafka.example:9093'), true);
    assert.equal(nameTold('127.0.0.1:9093'), undefined);
    assert.equal(nameTold('[::1]:9093'), undefined);
  });
});
