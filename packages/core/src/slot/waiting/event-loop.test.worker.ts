import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

import { RingConsumer } from '../ring/ring-consumer.ts';
import { TEST_ORIGIN } from '../ring/ring-kit.test.support.ts';
import type { RingMemory } from '../ring/ring-memory.ts';
import { EventLoopYield } from './event-loop-yield.ts';

/*
 * A thread like a lane's: takes what is in a ring, yields when it must, waits when there is nothing. A timer of 1 ms and a TCP echo, server and client, live
 * in the same thread. It stops when enough of everything has happened, or at a deadline.
 */

export interface LoopJob {
  readonly ring: RingMemory;
  /** Spans, ticks and echoes that must be there before it stops. */
  readonly enough: number;
  readonly deadlineMs: number;
  /** How long each span is worked on. */
  readonly workMs: number;
}

export interface LoopReport {
  readonly spans: number;
  readonly yields: number;
  readonly waits: number;
  readonly ticks: number;
  readonly maxTickGapMs: number;
  readonly echoes: number;
}

function work(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) continue;
}

async function startEcho(count: () => void): Promise<() => void> {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', () => {
    count();
    client.write('x');
  });
  await once(client, 'connect');
  client.write('x');
  return () => {
    client.destroy();
    server.close();
  };
}

async function run({ ring, enough, deadlineMs, workMs }: LoopJob): Promise<LoopReport> {
  const report = { spans: 0, yields: 0, waits: 0, ticks: 0, maxTickGapMs: 0, echoes: 0 };
  const stopEcho = await startEcho(() => report.echoes++);
  let tickMs = performance.now();
  const interval = setInterval(() => {
    const nowMs = performance.now();
    report.ticks++;
    report.maxTickGapMs = Math.max(report.maxTickGapMs, nowMs - tickMs);
    tickMs = nowMs;
  }, 1);
  const consumer = new RingConsumer(ring, { origin: TEST_ORIGIN, maxSlots: 64 });
  const turn = new EventLoopYield();
  const untilMs = performance.now() + deadlineMs;
  while (performance.now() < untilMs) {
    if (Math.min(report.spans, report.ticks, report.echoes) >= enough) break;
    if (turn.isDue) {
      report.yields++;
      await turn.yield();
    }
    if (consumer.peek() === undefined) {
      report.waits++;
      await consumer.wait(1000);
    } else {
      report.spans++;
      work(workMs);
      consumer.release();
    }
  }
  consumer.close();
  clearInterval(interval);
  stopEcho();
  return report;
}

parentPort!.postMessage(await run(workerData as LoopJob));
