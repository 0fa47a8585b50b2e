import { createInterface } from 'node:readline';

import { encodeWith } from './encode-with.ts';
import { readPeerInput } from './peer-input.ts';
import type { EncodedEvents, Task } from './peer.ts';
import { repeated } from './repeated.ts';

/*
 * One peer, alone in a process with the settings of its users: neither its garbage nor what V8 learnt of it is in our way, nor ours in its. Started with the peer's name, a file of slots and
 * how many bytes of it to take; answers one line a command:
 *
 *   load              -> "ok EVENTS BYTES TASK…" of its encoding, or "failed WHY"
 *   TASK LEAST_MS     -> "NS COUNT CHECKSUM"; then collects its garbage, while nobody is timed
 */

const [name = '', path = '', slotBytes = ''] = process.argv.slice(2);
const collect = globalThis.gc;
let encoded: EncodedEvents | undefined;

async function load(): Promise<string> {
  try {
    const input = await readPeerInput(path, Number(slotBytes));
    encoded = await encodeWith(name, input);
    const { bytes, ...tasks } = encoded;
    return `ok ${input.events.length} ${bytes} ${Object.keys(tasks).join(' ')}`;
  } catch (error) {
    return `failed ${String(error).replaceAll('\n', ' ')}`;
  }
}

async function pass(task: Task, leastMs: number): Promise<string> {
  const run = encoded?.[task];
  if (run === undefined) throw new Error(`${name} has no ${task}`);
  const { ns, found } = await repeated(leastMs, run);
  collect?.();
  return `${ns} ${found.count} ${found.checksum}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', leastMs] = line.split(' ');
  console.log(command === 'load' ? await load() : await pass(command as Task, Number(leastMs)));
}
