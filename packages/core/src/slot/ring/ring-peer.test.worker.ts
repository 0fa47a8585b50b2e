import { parentPort, workerData } from 'node:worker_threads';

import { Kind } from '../../schema/kind.ts';
import { RingConsumer } from './ring-consumer.ts';
import {
  CARRY_STEP,
  randomOf,
  spin,
  Stage,
  TEST_ORIGIN,
  put,
  valuesOf,
} from './ring-kit.test.support.ts';
import type { RingMemory } from './ring-memory.ts';
import { RING_FULL, RingProducer } from './ring-producer.ts';
import { U64Word } from './u64-word.ts';

/* The other thread of the ring's interleaving tests: plays one named part against the thread that runs the tests. */

export type PeerPart =
  | 'stepwise'
  | 'publishRace'
  | 'wakeRace'
  | 'endRace'
  | 'produce'
  | 'carryRace'
  | 'clockRace'
  | 'fullRace'
  | 'closeRace'
  | 'saturate'
  | 'consume';

export interface PeerJob {
  readonly part: PeerPart;
  readonly control: SharedArrayBuffer;
  readonly rings: readonly RingMemory[];
  readonly rounds: number;
}

type Part = (job: PeerJob, stage: Stage) => unknown;

const PARTS: Readonly<Record<PeerPart, Part>> = {
  /** Goes through the steps of one slot, one at a time. */
  stepwise({ rings }, stage) {
    const producer = new RingProducer(rings[0]!);
    stage.until(1);
    const word = producer.tryClaim(256);
    producer.memory.u32.fill(1, word + 2, word + 64);
    stage.arrive(2);
    stage.until(3);
    producer.submit(word);
    stage.arrive(4);
    stage.until(5);
    producer.publish();
    stage.arrive(6);
  },

  /** Publishes three slots at once, then three one by one, against a poll that begins at the same moment. */
  publishRace({ rings, rounds }, stage) {
    const producer = new RingProducer(rings[0]!);
    const random = randomOf(3);
    for (let round = 0; round < rounds; round++) {
      stage.spinUntil(round * 2 + 1);
      spin(random(400));
      for (let slot = 0; slot < 3; slot++) {
        put(producer, round * 3 + slot, 256 + 64 * random(8));
        if (round % 2 === 1) producer.publish();
      }
      producer.publish();
      stage.arrive(round * 2 + 2);
    }
  },

  /** Publishes one slot a round while the consumer goes to sleep. */
  wakeRace({ rings, rounds }, stage) {
    const producer = new RingProducer(rings[0]!);
    const random = randomOf(4);
    for (let round = 0; round < rounds; round++) {
      stage.spinUntil(round + 1);
      spin(random(30_000));
      put(producer, round);
      producer.publish();
    }
  },

  /** Ends each ring, with a last slot or without, while the consumer waits. */
  endRace({ rings, rounds }, stage) {
    const random = randomOf(5);
    for (let round = 0; round < rounds; round++) {
      const producer = new RingProducer(rings[round]!);
      stage.spinUntil(round + 1);
      spin(random(20_000));
      if (round % 2 === 0) put(producer, round);
      producer.end();
    }
  },

  /** Produces `rounds` slots as fast as there is room, and waits for room when there is none. */
  async produce({ rings, rounds }) {
    const producer = new RingProducer(rings[0]!);
    const random = randomOf(6);
    for (let value = 0; value < rounds; value++) {
      const bytes = 256 + 64 * random(6);
      while (!put(producer, value, bytes)) await producer.waitForRoom(20_000);
      if (random(8) === 0) producer.publish();
    }
    producer.end();
    return { refused: producer.refused, events: producer.events };
  },

  /** Advances the consumer position of the first ring by CARRY_STEP, over and over, until the other thread has seen enough. */
  carryRace({ rings, rounds }, stage) {
    const word = new U64Word(rings[0]!.consumerPage, 0);
    stage.until(1);
    for (let round = 0; round < rounds && !stage.hasCome(2); round++) {
      word.advance(CARRY_STEP);
      spin(30);
    }
    stage.arrive(3);
  },

  /** Publishes `rounds` batches of three events, each a microsecond after the one before. */
  clockRace({ rings, rounds }) {
    const producer = new RingProducer(rings[0]!);
    const words = producer.memory.u32;
    let us = 1;
    for (let round = 0; round < rounds; round++) {
      for (let slot = 0; slot < 3; slot++) {
        let word = producer.tryClaim(256);
        while (word === RING_FULL) word = producer.tryClaim(256);
        words[word + 2] = Kind.OP;
        words[word + 4] = us++ * 1000;
        words[word + 5] = 0;
        producer.submit(word);
      }
      producer.publish();
    }
    producer.end();
  },

  /** Fills the ring until it is full, `rounds` times, against releases that begin at the same moment. */
  fullRace({ rings, rounds }, stage) {
    const producer = new RingProducer(rings[0]!);
    let value = 0;
    for (let round = 0; round < rounds; round++) {
      stage.spinUntil(round * 2 + 1);
      while (put(producer, value)) value++;
      stage.arrive(round * 2 + 2);
    }
    return value;
  },

  /** Consumes until the end, and closes each ring at once when it is asked to. */
  async closeRace({ rings, rounds }, stage) {
    const random = randomOf(7);
    for (let round = 0; round < rounds; round++) {
      const consumer = new RingConsumer(rings[round]!, { origin: TEST_ORIGIN });
      stage.spinUntil(round + 1);
      spin(random(20_000));
      consumer.close();
    }
  },

  /** Produces until the consumer is gone; what it was refused is lost. */
  saturate({ rings }) {
    const producer = new RingProducer(rings[0]!);
    let value = 0;
    while (producer.publish()) {
      for (let slot = 0; slot < 64; slot++) if (put(producer, value)) value++;
    }
    return { events: producer.events, closed: producer.tryClaim(256) !== RING_FULL };
  },

  /** Reads whatever comes until the end; the values must be 0, 1, 2, ... */
  async consume({ rings }) {
    const consumer = new RingConsumer(rings[0]!, { origin: TEST_ORIGIN });
    let next = 0;
    for (;;) {
      const span = consumer.peek();
      if (span !== undefined) {
        for (const value of valuesOf(span)) {
          if (value !== next) throw new Error(`expected value ${next}, found ${value}`);
          next++;
        }
        consumer.release();
      } else if (consumer.isEnded) {
        return next;
      } else {
        await consumer.wait(20_000);
      }
    }
  },
};

const job = workerData as PeerJob;
parentPort!.postMessage(await PARTS[job.part](job, new Stage(job.control)));
