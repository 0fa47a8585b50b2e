import type { BenchCase } from '../../harness/bench-case.ts';
import { compareFormats } from './compare-formats.ts';
import { compareSlotLoops } from './compare-slot-loops.ts';

/** Ours against loops by hand over the same slots. */
export const slotLoopsCase: BenchCase = {
  suite: 'decode',
  name: 'by-hand',
  says: 'five fields and every field against loops over a typed array and a DataView',
  run: (bench) => compareSlotLoops(bench, ['five-fields', 'every-field']),
};

/** Ours against other encodings of the same events. */
export const formatsCase: BenchCase = {
  suite: 'decode',
  name: 'formats',
  says: 'the same events as Arrow, msgpackr, protobuf, JSON lines, objects: fields and bytes per event',
  run: (bench) => compareFormats(bench, { tasks: ['five-fields', 'every-field'], withSizes: true }),
};

export const filterByHandCase: BenchCase = {
  suite: 'filter',
  name: 'by-hand',
  says: 'op and cb flags against loops over a typed array and a DataView',
  run: (bench) => compareSlotLoops(bench, ['filter']),
};

export const filterFormatsCase: BenchCase = {
  suite: 'filter',
  name: 'formats',
  says: 'op and cb flags of the same events as Arrow, msgpackr, protobuf, JSON lines, objects',
  run: (bench) => compareFormats(bench, { tasks: ['filter'], withSizes: false }),
};
