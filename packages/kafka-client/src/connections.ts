import type { Consumer, Producer } from '@platformatic/kafka';

/** What closes a connection of itself is given so long, ms. */
const CLOSE_GRACE_MS = 1000;

/** A client as what is here needs it. */
type Client = Pick<Producer | Consumer, 'connections'> & {
  on(event: string, listener: (payload: { readonly connection: Connection }) => void): unknown;
  close(isForced: boolean, callback: (error?: Error | null) => void): void;
};
interface Connection {
  readonly socket?: { destroy(): void };
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * What the system said of the last connection that ended badly: the client itself tells of some ends only that the connection is closed, such as of one whose
 * certificate the broker refuses.
 */
export class ConnectionTroubles {
  #last: Error | undefined;

  constructor(client: object) {
    this.#last = undefined;
    const events = client as Client;
    events.on('client:broker:connect', ({ connection }) => {
      this.#last = undefined;
      connection.on('error', (error) => {
        this.#last = error;
      });
    });
  }

  /** `undefined` where it is not known, or a later connection stands. */
  get last(): Error | undefined {
    return this.#last;
  }
}

/** Ends all connections of a client at once; what waits for an answer fails, and the next use connects anew. */
export function dropConnections(client: object): void {
  for (const [, connection] of (client as Client).connections)
    (connection as Connection).socket?.destroy();
}

/** Closes a producer or consumer, whatever its brokers do; never rejects. `isAtOnce` drops what is still to be written to them. */
export function closeClient(
  client: object,
  { isAtOnce = false }: { readonly isAtOnce?: boolean } = {},
): Promise<void> {
  const { connections } = client as Client;
  const open = [...connections].map(([, connection]) => connection as Connection);
  return new Promise((resolve) => {
    const drop = (): void => {
      for (const { socket } of open) socket?.destroy();
    };
    // A broker that reads nothing would keep the connection open for what it has not read.
    const timer = setTimeout(drop, CLOSE_GRACE_MS);
    if (isAtOnce) drop();
    (client as Client).close(true, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
