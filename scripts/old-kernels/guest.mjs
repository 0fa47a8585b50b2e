// Runs inside the virtual machine of run.mjs, under an old kernel: opens, loads and attaches the event program, makes traffic, and says what became of it, one JSON line each.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { release } from 'node:os';

const binding = createRequire(import.meta.url)('/sockflow_bpf.node');
const capabilities = process.argv[2];
const CGROUP_ROOT = '/sys/fs/cgroup';
const CGROUP = `${CGROUP_ROOT}/sockflow-${capabilities}`;
const CB_RTO_RETRANS_STATE_RTT = 0x0f;
const EVERYTHING = (1n << 64n) - 1n;
const RING_BYTES = 1 << 20;
const RTT_MODES = { folded: 1, raw: 2 };

function say(fact) {
  console.log(`@@ ${JSON.stringify({ kernel: release(), capabilities, ...fact })}`);
}

function configOf(rtt) {
  return {
    objectPath: '/sockflow.bpf.o',
    cgroupPath: CGROUP,
    withoutFeatures: 0,
    lanes: 2,
    ringBytes: RING_BYTES,
    opsMask: EVERYTHING,
    filterOpsMask: undefined,
    kindsMask: 0xff,
    cbFlags: CB_RTO_RETRANS_STATE_RTT,
    rttMode: RTT_MODES[rtt],
    foldIntervalNs: 0n,
    ecnOnRequestOnly: false,
    requestTstamp: true,
    sampleThreshold: 1 << 24,
    shedFirst: [RING_BYTES, RING_BYTES],
    shedLast: [RING_BYTES, RING_BYTES],
    ports: undefined,
    networks: undefined,
  };
}

/** Echo connections over loopback. The first outlives the program's attachment, if asked to. */
async function talk(server, times) {
  const socket = connect(server.address().port, '127.0.0.1');
  await once(socket, 'connect');
  for (let time = 0; time < times; time++) {
    socket.write('x'.repeat(1000));
    await once(socket, 'data');
  }
  return socket;
}

async function close(socket) {
  socket.end();
  await once(socket, 'close');
}

function sumOf(source, read) {
  return source.counters().reduce((sum, lane) => sum + read(lane), 0);
}

function isBalanced(source) {
  return source
    .counters()
    .every(({ first, last }) =>
      [first, last].every(
        (f) =>
          f.seen + f.made === f.submitted + f.notAsked + f.filtered + f.folded + f.shed + f.lost,
      ),
    );
}

async function tryMode(rtt, server) {
  const source = binding.openSource(configOf(rtt));
  const old = await talk(server, 1);
  source.attach();
  const canTakeIn = binding
    .probe({})
    .probes.some(({ id, works }) => id === 'iterator-tcp' && works);
  const takenIn = canTakeIn ? source.takeIn() : 0;
  for (let connection = 0; connection < 3; connection++) await close(await talk(server, 10));
  await close(old);
  source.detach();
  say({
    step: rtt,
    works: isBalanced(source) && sumOf(source, ({ last }) => last.submitted) > 0,
    submitted: sumOf(source, ({ first, last }) => first.submitted + last.submitted),
    folded: sumOf(source, ({ first }) => first.folded),
    summarised: sumOf(source, ({ summarised }) => summarised),
    takenIn,
    flushed: source.flush([], false),
  });
  source.close();
}

mkdirSync(CGROUP);
writeFileSync(`${CGROUP}/cgroup.procs`, String(process.pid));
const { probes } = binding.probe({});
say({ step: 'probes', works: probes.filter(({ works }) => works).map(({ id }) => id) });
const server = createServer((socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
for (const rtt of Object.keys(RTT_MODES)) {
  try {
    await tryMode(rtt, server);
  } catch (error) {
    const log = error.verifierLog?.trim().split('\n').slice(-4);
    const { step: failedAt, errnoName, message } = error;
    say({ step: rtt, works: false, failedAt, errnoName, error: message, log });
  }
}
server.close();
writeFileSync(`${CGROUP_ROOT}/cgroup.procs`, String(process.pid));
