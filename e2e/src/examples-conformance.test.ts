/* The sink and the source of examples/ are held to the contracts, as ours are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

import { checkLiveSource, checkSink, type CheckSinkOptions } from '@sockflow/core/conformance';
import { requireTool, useTempDir } from '@sockflow/test-support';
import { lastValueFrom, toArray } from 'rxjs';
import {
  type EventObject,
  filterOp,
  fromSource,
  Op,
  type Sink,
  type Source,
  toObjects,
} from 'sockflow';

import { runCommand, WORKSPACE } from './workspace.ts';

const SQLITE = join(WORKSPACE, 'examples/sqlite-sink');
const SS = join(WORKSPACE, 'examples/ss-source');

/** What of libsql is used here; the example has it. */
interface Db {
  prepare(sql: string): { all(): Record<string, unknown>[] };
  exec(sql: string): void;
  close(): void;
}

const Database = createRequire(join(SQLITE, 'package.json'))('libsql') as new (path: string) => Db;

function query(path: string, sql: string): Record<string, unknown>[] {
  const db = new Database(path);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

async function sqliteSink(path: string, table?: string): Promise<Sink> {
  const { default: sqlite } = (await import(
    pathToFileURL(join(SQLITE, 'dist/sqlite-sink.js')).href
  )) as { default: (options: { path: string; table?: string }) => Sink };
  return sqlite({ path, ...(table === undefined ? {} : { table }) });
}

const TIMES = `SELECT coalesce(CAST(tsNs AS TEXT), value ->> 'tsNs') AS ts FROM events WHERE lane = `;

function readBack(path: string): NonNullable<CheckSinkOptions['readBack']> {
  return async ({ lane }) => query(path, `${TIMES}${lane} ORDER BY rowid`).map(({ ts }) => ts);
}

for (const [what, breaks] of [
  ['whose file is removed', (path: string) => rmSync(path)],
  [
    'whose table is dropped by somebody else',
    (path: string) => {
      const db = new Database(path);
      db.exec('DROP TABLE events');
      db.close();
    },
  ],
] as const) {
  test(`examples/sqlite-sink keeps the contract of sinks, also one ${what}`, async (t) => {
    const path = join(useTempDir(t), 'out.db');
    const sink = await sqliteSink(path);
    const options = { readBack: readBack(path), breaks: () => breaks(path) };
    assert.deepEqual(await checkSink(sink, options), []);
  });
}

test('examples/sqlite-sink: two lanes fill one file, and SQL finds what was lost', (t) => {
  const path = join(useTempDir(t), 'losses.db');
  const output = runCommand('node', [join(SQLITE, 'dist/main.js'), '--db', path], {
    cwd: WORKSPACE,
  });
  assert.match(output, /Ports that lost most/);
  assert.match(output, /│ 8006 +│ \d+ +│ 1 /);
  assert.deepEqual(
    query(path, 'SELECT name, lane, is_complete FROM outputs ORDER BY name, lane').map(
      ({ name, lane, is_complete }) => [name, lane, is_complete],
    ),
    [
      ['connections', 0, 1],
      ['connections', 1, 1],
      ['events', 0, 1],
      ['events', 1, 1],
    ],
  );
  const lines = runCommand(
    'npx',
    [
      '--no-install',
      'sockflow',
      'replay',
      'fixtures/real.sfrec',
      '--op',
      'RETRANS_CB,RTO_CB',
      '--sink',
      'file:-?encoding=ndjson',
    ],
    { cwd: WORKSPACE },
  )
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const [{ losses } = {}] = query(
    path,
    "SELECT count(*) AS losses FROM events WHERE op <> 'RTT_CB'",
  );
  assert.equal(losses, lines.length);
});

async function ssSource(options: object): Promise<Source> {
  const { ss } = (await import(pathToFileURL(join(SS, 'dist/ss-source.js')).href)) as {
    ss: (options: object) => Source;
  };
  return ss(options);
}

/** A connection of this process that has sent and been acknowledged so many bytes. */
async function openConnection(t: TestContext, bytes: number): Promise<Socket> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => {
    socket.destroy();
    server.close();
  });
  socket.write(Buffer.alloc(bytes));
  for (let echoed = 0; echoed < bytes;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    echoed += chunk.length;
  }
  return socket;
}

