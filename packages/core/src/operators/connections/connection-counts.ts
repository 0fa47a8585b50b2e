/** What became of the connections that a `scanConnections` has seen. */
export interface ConnectionCounts {
  opened: number;
  closed: number;
  idle: number;
  evicted: number;
  open: number;
}

/** Counts at zero. */
export function connectionCounts(): ConnectionCounts {
  return { opened: 0, closed: 0, idle: 0, evicted: 0, open: 0 };
}
