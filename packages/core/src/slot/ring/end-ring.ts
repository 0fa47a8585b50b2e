import { WakeWord } from '../waiting/wake-word.ts';
import { CONSUMER_STATE_OFFSET, PRODUCER_STATE_OFFSET } from './layout.ts';
import type { RingMemory } from './ring-memory.ts';

/**
 * Ends a SAB ring on behalf of a producer that is gone: what it published is read, then the consumer finds the end. Any thread, once the producer's thread
 * runs no more (R1); what is ended already stays so.
 */
export function endRing(memory: RingMemory): void {
  // ORDER and PAIRS WITH as in RingProducer.end (R9): the producer's last position was stored before its thread ended.
  new WakeWord(new Int32Array(memory.producerPage), PRODUCER_STATE_OFFSET / 4).close();
  new WakeWord(new Int32Array(memory.consumerPage), CONSUMER_STATE_OFFSET / 4).wake();
}
