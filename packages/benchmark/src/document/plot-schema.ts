import * as v from 'valibot';

import type { Plot } from '../bench-document.ts';
import { described } from './described.ts';
import type { JsonOf } from './json-of.ts';

const axis = v.object({
  label: described(v.string(), 'what it is, with its unit'),
  scale: described(v.picklist(['linear', 'log', 'category']), 'how values lie on it'),
});

const point = v.object({
  x: described(v.union([v.number(), v.string()]), 'a name where the axis has categories'),
  y: described(v.number(), 'median of the rounds'),
  low: described(v.number(), 'least of the rounds'),
  high: described(v.number(), 'greatest of the rounds'),
});

const series = v.object({
  name: described(v.string(), 'of the curve'),
  points: described(v.array(point), 'in the order of x'),
});

/** A plot. */
export const PLOT_SCHEMA: v.GenericSchema<JsonOf<Plot>> = v.object({
  id: described(v.string(), 'the same from run to run'),
  title: described(v.string(), 'the question that it answers'),
  x: described(axis, 'what was varied'),
  y: described(axis, 'what was measured'),
  series: described(v.array(series), 'the curves'),
});
