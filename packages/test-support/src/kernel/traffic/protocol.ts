/*
 * What a test and its traffic process say to each other: one JSON object a line. A request has a number, its answer the same one; answers come when they are there, in any order.
 *
 *   test     {"number":3,"request":"connect","host":"10.203.0.2","port":7000}
 *   process  {"number":3,"answer":{"connection":1,"localPort":40112, …}}   or   {"number":3,"failure":{"code":"ECONNREFUSED", …}}
 */

/** What the process says of itself, without being asked, first of all. */
export interface Hello {
  readonly pid: number;
  /** /proc/self/comm: what the kernel would call it. */
  readonly comm: string;
}

/** A connection as its own process sees it. */
export interface ConnectionFacts {
  readonly connection: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** How a connection ended for its process. */
export interface ConnectionEnd {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** `ECONNRESET`; not there where it ended well. */
  readonly errorCode?: string;
}

/** Why a request failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Of a connect that failed: the port that it tried from. */
  readonly localPort?: number;
}

/** Every request: what it takes and what it gives. */
export interface Requests {
  listen: { takes: ListenRequest; gives: { listener: number; address: string; port: number } };
  accept: { takes: { listener: number }; gives: ConnectionFacts };
  closeListener: { takes: { listener: number }; gives: object };
  connect: { takes: ConnectRequest; gives: ConnectionFacts };
  send: { takes: { connection: number; bytes: number }; gives: { bytesWritten: number } };
  receive: { takes: { connection: number; bytes: number }; gives: { bytesRead: number } };
  exchange: {
    takes: { connection: number; times: number; bytes: number };
    gives: { bytesRead: number };
  };
  setReading: { takes: { connection: number; isReading: boolean }; gives: object };
  end: { takes: { connection: number }; gives: object };
  reset: { takes: { connection: number }; gives: object };
  destroy: { takes: { connection: number }; gives: object };
  closed: { takes: { connection: number }; gives: ConnectionEnd };
}

export interface ListenRequest {
  readonly host: string;
  /** 0, the default: one that is free. */
  readonly port?: number;
  /** Whether it sends back what it gets, and closes when the other end has; default: it only reads. */
  readonly echo?: boolean;
  readonly backlog?: number;
}

export interface ConnectRequest {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** After it the attempt is given up, with ETIMEDOUT; default: the kernel's time. */
  readonly giveUpMs?: number;
}

export type RequestName = keyof Requests;
export type RequestLine = { readonly number: number; readonly request: RequestName } & Record<
  string,
  unknown
>;
export type AnswerLine =
  | { readonly hello: Hello }
  | { readonly number: number; readonly answer: object }
  | { readonly number: number; readonly failure: Failure };
