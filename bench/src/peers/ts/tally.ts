import { everyFieldOf, fiveFieldsOf, survives } from './object-tasks.ts';
import type { PeerEvent } from './peer-fields.ts';
import type { EncodedEvents, Found, Task } from './peer.ts';

/** What a task does with each event. */
export interface Tally {
  readonly take: (event: PeerEvent) => void;
  readonly found: () => Found;
}

/** Decodes all events one after another and hands each over as an object. */
type DecodeAll = (take: (event: PeerEvent) => void) => void | Promise<void>;

class Reading implements Tally {
  #count = 0;
  #checksum = 0;
  readonly take: (event: PeerEvent) => void;

  constructor(read: (event: PeerEvent) => number) {
    this.take = (event) => {
      this.#checksum = (this.#checksum + read(event)) | 0;
      this.#count++;
    };
  }

  found(): Found {
    return { count: this.#count, checksum: this.#checksum >>> 0 };
  }
}

class Filtering implements Tally {
  #count = 0;
  readonly take: (event: PeerEvent) => void = (event) => {
    if (survives(event)) this.#count++;
  };

  found(): Found {
    return { count: this.#count, checksum: 0 };
  }
}

const TALLIES: Readonly<Record<Task, () => Tally>> = {
  'five-fields': () => new Reading(fiveFieldsOf),
  'every-field': () => new Reading(everyFieldOf),
  filter: () => new Filtering(),
};

/** The tasks of a format whose events become plain objects before anything of them can be read. */
export function tasksOnObjects(bytes: number, decodeAll: DecodeAll): EncodedEvents {
  const run = async (task: Task): Promise<Found> => {
    const tally = TALLIES[task]();
    await decodeAll(tally.take);
    return tally.found();
  };
  return {
    bytes,
    'five-fields': () => run('five-fields'),
    'every-field': () => run('every-field'),
    filter: () => run('filter'),
  };
}
