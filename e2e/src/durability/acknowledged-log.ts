import { openSync, readFileSync, writeSync } from 'node:fs';

const BYTES = 8;

/** What a process that may be killed at any moment has acknowledged: one number in a file of its own, which the system keeps when the process is gone. */
export class AcknowledgedLog {
  readonly #fd: number;
  readonly #bytes: Buffer;
  #last: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
    this.#bytes = Buffer.alloc(BYTES);
    this.#last = 0;
  }

  note(acknowledged: number): void {
    if (acknowledged === this.#last) return;
    this.#last = acknowledged;
    this.#bytes.writeBigUInt64LE(BigInt(acknowledged));
    writeSync(this.#fd, this.#bytes, 0, BYTES, 0);
  }
}

/** The last number noted; `undefined` where none was. */
export function readAcknowledged(path: string): number | undefined {
  const bytes = readFileSync(path);
  return bytes.length < BYTES ? undefined : Number(bytes.readBigUInt64LE());
}
