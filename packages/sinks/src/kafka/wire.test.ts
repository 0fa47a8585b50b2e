import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';

import type { Connection } from '@platformatic/kafka';
import { importKafkaClient } from '@sockflow/kafka-client/client';
import type { AsyncCleanableTest } from '@sockflow/test-support';

import { Wire } from './wire.ts';

const HEAD_BYTES = 8;
const OUR_FIRST_ID = 0x4000_0000;

test('gives answers to whom they are for, wherever they are cut into pieces', async (t) => {
  for (const pieceBytes of [1, 3, 7, 1000]) {
    const { connection, peer } = await connected(t);
    const toClient: Buffer[] = [];
    const { socket } = connection;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => toClient.push(chunk));
    const wire = new Wire(connection);
    const answers = ['first', '', 'third, which is longer'].map(() =>
      wire.request((id) => [int32(id), Buffer.from('question')]),
    );
    const stream = Buffer.concat([
      answer(1, 'for the client'),
      answer(OUR_FIRST_ID + 1, ''),
      answer(OUR_FIRST_ID, 'first'),
      answer(2, 'another for the client'),
      answer(OUR_FIRST_ID + 2, 'third, which is longer'),
    ]);
    for (let at = 0; at < stream.length; at += pieceBytes) {
      peer.write(stream.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
    assert.deepEqual((await Promise.all(answers)).map(String), [
      'first',
      '',
      'third, which is longer',
    ]);
    assert.deepEqual(toClient, [answer(1, 'for the client'), answer(2, 'another for the client')]);
  }
});

test('writes the parts of a request behind their length, one request after another', async (t) => {
  const { connection, peer } = await connected(t);
  const wire = new Wire(connection);
  const received: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => received.push(chunk));
  for (const text of ['one', 'two'])
    wire.request((id) => [int32(id), Buffer.from(text), Buffer.alloc(100_000)]).catch(() => {});
  const bytes = 2 * (HEAD_BYTES + 3 + 100_000);
  while (received.reduce((sum, { length }) => sum + length, 0) < bytes)
    await new Promise(setImmediate);
  const all = Buffer.concat(received);
  assert.equal(all.length, bytes);
  for (const [index, text] of ['one', 'two'].entries()) {
    const own = all.subarray((index * bytes) / 2);
    assert.equal(own.readInt32BE(0), bytes / 2 - 4);
    assert.equal(own.readInt32BE(4), OUR_FIRST_ID + index);
    assert.equal(own.toString('latin1', 8, 11), text);
  }
});

test('fails what waits when the connection ends, and what is asked afterwards', async (t) => {
  const { connection, peer } = await connected(t);
  const wire = new Wire(connection);
  const waiting = wire.request((id) => [int32(id)]);
  peer.destroy();
  await assert.rejects(waiting, /the connection has ended/);
  await assert.rejects(
    wire.request((id) => [int32(id)]),
    /the connection has ended/,
  );
});

async function connected(t: AsyncCleanableTest): Promise<{ connection: Connection; peer: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { Connection: ClientConnection } = await importKafkaClient();
  const connection = new ClientConnection('test', {});
  const [[peer]] = await Promise.all([
    once(server, 'connection') as Promise<[Socket]>,
    connection.connect('127.0.0.1', (server.address() as AddressInfo).port),
  ]);
  // That the peer ends is told to whom waits.
  connection.on('error', () => {});
  t.after(() => {
    connection.socket.destroy();
    peer.destroy();
    server.close();
  });
  return { connection, peer };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function answer(id: number, text: string): Buffer {
  return Buffer.concat([int32(4 + text.length), int32(id), Buffer.from(text)]);
}
