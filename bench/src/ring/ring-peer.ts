import { ANY_CB, OP_MASK } from '../harness/bench-filter.ts';
import { compileC } from '../harness/c-program.ts';
import { compileBpf } from '../harness/compile-bpf.ts';
import { PeerProgram } from '../harness/peer-program.ts';
import type { LanePass } from './lane-on-order.ts';

/* Producers run on one CPU, consumers on the other, so that where the scheduler puts them is not what is compared. */
export const PRODUCER_CPU = 1;
export const CONSUMER_CPU = 0;

/* Many are started: they are compiled once. */
let compiled: readonly [program: string, object: string] | undefined;

/** What a producer made, and what the full ring refused. */
export interface Produced {
  readonly ns: number;
  readonly filled: number;
  readonly refused: number;
}

/** A running bench/c/ring-peer: the kernel-side producer, and libbpf's consumer where the ring is its own. */
export class RingPeer {
  readonly #program: PeerProgram;

  private constructor(...parameters: readonly string[]) {
    compiled ??= [compileC('ring-peer', ['bpf']), compileBpf('fill')];
    const [program, object] = compiled;
    this.#program = new PeerProgram(program, object, ...parameters);
  }

  /** With a ring of its own, which it consumes. */
  static withOwnRing(ringBytes: number): RingPeer {
    return new RingPeer(String(ringBytes));
  }

  /** A producer for the ring that a lane of this process opened last, which it wakes by the lane's word. */
  static forLane(): RingPeer {
    return new RingPeer('lane', String(process.pid));
  }

  /** A producer for the ring that another program opened last, which it wakes as the kernel does. */
  static forProgram(pid: number): RingPeer {
    return new RingPeer('plain', String(pid));
  }

  /** Binds all threads of a process (this peer's without one) to a CPU: helpers of ours share it with the lane, as those of the other consumers do with theirs. */
  async pin(cpu: number, pid: number | 'self' = 'self'): Promise<void> {
    await this.#program.ask(`pin ${pid} ${cpu}`);
  }

  /** Gives it the CPUs back that this peer was started with. */
  async unpin(pid: number): Promise<void> {
    await this.#program.ask(`unpin ${pid}`);
  }

  async fill(slots: number): Promise<Produced> {
    return produced(await this.#numbers(`fill ${slots} ${PRODUCER_CPU}`));
  }

  /** Reads what lies in its own ring. */
  async consume(): Promise<LanePass> {
    const [ns = NaN, events = NaN, survivors = NaN] = await this.#numbers(
      `consume ${OP_MASK} ${ANY_CB}`,
    );
    return { ns, events, survivors };
  }

  /** Makes so many attempts, at most `perSec` of them where that is not 0, and wakes the ring's process. */
  async produce(attempts: number, perSec: number): Promise<Produced> {
    return produced(await this.#numbers(`produce ${attempts} ${PRODUCER_CPU} ${perSec}`));
  }

  /** Makes so many slots, one each `intervalNs`: each carries the time when it was to come, however late it was, and waits for room. */
  async schedule(slots: number, intervalNs: number): Promise<Produced> {
    return produced(await this.#numbers(`schedule ${slots} ${PRODUCER_CPU} ${intervalNs}`));
  }

  /** Produces at full speed, and consumes it here. */
  async live(attempts: number): Promise<Produced & LanePass> {
    const numbers = await this.#numbers(`live ${attempts} ${PRODUCER_CPU} ${OP_MASK} ${ANY_CB}`);
    const [, , , events = NaN, survivors = NaN] = numbers;
    return { ...produced(numbers), events, survivors };
  }

  close(): void {
    this.#program.close();
  }

  async #numbers(command: string): Promise<number[]> {
    return (await this.#program.ask(command)).split(' ').map(Number);
  }
}

function produced([ns = NaN, filled = NaN, refused = NaN]: readonly number[]): Produced {
  return { ns, filled, refused };
}
