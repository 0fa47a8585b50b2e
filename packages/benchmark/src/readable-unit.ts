const TIMES = ['ns', 'us', 'ms', 's'];
const STEP = 1000;

/** A unit for people, and what a value is divided by to be in it. */
export interface ReadableUnit {
  readonly unit: string;
  readonly divisor: number;
}

/** Times from 1000 on are in the next larger unit, `1.38 µs` for 1380 ns; other units stay as they are. */
export function readableUnit(value: number, unit: string): ReadableUnit {
  const [, time = '', rest = ''] = /^(ns|us|ms|s)(?![A-Za-z])(.*)$/.exec(unit) ?? [];
  let index = TIMES.indexOf(time);
  if (index === -1) return { unit, divisor: 1 };
  let divisor = 1;
  while (index < TIMES.length - 1 && Math.abs(value) / divisor >= STEP) {
    divisor *= STEP;
    index++;
  }
  return { unit: `${(TIMES[index] ?? time).replace('us', 'µs')}${rest}`, divisor };
}
