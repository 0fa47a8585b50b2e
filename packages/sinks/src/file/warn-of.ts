import type { SinkContext } from '@sockflow/core';

/** Tells whoever runs a sink; outside a run, the process. */
export function warnOf({ warn }: Pick<SinkContext, 'warn'>, text: string): void {
  if (warn === undefined) process.emitWarning(text, 'SockflowWarning');
  else warn(text);
}
