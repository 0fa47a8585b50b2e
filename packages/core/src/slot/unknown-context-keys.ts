import { CONTEXT_KEYS } from '../schema/context-keys.ts';
import {
  CLOCK_ANCHOR_FIELDS,
  LOSS_MARKER_FIELDS,
  RTT_SUMMARY_FIELDS,
} from '../schema/kind-fields.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'kind',
  'sections',
  ...CONTEXT_KEYS,
  ...[...RTT_SUMMARY_FIELDS, ...LOSS_MARKER_FIELDS, ...CLOCK_ANCHOR_FIELDS].map(({ name }) => name),
]);

/** The keys of a raw event that `writeContextEvent` passes over: to tell a user what a conversion does not keep. */
export function unknownContextKeys(event: object): string[] {
  return Object.keys(event).filter((key) => !KNOWN.has(key));
}
