/** What a lane sends to the terminal's thread: events as lines, or its connections. */
export type WatchPage = LinesPage | ConnectionsPage;

/** Events as they came. */
export interface LinesPage {
  readonly type: 'lines';
  readonly lane: number;
  /** Whole lines. */
  readonly text: string;
  /** Events that came after them and are not among them. */
  readonly notShown: number;
}

/** A lane's connections, the most active first. */
export interface ConnectionsPage {
  readonly type: 'connections';
  readonly lane: number;
  readonly rows: readonly ConnectionRow[];
  /** How many the lane knows. */
  readonly connections: number;
  /** How many it had to forget. */
  readonly forgotten: number;
  readonly events: number;
  /** Events that are in none of them: of sockets that were closed before anything was seen of them. */
  readonly notShown: number;
}

/** One end of a connection, as the table shows it. */
export interface ConnectionRow {
  readonly local: string;
  readonly remote: string;
  /** Role: who called connect; 0 unknown. */
  readonly role: number;
  readonly state: number;
  readonly owner: string;
  /** Smoothed, or the mean of a summary; 0 unknown. */
  readonly rttUs: number;
  readonly rttMinUs: number;
  readonly retransmits: number;
  readonly timeouts: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Errno, 0 none. */
  readonly error: number;
  readonly events: number;
  readonly eventsPerSec: number;
  readonly isClosed: boolean;
}
