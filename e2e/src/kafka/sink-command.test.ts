import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';

import { KafkaBroker, requireKafka, useTempDir } from '@sockflow/test-support';

import { sockflow, sockflowOk } from '../cli/sockflow-command.ts';

const PASSWORD = 'geheimes-wort';

interface Summary {
  readonly outcome: string;
  readonly error?: { readonly code?: string };
  readonly ledger: {
    readonly total: {
      readonly outputs: readonly { readonly sinks: readonly Record<string, number>[] }[];
    };
  };
}

function configOf(t: TestContext, recording: string, sink: string): string {
  const config = join(useTempDir(t), 'run.yaml');
  writeFileSync(
    config,
    `source: { replay: { paths: ${JSON.stringify(recording)} } }
sinks: [${JSON.stringify(sink)}]
`,
  );
  return config;
}

function recordingIn(dir: string): string {
  const path = join(dir, 'made.sfrec');
  sockflowOk(['gen', path, '--connections', '300', '--seed', '5', '--quiet']);
  return path;
}

describe('a Kafka topic as the sink of a command', () => {
  test('gets all events of two lanes by a config file; what cannot be says its code, ends with another code than 0, and tells no secret', async (t) => {
    if (!requireKafka(t)) return;
    const dir = useTempDir(t);
    const broker = await KafkaBroker.start(t, {
      listeners: { SASL: 'SASL_PLAINTEXT' },
      properties: SASL,
    });
    broker.createTopic('events', 4);
    const recording = recordingIn(dir);
    const passwordFile = join(dir, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`);
    const target = `kafka://${broker.addressOf('SASL')}/events`;
    const user = `sasl=PLAIN&user=agent&password-file=${passwordFile}`;

    const good = configOf(t, recording, `${target}?${user}&encoding=msgpack&compression=lz4`);
    const done = sockflow(['run', '-c', good, '--json', '--lanes', '2']);
    assert.equal(done.status, 0, done.stderr);
    const [counts] = (JSON.parse(done.stdout) as Summary).ledger.total.outputs[0]?.sinks ?? [];
    const { given = 0, acknowledged, failed } = counts ?? {};
    assert.ok(given > 1000, String(given));
    assert.deepEqual([acknowledged, failed], [given, 0]);
    const inTopic = broker.endOffsets('events').reduce((total, end) => total + end, 0);
    assert.equal(inTopic, given);
    const explained = sockflow(['validate', '-c', good]);
    assert.equal(explained.status, 0, explained.stderr);

    writeFileSync(passwordFile, `${PASSWORD}-falsch\n`);
    const refused: readonly (readonly [string, string])[] = [
      [`${target}?${user}`, 'ERR_SOCKFLOW_KAFKA_ACCESS'],
      [`kafka://${broker.address}/none-such`, 'ERR_SOCKFLOW_KAFKA_TOPIC'],
      ['kafka://127.0.0.1:1/events', 'ERR_SOCKFLOW_KAFKA_UNREACHABLE'],
      [`kafka://agent:${PASSWORD}@127.0.0.1:1/events`, 'ERR_SOCKFLOW_INVALID_OPTION'],
      [`${target}?password=${PASSWORD}`, 'ERR_SOCKFLOW_UNKNOWN_NAME'],
    ];
    for (const [sink, code] of refused) {
      const config = configOf(t, recording, sink);
      const { status, stdout, stderr } = sockflow(['run', '-c', config, '--json']);
      assert.notEqual(status, 0, sink);
      assert.ok((stdout + stderr).includes(code), `${sink}: ${stderr}${stdout}`);
      assert.equal((stderr.match(/^(error|sockflow):/gim) ?? []).length <= 1, true, stderr);
      for (const said of [stdout, stderr, done.stdout, done.stderr, explained.stdout]) {
        assert.ok(!said.includes(PASSWORD), `${sink}: ${said}`);
      }
    }
  });
});

const SASL = {
  'auto.create.topics.enable': 'false',
  'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_agent="${PASSWORD}";`,
};
