import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { EventProducer, Kind, type Origin, ringSource, type Source } from 'sockflow';

import { parseSs } from './parse-ss.js';

/** How `ss` is asked. */
export interface SsOptions {
  /** From one look to the next; default 1000. */
  readonly everyMs?: number;
  /** Ends after so many looks; default: never. */
  readonly looks?: number;
}

const MAX_OUTPUT_BYTES = 1 << 28;
const run = promisify(execFile);

/** What `ss` shows of each TCP connection, again and again: a snapshot of it each time. It has no events, so filters by op are refused. */
export function ss({ everyMs = 1000, looks = Infinity }: SsOptions = {}): Source {
  const source = ringSource({
    name: 'ss',
    reportedOps: [],
    start: async (rings) => {
      await show(); // one clear error, before there are lanes
      const origin = thisHost();
      const stopping = new AbortController();
      const looking = async (): Promise<void> => {
        const producer = new EventProducer(rings);
        try {
          for (let look = 0; look < looks && !stopping.signal.aborted; look++) {
            await takeIn(producer);
            await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
          }
        } finally {
          await producer.end(1000);
        }
      };
      return { origin, done: looking(), stop: () => stopping.abort() };
    },
  });
  return { ...source, reportedKinds: [Kind.SNAPSHOT] };
}

/** One look. Where a ring is full, snapshots are lost, and a marker says how many: a source that waited would show yesterday's connections. */
async function takeIn(producer: EventProducer): Promise<void> {
  const tsNs = bootNs();
  for (const line of (await show()).split('\n')) {
    const snapshot = parseSs(line, tsNs);
    if (snapshot !== undefined) producer.put(snapshot);
  }
  producer.flush();
  producer.advanceTime(Number(tsNs) / 1000);
}

/** -t TCP, -i its metrics, -n numbers, -e cookies, -O one line each, -H no head. */
async function show(): Promise<string> {
  try {
    return (await run('ss', ['-tineOH'], { maxBuffer: MAX_OUTPUT_BYTES })).stdout;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const error = new Error(isMissing ? 'ss was not found' : `ss: ${String(cause)}`, { cause });
    throw Object.assign(error, { remedy: 'Install iproute2, 5.0 or newer' });
  }
}

/** Since boot, suspend included: /proc/uptime is the boot clock, in 10 ms. */
function bootNs(): bigint {
  const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return BigInt(Math.round(Number(seconds) * 100)) * 10_000_000n;
}

function thisHost(): Origin {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const clock = { bootNs: bootNs(), realtimeNs: BigInt(Date.now()) * 1_000_000n };
  return { id: bootId, bootId, hostName: hostname(), kernelRelease: release(), clock };
}
