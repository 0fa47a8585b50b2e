import { fileURLToPath } from 'node:url';

import type { Pass } from '@sockflow/benchmark';

import { PeerProgram } from '../../harness/peer-program.ts';
import type { FormatPeer } from './format-peers.ts';
import { TASKS, type Task } from './peer.ts';
import { answerOf } from './repeated.ts';

const CHILD = fileURLToPath(new URL('peer-child.js', import.meta.url));

/** A peer's process, with the events in its encoding. */
export class PeerProcess {
  readonly peer: FormatPeer;
  readonly bytes: number;
  readonly tasks: readonly Task[];
  readonly #child: PeerProgram;

  private constructor(peer: FormatPeer, child: PeerProgram, bytes: number, tasks: readonly Task[]) {
    this.peer = peer;
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
    const child = new PeerProgram(
      process.execPath,
      '--expose-gc',
      CHILD,
      peer.name,
      slotsPath,
      String(slotBytes),
    );
    const [verdict, bytes, ...words] = (await child.ask('load')).split(' ');
    if (verdict === 'ok')
      return new PeerProcess(
        peer,
        child,
        Number(bytes),
        TASKS.filter((task) => words.includes(task)),
      );
    child.close();
    return [bytes, ...words].join(' ');
  }

  async pass(task: Task, leastMs: number): Promise<Pass> {
    const { ns, count, checksum } = await this.#child.measure(`${task} ${leastMs}`);
    return { ns, answer: answerOf({ count, checksum }) };
  }

  close(): void {
    this.#child.close();
  }
}
