import type { SlotSpan } from '@sockflow/core';

import type { Found, Task } from '../peer.ts';

/** A way to read slots in memory without us, by somebody who knows the layout. */
export type SlotLoops = Readonly<Record<Task, (spans: readonly SlotSpan[]) => Found>>;