test('examples/ss-source keeps the contract of live sources', async (t) => {
  if (!requireTool(t, 'ss')) return;
  await openConnection(t, 1000);
  const source = await ssSource({ everyMs: 20 });
  assert.deepEqual(await checkLiveSource(source, { endWithinMs: 30_000 }), []);
});

test('examples/ss-source: a snapshot says of a connection what its socket and ss say', async (t) => {
  if (!requireTool(t, 'ss')) return;
  const socket = await openConnection(t, 50_000);
  const source = await ssSource({ everyMs: 10, looks: 2 });
  const objects = await lastValueFrom(fromSource(source).pipe(toObjects(), toArray()));
  const own = objects.filter(({ localPort }: EventObject) => localPort === socket.localPort);
  assert.equal(own.length, 2);
  for (const snapshot of own) {
    const { kind, state, localAddress, remoteAddress, remotePort, bytesAcked, bytesReceived } =
      snapshot;
    assert.deepEqual(
      { kind, state, localAddress, remoteAddress, remotePort },
      {
        kind: 'SNAPSHOT',
        state: 'ESTABLISHED',
        localAddress: '127.0.0.1',
        remoteAddress: '127.0.0.1',
        remotePort: socket.remotePort,
      },
    );
    // The SYN counts as a byte.
    assert.deepEqual([bytesAcked, bytesReceived], [50_001, 50_000]);
    assert.ok((snapshot.srttUs ?? 0) > 0 && (snapshot.segsOut ?? 0) > 0);
    assert.deepEqual([snapshot.totalRetrans, snapshot.sndNxt], [0, undefined]);
  }
});

test('examples/ss-source: IPv6 addresses, scopes, waiting and lossy connections of ss are read', async () => {
  const { parseSs } = (await import(pathToFileURL(join(SS, 'dist/parse-ss.js')).href)) as {
    parseSs: (line: string, tsNs: bigint) => Record<string, unknown> | undefined;
  };
  const line =
    'ESTAB 0 0 [fe80::1:2%eth0]:22 [::ffff:10.0.0.9]:40000 ino:1 sk:2a cgroup:/ <-> ts sack cubic rto:204 rtt:1.5/0.75 mss:1448 cwnd:10 ssthresh:7 bytes_acked:9 retrans:1/3 lost:2';
  const lossy = parseSs(line, 5n);
  assert.deepEqual(
    [lossy?.['local_ip6'], lossy?.['remote_ip6'], lossy?.['local_port'], lossy?.['remote_port']],
    [[0x80fe, 0, 0, 0x02000100], [0, 0, 0xffff0000, 0x0900000a], 22, 0x409c0000],
  );
  assert.deepEqual(
    [
      'cookie',
      'srtt_us',
      'total_retrans',
      'retrans_out',
      'lost_out',
      'sacked_out',
      'snd_ssthresh',
      'rtt_min',
    ].map((name) => lossy?.[name]),
    [42n, 12000, 3, 1, 2, 0, 7, undefined],
  );
  const waiting = parseSs(
    'TIME-WAIT 0 0 10.0.0.1:80 10.0.0.2:81 timer:(timewait,1sec,0) ino:0 sk:7',
    5n,
  );
  assert.deepEqual(
    [waiting?.['is_fullsock'], waiting?.['local_ip4'], 'total_retrans' in (waiting ?? {})],
    [0, 0x0100000a, false],
  );
  assert.equal(parseSs('LISTEN 0 128 0.0.0.0:22 0.0.0.0:* ino:3 sk:1', 5n), undefined);
  assert.equal(parseSs('', 5n), undefined);
});

test('examples/ss-source: a filter for an op is refused, since it has none', async () => {
  const source = await ssSource({});
  await assert.rejects(lastValueFrom(fromSource(source).pipe(filterOp(Op.RTT_CB))), {
    code: 'ERR_SOCKFLOW_OP_NOT_REPORTED',
  });
});

test('examples/ss-source: where there is no ss it says so and goes', () => {
  const env = { PATH: '/nowhere' };
  const { status, stdout } = spawnSync(process.execPath, [join(SS, 'dist/main.js')], { env });
  assert.match(String(stdout), /^skipped: ss was not found\. Install iproute2/);
  assert.equal(status, 0);
});
