import type { Task } from './peer.ts';

/** What a task reads of each event, for the rows. */
export const READS_OF: Readonly<Record<Task, string>> = {
  'five-fields': 'srttUs, sndCwnd, totalRetrans, bytesAcked, localPort of every op event',
  'every-field': 'every numeric field of every op event',
  filter: 'op and cbFlags of every op event; survivors are counted',
};

/** Which case of its suite a task is, as the native peers' are called. */
export const CASE_OF: Readonly<Record<Task, string>> = {
  'five-fields': 'decode/INPUT/five-fields',
  'every-field': 'decode/INPUT/every-field',
  filter: 'filter/INPUT/op-flags',
};

/** Id of a case, without the baseline. */
export function caseId(task: Task, input: { readonly name: string }): string {
  return CASE_OF[task].replace('INPUT', input.name);
}
