import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';

import {
  certificatesIn,
  type KafkaBroker,
  makeCertificates,
  requireTool,
  type SkippableTest,
  type TestCertificates,
} from '@sockflow/test-support';

import type { KafkaOptions } from './kafka-options.ts';
import { kafka } from './kafka.ts';
import { readTopic } from './read-topic.test.support.ts';
import { sharedBroker } from './shared-broker.test.support.ts';
import { makeTopic } from './topics.test.support.ts';

const ONE_LANE = { lane: 0, lanes: 1 } as const;
const TOPIC = 'guarded';
const PASSWORD = 'geheimes-wort';
const WRONG = 'falsches-wort';
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const MODULES = 'org.apache.kafka.common.security';

function propertiesOf({ ca, serverStore }: TestCertificates): Record<string, string> {
  const plainUsers = ['writer', 'stranger'].map((name) => `user_${name}="${PASSWORD}"`).join(' ');
  const sasl = 'listener.name.sasl';
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': serverStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.mutual.ssl.client.auth': 'required',
    [`${sasl}.sasl.enabled.mechanisms`]: MECHANISMS.join(','),
    [`${sasl}.plain.sasl.jaas.config`]: `${MODULES}.plain.PlainLoginModule required ${plainUsers};`,
    [`${sasl}.scram-sha-256.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
    [`${sasl}.scram-sha-512.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:CN=agent;User:writer',
  };
}

describe('a topic behind TLS and SASL', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-certificates-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const files = (name: string): string => join(dir, name);
  const certificates = certificatesIn(dir);
  const { ca: caFile, clientCert: certFile, clientKey: keyFile } = certificates;
  const startBroker = sharedBroker({
    listeners: { TLS: 'SSL', MUTUAL: 'SSL', SASL: 'SASL_SSL' },
    properties: propertiesOf(certificates),
    scramUsers: { writer: PASSWORD, stranger: PASSWORD },
  });
  let isReady = false;

  async function useBroker(t: SkippableTest): Promise<KafkaBroker | undefined> {
    if (!requireTool(t, 'openssl', ['version'])) return undefined;
    if (isReady) return startBroker(t);
    makeCertificates(dir, 'agent');
    writeFileSync(files('password'), `${PASSWORD}\n`);
    writeFileSync(files('wrong'), WRONG);
    isReady = true;
    const broker = await startBroker(t);
    if (broker !== undefined) await makeTopic(broker.address, TOPIC);
    return broker;
  }

  function saslOf(more: object): Partial<KafkaOptions> {
    const user = {
      username: 'writer',
      passwordFile: files('password'),
      mechanism: 'PLAIN',
    } as const;
    return { tls: { caFile }, sasl: { ...user, ...more } };
  }

  async function writeOne(brokers: string, options: Partial<KafkaOptions>): Promise<void> {
    const sink = kafka({ brokers, topic: TOPIC, ...options });
    await sink.prepare?.({ lanes: 1 });
    const writer = await sink.open(ONE_LANE);
    await writer.write({ by: inspect(options) });
    await writer.close({ isComplete: true });
    assert.equal(writer.acknowledged, 1);
  }

  async function assertRefused(
    brokers: string,
    options: Partial<KafkaOptions>,
    message: RegExp,
    remedy: RegExp,
  ): Promise<void> {
    const sink = kafka({ brokers, topic: TOPIC, ...options });
    await assert.rejects(
      async () => sink.prepare?.({ lanes: 1 }),
      (error: Error & { code?: string; remedy?: string }) => {
        assert.equal(error.code, 'ERR_SOCKFLOW_KAFKA_ACCESS', inspect(error));
        assert.match(error.message, message);
        assert.match(error.remedy ?? '', remedy);
        const whole = inspect(error, { depth: 20, showHidden: true });
        for (const secret of [PASSWORD, WRONG]) assert.ok(!whole.includes(secret));
        return true;
      },
    );
  }

  test('is written to over TLS, with a certificate of one’s own, and as a user of each mechanism', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await writeOne(broker.addressOf('TLS'), { tls: { caFile } });
    await writeOne(broker.addressOf('TLS'), { tls: { caFile, serverName: 'localhost' } });
    await writeOne(broker.addressOf('MUTUAL'), { tls: { caFile, certFile, keyFile } });
    for (const mechanism of MECHANISMS)
      await writeOne(broker.addressOf('SASL'), saslOf({ mechanism }));
    process.env['SOCKFLOW_TEST_PASSWORD'] = PASSWORD;
    t.after(() => delete process.env['SOCKFLOW_TEST_PASSWORD']);
    await writeOne(broker.addressOf('SASL'), {
      tls: { caFile },
      sasl: { mechanism: 'PLAIN', username: 'writer', passwordEnv: 'SOCKFLOW_TEST_PASSWORD' },
    });
    assert.equal((await readTopic(broker.address, TOPIC)).length, 7);
  });

  test('is refused where a certificate is not trusted, for another name, or not there', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const address = broker.addressOf('TLS');
    await assertRefused(address, { tls: true }, /certificate is not trusted/, /tls\.caFile/);
    const other = { caFile, serverName: 'other.example' };
    await assertRefused(address, { tls: other }, /certificate is for another name/, /serverName/);
    const mutual = broker.addressOf('MUTUAL');
    await assertRefused(mutual, { tls: { caFile } }, /TLS with the broker failed/, /tls\.certFile/);
  });

  test('is refused with a wrong password, a user without rights, and where no SASL is expected; secrets are in no error', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const address = broker.addressOf('SASL');
    for (const mechanism of MECHANISMS) {
      const options = saslOf({ mechanism, passwordFile: files('wrong') });
      await assertRefused(address, options, /refuse user name or password/, /Check user name/);
    }
    const stranger = saslOf({ username: 'stranger' });
    await assertRefused(address, stranger, /the user has no right to it/, /WRITE and DESCRIBE/);
    await assertRefused(broker.addressOf('TLS'), saslOf({}), /expects no SASL/, /leave sasl out/);
  });
});
