import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';

import {
  KafkaBroker,
  requireKafka,
  requireKernel,
  requireTool,
  until,
} from '@sockflow/test-support';

import { talk, useLoopback } from '../cli/live-command.ts';
import { attachedTo } from '../kernel-faults/kernel-objects.ts';
import { UnitAgent, useSandbox } from './unit-agent.ts';
import { AGENT_CONFIG_PATH, readUnit } from './unit-file.ts';

const TOOLS = ['bpftool', 'gcc', 'setpriv', 'unshare'] as const;
/** CAP_NET_ADMIN and CAP_BPF: bits 12 and 39. */
const BOTH = (1n << 12n) | (1n << 39n);

function canRun(t: TestContext): boolean {
  return requireKernel(t, { tools: TOOLS }) && requireTool(t, 'systemd-analyze');
}

/** The config that is shipped, for a cgroup of the test's own. */
function shippedConfig(cgroup: string): string {
  const text = readFileSync(AGENT_CONFIG_PATH, 'utf8');
  const own = text.replace('bpf: {}', `bpf: { cgroup: ${cgroup} }`).replace('1min', '200ms');
  assert.notEqual(own, text);
  return own;
}

test('in the sandbox of the unit, with its two capabilities, the shipped config delivers to Kafka and drains at SIGTERM', async (t) => {
  if (!canRun(t) || !requireKafka(t)) return;
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const broker = await KafkaBroker.start(t);
  broker.createTopic('sockflow', 2);
  const agent = new UnitAgent(t, useSandbox(t), {
    config: shippedConfig(scene.cgroup.path),
    environment: { KAFKA_BROKERS: broker.address.replace('127.0.0.1', 'localhost') },
  });
  await agent.untilAttached();
  const rights = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
  assert.equal(BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(rights)?.[1]}`), BOTH);
  assert.equal(BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(rights)?.[1]}`), BOTH);
  assert.match(rights, /^Uid:\s*65534\b/m);
  assert.match(rights, /^NoNewPrivs:\s*1$/m);
  assert.match(rights, /^Seccomp:\s*2$/m);
  await talk(scene.traffic, 3);
  await talk(scene.traffic, 3);
  const records = (): number => broker.endOffsets('sockflow').reduce((sum, end) => sum + end, 0);
  // What a busy machine is late with goes by way of the spool.
  await until(
    'what was given to be in the topic',
    () => {
      const given = agent.status('given');
      return given > 0 && records() >= given;
    },
    60_000,
  );
  const { status, stderr } = await agent.end('SIGTERM');
  assert.equal(status, 143, stderr);
  const [, acknowledged, failed] = /kafka\(sockflow\)\S* .*?(\d+) +(\d+)$/m.exec(stderr) ?? [];
  assert.ok(Number(acknowledged) > 0 && Number(failed) === 0, stderr);
  assert.ok(records() >= Number(acknowledged), stderr);
  assert.deepEqual(attachedTo(scene.cgroup.path), []);
  // What the sandbox takes away is told, by its name, and nothing else is missing. The spool says when it is used.
  const warnings = stderr.split('\n').filter((line) => line.startsWith('warning'));
  for (const warning of warnings) assert.match(warning, /CAP_PERFMON|CAP_SYS_ADMIN|spool/);
});

test('doctor finds in the sandbox what it needs', async (t) => {
  if (!canRun(t)) return;
  const agent = new UnitAgent(t, useSandbox(t), { config: '', args: ['doctor', '--json'] });
  const { status, stdout, stderr } = await agent.end();
  assert.equal(status, 0, `${stdout}${stderr}`);
});

/** Changes of the unit that must be found: what is done here is what the unit says. */
const BAD_CHANGES: readonly (readonly [what: string, name: string, value: string, said: RegExp])[] =
  [
    ['without bpf among its system calls', 'SystemCallFilter', '@system-service', /bpf/i],
    ['without CAP_NET_ADMIN', 'AmbientCapabilities', 'CAP_BPF', /CAP_NET_ADMIN/],
    ['with MemoryDenyWriteExecute', 'MemoryDenyWriteExecute', 'yes', /Fatal/],
  ];

for (const [what, name, value, said] of BAD_CHANGES) {
  test(`a unit ${what} starts nothing`, async (t) => {
    if (!canRun(t)) return;
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const unit = readUnit().filter((one) => one.name !== name);
    const changed = [...unit, { section: 'Service', name, value }];
    const config = `source: { bpf: { cgroup: ${scene.cgroup.path} } }\nsinks: ['file:/var/lib/sockflow/out.ndjson']\n`;
    const agent = new UnitAgent(t, useSandbox(t), { config }, changed);
    const { status, stderr } = await agent.end();
    assert.notEqual(status, 0);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /^attached to /m);
  });
}
