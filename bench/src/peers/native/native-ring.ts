import { ANY_CB, OP_MASK } from '../../harness/bench-filter.ts';
import { PeerProgram } from '../../harness/peer-program.ts';
import type { LanePass } from '../../ring/lane-on-order.ts';
import { CONSUMER_CPU, type Produced, RingPeer } from '../../ring/ring-peer.ts';
import type { RingConsumer } from './ring-consumers.ts';

/** A consumer's process with a ring of its own, bound to the consumers' CPU, and the producer that fills it. */
export class NativeRing {
  readonly consumer: RingConsumer;
  readonly #program: PeerProgram;
  readonly #producer: RingPeer;

  private constructor(consumer: RingConsumer, program: PeerProgram, producer: RingPeer) {
    this.consumer = consumer;
    this.#program = program;
    this.#producer = producer;
  }

  /** @param path of the consumer's program */
  static async open(consumer: RingConsumer, path: string, ringBytes: number): Promise<NativeRing> {
    // By taskset, before it starts: Go makes its threads before `main`, each with the CPUs that it finds.
    const program = new PeerProgram('taskset', '-c', `${CONSUMER_CPU}`, path, `${ringBytes}`);
    const said = await program.line();
    if (said !== 'ready' || program.pid === undefined)
      throw new Error(`${consumer.title} has no ring: it said '${said}'`);
    return new NativeRing(consumer, program, RingPeer.forProgram(program.pid));
  }

  fill(slots: number): Promise<Produced> {
    return this.#producer.fill(slots);
  }

  /** Reads what lies in the ring. */
  async read(): Promise<LanePass> {
    return lanePass(await this.#program.ask(`consume ${OP_MASK} ${ANY_CB}`));
  }

  /** Is written to at full speed, and reads meanwhile. */
  async live(attempts: number): Promise<Produced & LanePass> {
    await this.#program.ask(`live ${OP_MASK} ${ANY_CB}`);
    const made = await this.#producer.produce(attempts, 0);
    return { ...made, ...lanePass(await this.#program.ask('stop')) };
  }

  close(): void {
    this.#producer.close();
    this.#program.close();
  }
}

function lanePass(answer: string): LanePass {
  const [ns = NaN, events = NaN, survivors = NaN] = answer.split(' ').map(Number);
  return { ns, events, survivors };
}
