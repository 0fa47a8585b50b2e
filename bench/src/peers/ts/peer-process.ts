import { fileURLToPath } from 'node:url';

import type { Pass } from '@sockflow/benchmark';

import { PeerProgram } from '../../harness/peer-program.ts';
import type { FormatPeer } from './format-peers.ts';
import { TASKS, type Task } from './peer.ts';
import { answerOf } from './repeated.ts';

const CHILD = fileURLToPath(new URL('peer-child.js', import.meta.url));

/** What its process says of a peer's encoding. */
interface Encoded {
  readonly events: number;
  readonly bytes: number;
  readonly tasks: readonly Task[];
}

/** A peer's process, with the events in its encoding. */
export class PeerProcess {
  readonly peer: FormatPeer;
  /** Op events of the input. */
  readonly events: number;
  /** Of its encoding. */
  readonly bytes: number;
  readonly tasks: readonly Task[];
  readonly #child: PeerProgram;

  private constructor(peer: FormatPeer, child: PeerProgram, { events, bytes, tasks }: Encoded) {
    this.peer = peer;
    this.events = events;
    this.bytes = bytes;
    this.tasks = tasks;
    this.#child = child;
  }

  /** @returns the process, or why the peer cannot run here. */
  static async start(
    peer: FormatPeer,
    slotsPath: string,
    slotBytes: number,
  ): Promise<PeerProcess | string> {
    const parameters = ['--expose-gc', CHILD, peer.name, slotsPath, String(slotBytes)];
    const child = new PeerProgram(process.execPath, ...parameters);
    const answer = await child.ask('load');
    const [verdict, events, bytes, ...words] = answer.split(' ');
    if (verdict === 'ok') {
      const tasks = TASKS.filter((task) => words.includes(task));
      return new PeerProcess(peer, child, { events: Number(events), bytes: Number(bytes), tasks });
    }
    child.close();
    return answer.replace(/^failed /, '');
  }

  async pass(task: Task, leastMs: number): Promise<Pass> {
    const { ns, count, checksum } = await this.#child.measure(`${task} ${leastMs}`);
    return { ns, answer: answerOf({ count, checksum }) };
  }

  close(): void {
    this.#child.close();
  }
}
