import { setTimeout as delay } from 'node:timers/promises';

import {
  type AsyncCleanableTest,
  type CapturedSegment,
  type Failure,
  PacketCapture,
  until,
} from '@sockflow/test-support';

import type { JoinedConnection, KernelScene } from '../kernel-scene.ts';
import { LiveRun } from '../live-run.ts';
import { SockOpsProgram } from '../sock-ops-program.ts';
import type { Deed, Wire } from './deed.ts';

/*
 * The fixed traffic of the golden recording: each kind of connection that there is a story to tell of, between two processes in network namespaces of their own, recorded with
 * every op asked for. What it did is told by its own sockets and by tcpdump, never by what was recorded.
 */

const SYN = 2;
const SYN_ACK = 18;
const OPTION = 'fe045f0f';
const MESSAGE_BYTES = 300;
const SILENT_ADDRESS = '10.203.0.9';
/** Until the last events of closed connections are submitted: longer than any delayed acknowledgement. */
const QUIET_MS = 300;

/** A connection that was made, as far as its sockets know. */
type Known = Omit<Deed, 'wire'>;

interface Stage {
  readonly scene: KernelScene;
  readonly test: AsyncCleanableTest;
}

/** Makes the traffic and records it. @returns what it did, in order */
export async function recordGolden(
  test: AsyncCleanableTest,
  scene: KernelScene,
  recordingPath: string,
): Promise<Deed[]> {
  // First of all one that is there already when recording starts.
  const existing = await scene.join(await scene.echo());
  await existing.near.exchange(2, MESSAGE_BYTES);
  await delay(QUIET_MS);
  const live = await LiveRun.start(test, scene.cgroup, {
    ops: 'all',
    existing: 'auto',
    files: [recordingPath],
  });
  const [near, far] = [
    await PacketCapture.start(test, scene.a),
    await PacketCapture.start(test, scene.b),
  ];
  await existing.near.exchange(1, MESSAGE_BYTES);
  await scene.close(existing);
  const known: Known[] = [joinedDeed('existing', scene, existing, 3 * MESSAGE_BYTES)];
  for (const step of STEPS) known.push(...(await step({ scene, test })));
  await delay(QUIET_MS);
  await live.stop();
  // What is lost on its way was on the wire at the end that sent it.
  const [atClient, atServer] = [await near.stop(), await far.stop()];
  return known.map((deed) => ({ ...deed, wire: wireOf(deed, atClient, atServer) }));
}

const STEPS: readonly ((stage: Stage) => Promise<Known[]>)[] = [
  echoes,
  refusals,
  resets,
  loss,
  stall,
  silence,
  halfOpen,
  writtenHeaders,
];

async function echoes({ scene }: Stage): Promise<Known[]> {
  const { ip4, ip6 } = scene.b;
  const deeds: Known[] = [];
  for (const [what, listensOn, host] of [
    ['echo4', ip4, ip4],
    ['echo6', ip6, ip6],
    ['v4mapped', '::', ip4],
  ] as const) {
    const listener = await scene.echo(listensOn);
    for (let connections = 0; connections < 2; connections++) {
      deeds.push(await exchanged(what, scene, await scene.join(listener, host), 3));
    }
    await listener.close();
  }
  return deeds;
}

async function refusals({ scene }: Stage): Promise<Known[]> {
  const deeds: Known[] = [];
  for (const [what, family, port] of [
    ['refused4', 'ip4', 7004],
    ['refused6', 'ip6', 7006],
  ] as const) {
    const failure = await scene.client.failToConnect({ host: scene.b[family], port });
    deeds.push(failedDeed(what, scene, failure, scene.b[family], port, family));
  }
  return deeds;
}

async function resets({ scene }: Stage): Promise<Known[]> {
  const listener = await scene.echo();
  const deeds: Known[] = [];
  for (const [what, resetter, other] of [
    ['reset_by_client', 'near', 'far'],
    ['reset_by_server', 'far', 'near'],
  ] as const) {
    const joined = await scene.join(listener);
    await joined.near.exchange(1, MESSAGE_BYTES);
    await joined[resetter].reset();
    const end = await joined[other].closed();
    const error = other === 'near' ? end.errorCode : undefined;
    deeds.push(joinedDeed(what, scene, joined, MESSAGE_BYTES, error));
  }
  await listener.close();
  return deeds;
}

async function loss({ scene }: Stage): Promise<Known[]> {
  const listener = await scene.echo();
  const joined = await scene.join(listener);
  scene.b.dropOneIn(`tcp dport ${listener.port}`, 4);
  await joined.near.exchange(6, MESSAGE_BYTES);
  scene.b.clearRules();
  const deed = await exchanged('loss', scene, joined, 1, 6);
  await listener.close();
  return [deed];
}

