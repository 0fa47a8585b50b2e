import type { Connection, Producer } from '@platformatic/kafka';

import { Wire } from './wire.ts';

/** The client's connections, each with its {@link Wire}. */
export class Wires {
  readonly #byConnection: WeakMap<Connection, Wire>;

  /** @param producer - that waits for no answer */
  constructor(producer: Producer) {
    this.#byConnection = new WeakMap();
    for (const [, connection] of producer.connections) this.#attach(connection);
    // Before anything is asked on it.
    producer.on('client:broker:connect', ({ connection }) => this.#attach(connection));
  }

  of(connection: Connection): Wire {
    return this.#byConnection.get(connection) ?? this.#attach(connection);
  }

  #attach(connection: Connection): Wire {
    const wire = new Wire(connection);
    this.#byConnection.set(connection, wire);
    return wire;
  }
}
