import { findCode } from './error-chain.ts';

const CODES: ReadonlySet<string> = new Set(['EPIPE', 'ERR_SOCKFLOW_SINK_READER_GONE']);

/** Whether an error means that the reader of our output has gone, as `head` does: no failure of ours. */
export function isClosedPipe(error: unknown): boolean {
  return findCode(error, (code) => CODES.has(code)) !== undefined;
}
