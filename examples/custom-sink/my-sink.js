// Counts events by op and keeps the counts in a file that Prometheus' node_exporter collects:
//   sockflow replay capture.sfrec --sink 'module:./my-sink.js?path=tcp.prom'
import { rename, writeFile } from 'node:fs/promises';

import { OP_NAMES } from 'sockflow';

export default ({ path = 'tcp.prom' }) => ({
  name: `textfile(${path})`,
  accepts: 'batches',
  open: ({ lane, lanes }) => {
    const ownPath = lanes === 1 ? path : path.replace(/(\.prom)?$/, `.${lane}.prom`);
    return new TextfileWriter(ownPath, lane);
  },
});

class TextfileWriter {
  acknowledged = 0;
  failed = 0;
  #path;
  #lane;
  #counts = new Map();
  #written = 0;

  constructor(path, lane) {
    this.#path = path;
    this.#lane = lane;
  }

  // The batch's slots are another's when this returns: only numbers are kept.
  write(batch) {
    for (const { op } of batch) this.#counts.set(op, (this.#counts.get(op) ?? 0) + 1);
    this.#written += batch.size;
  }

  // Only what lies in the file is acknowledged: the ledger holds the sink to it.
  async flush() {
    const lines = [...this.#counts].map(
      ([op, count]) => `tcp_events_total{lane="${this.#lane}",op="${OP_NAMES[op]}"} ${count}\n`,
    );
    await writeFile(`${this.#path}.tmp`, `# TYPE tcp_events_total counter\n${lines.join('')}`);
    await rename(`${this.#path}.tmp`, this.#path);
    this.acknowledged = this.#written;
  }

  async close() {
    if (this.acknowledged < this.#written) this.failed = this.#written - this.acknowledged;
    return { location: this.#path };
  }
}
