import type { KafkaOptions } from '@sockflow/sinks';

import type { RecordingInput } from '../harness/recording-input.ts';
import type { BenchBroker } from './bench-broker.ts';

/** Where a case takes place. */
export interface KafkaPlace {
  readonly broker: BenchBroker;
  readonly input: RecordingInput;
  /** For payload files and spools. */
  readonly folder: string;
}

/** What records look like in a case. */
export interface RecordShape {
  readonly name: string;
  readonly options: Pick<KafkaOptions, 'encoding' | 'fields'>;
}

/** A record for each event; JSON first, which is the default. */
export const SINGLES: readonly RecordShape[] = [
  { name: 'json', options: { encoding: 'json' } },
  { name: 'msgpack', options: { encoding: 'msgpack' } },
];

/** Many events in a record. */
export const PACKED: RecordShape = { name: 'packed', options: { encoding: 'slots' } };
