import { isSockflowError } from '@sockflow/core';

/** An error in a sentence: of ours with its code. */
export function errorText(error: unknown): string {
  if (isSockflowError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