async function stall({ scene }: Stage): Promise<Known[]> {
  const listener = await scene.echo();
  const joined = await scene.join(listener);
  await joined.near.exchange(1, MESSAGE_BYTES);
  scene.b.setLink('down');
  const answered = joined.near.exchange(1, MESSAGE_BYTES);
  await until('two timeouts', () => {
    const [socket] = scene.a.sockets(`sport = :${joined.near.localPort}`);
    return (socket?.numbers['backoff'] ?? 0) >= 2;
  });
  scene.b.setLink('up');
  await answered;
  const deed = await exchanged('stall', scene, joined, 1, 2);
  await listener.close();
  return [deed];
}

async function silence({ scene }: Stage): Promise<Known[]> {
  const port = 7008;
  scene.a.addSilentNeighbour(SILENT_ADDRESS);
  scene.a.run('sh', '-c', 'cd /proc/sys/net/ipv4; echo 1 > tcp_syn_retries');
  const failure = await scene.client.failToConnect({ host: SILENT_ADDRESS, port });
  return [failedDeed('silent', scene, failure, SILENT_ADDRESS, port, 'ip4')];
}

async function halfOpen({ scene }: Stage): Promise<Known[]> {
  const listener = await scene.echo();
  scene.a.drop(`tcp sport ${listener.port}`);
  const target = { host: scene.b.ip4, port: listener.port };
  const failure = await scene.client.failToConnect({ ...target, giveUpMs: 1600 });
  const deed = failedDeed('half_open', scene, failure, scene.b.ip4, listener.port, 'ip4');
  await listener.close();
  scene.a.clearRules();
  return [{ ...deed, server: { ...deed.server, pid: scene.server.pid } }];
}

async function writtenHeaders({ scene, test }: Stage): Promise<Known[]> {
  const writer = SockOpsProgram.attach(test, 'option-writer', scene.cgroup);
  const listener = await scene.echo();
  const deed = await exchanged('write_header', scene, await scene.join(listener), 2);
  await listener.close();
  writer.detach();
  return [deed];
}

/** Some messages back and forth, then a close from the client's side; `before`: how many there have been already. */
async function exchanged(
  what: string,
  scene: KernelScene,
  joined: JoinedConnection,
  times: number,
  before = 0,
): Promise<Known> {
  await joined.near.exchange(times, MESSAGE_BYTES);
  await scene.close(joined);
  return joinedDeed(what, scene, joined, (before + times) * MESSAGE_BYTES);
}

function joinedDeed(
  what: string,
  { client, server }: KernelScene,
  { near }: JoinedConnection,
  bytes: number,
  error?: string,
): Known {
  return {
    what,
    client: {
      address: near.localAddress,
      port: near.localPort,
      pid: client.pid,
      comm: client.comm,
    },
    server: { address: near.remoteAddress, port: near.remotePort, pid: server.pid },
    sentBytes: bytes,
    receivedBytes: bytes,
    ...(error === undefined ? {} : { error }),
  };
}

function failedDeed(
  what: string,
  { a, client }: KernelScene,
  failure: Failure,
  address: string,
  port: number,
  family: 'ip4' | 'ip6',
): Known {
  const own = { address: a[family], port: failure.localPort ?? 0 };
  return {
    what,
    client: { ...own, pid: client.pid, comm: client.comm },
    server: { address, port },
    sentBytes: 0,
    receivedBytes: 0,
    error: failure.code,
  };
}

function wireOf(
  { client, server }: Known,
  atClient: readonly CapturedSegment[],
  atServer: readonly CapturedSegment[],
): Wire {
  const sent = atClient.filter(
    ({ sourcePort, targetPort }) => sourcePort === client.port && targetPort === server.port,
  );
  const answers = atServer.filter(
    ({ sourcePort, targetPort }) => sourcePort === server.port && targetPort === client.port,
  );
  const synAcks = answers.filter(({ flags }) => flags === SYN_ACK);
  const data = sent.filter(({ payloadBytes }) => payloadBytes > 0);
  const first = new Set<number>();
  return {
    syns: sent.filter(({ flags }) => flags === SYN).length,
    synAcks: synAcks.length,
    repeatedSeqs: data.filter(({ seq }) => first.has(seq) || !first.add(seq)).map(({ seq }) => seq),
    withOption: sent.filter(({ options }) => options.toString('hex').endsWith(OPTION)).length,
    ...(synAcks[0] === undefined ? {} : { synAckHeader: synAcks[0].header.toString('hex') }),
  };
}
