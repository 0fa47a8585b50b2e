import { Writable } from 'node:stream';

import { Terminal } from './terminal.ts';

/** A terminal without colours that remembers what was written. */
export class MemoryOutput {
  text = '';
  readonly terminal: Terminal;

  constructor() {
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.text += String(chunk);
        done();
      },
    });
    this.terminal = new Terminal(stream, {});
  }
}
