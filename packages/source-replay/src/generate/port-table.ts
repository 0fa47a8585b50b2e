/** net.ipv4.ip_local_port_range. */
export const FIRST_EPHEMERAL_PORT = 32768;
export const EPHEMERAL_PORTS: number = 60999 - FIRST_EPHEMERAL_PORT + 1;

/** Which local ports of a namespace are taken. How many are free of each parity is counted, so that a host that has run out of ports costs no search for one. */
export class PortTable {
  readonly #taken: Uint8Array;
  readonly #freeByParity: [number, number];

  constructor() {
    this.#taken = new Uint8Array(EPHEMERAL_PORTS);
    this.#freeByParity = [EPHEMERAL_PORTS / 2, EPHEMERAL_PORTS / 2];
  }

  /** The first free even port from `evenIndex` on, around the end; then the odd ones. @returns 0 where all are taken. */
  take(evenIndex: number): number {
    const parity = this.#freeByParity[0] > 0 ? 0 : 1;
    if (this.#freeByParity[parity] === 0) {
      return 0;
    }
    let index = parity === 0 ? evenIndex : (evenIndex + 3) % EPHEMERAL_PORTS;
    while (this.#taken[index] === 1) {
      index = (index + 2) % EPHEMERAL_PORTS;
    }
    this.#taken[index] = 1;
    this.#freeByParity[parity]--;
    return FIRST_EPHEMERAL_PORT + index;
  }

  release(port: number): void {
    const index = port - FIRST_EPHEMERAL_PORT;
    this.#taken[index] = 0;
    const parity = index % 2 === 0 ? 0 : 1;
    this.#freeByParity[parity]++;
  }
}
