import { dirname, resolve } from 'node:path';

import { type Check, fault, ok } from './check.ts';
import type { Machine } from './machine.ts';

const GIB = 2 ** 30;
/** A slot in a recording. */
const EVENT_BYTES = 256;
const EVENTS_PER_SEC = 10_000;
const LITTLE_BYTES = GIB;

/** output.space: whether a recording can be written, and how long there is room. `output` is a file to be; `undefined`: the folder that the process is in. */
export function outputCheck(machine: Machine, output: string | undefined): Check {
  const id = 'output.space';
  const folder = output === undefined ? resolve('.') : dirname(resolve(output));
  const refusal = machine.refusal(folder, 'write');
  if (refusal !== undefined) {
    return fault(
      id,
      output === undefined ? 'note' : 'error',
      `${folder}: ${refusal === 'ENOENT' ? 'there is no such folder' : `not writable (${refusal})`}`,
      refusal === 'ENOENT' ? `mkdir -p ${folder}` : 'Write the recording elsewhere',
    );
  }
  const freeBytes = machine.freeBytes(folder);
  if (freeBytes === undefined) return fault(id, 'note', `${folder}: nobody says how much is free`);
  const minutes = freeBytes / EVENT_BYTES / EVENTS_PER_SEC / 60;
  const says = `${folder}: ${(freeBytes / GIB).toFixed(1)} GiB free, ${lengthOf(minutes)} at 10,000 events/s`;
  if (freeBytes >= LITTLE_BYTES) return ok(id, says);
  return fault(id, 'warning', says, 'Make room, or write elsewhere: --output PATH checks that');
}

function lengthOf(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  return minutes < 120 ? `${Math.floor(minutes)} min` : `${Math.floor(minutes / 60)} h`;
}
