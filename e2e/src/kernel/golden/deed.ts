/** What the traffic of the golden recording did in one connection: of its own sockets, and of tcpdump. A line of fixtures/live-did.ndjson. */
export interface Deed {
  /** echo4, echo6, v4mapped, refused4, refused6, reset_by_client, reset_by_server, loss, stall, silent, half_open, write_header, existing. */
  readonly what: string;
  readonly client: {
    readonly address: string;
    readonly port: number;
    readonly pid: number;
    readonly comm: string;
  };
  /** `pid` is not there where nobody listened. */
  readonly server: { readonly address: string; readonly port: number; readonly pid?: number };
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** What the client's socket was told: `ECONNREFUSED`. */
  readonly error?: string;
  /** Of the wire, at the client's end. */
  readonly wire: Wire;
}

/** What tcpdump counted of one connection. */
export interface Wire {
  readonly syns: number;
  readonly synAcks: number;
  /** Sequence numbers of the client's segments with data that were sent more than once, each time after the first. */
  readonly repeatedSeqs: readonly number[];
  /** Segments from the client with the experimental option of the other program. */
  readonly withOption: number;
  /** The SYN-ACK's whole header, hexadecimal. */
  readonly synAckHeader?: string;
}
