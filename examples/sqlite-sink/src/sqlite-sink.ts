import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import Database from 'libsql';
import { type Batch, isBatch, type Sink, type SinkOutcome, type SinkWriter } from 'sockflow';

const NAMES = 'tsNs kind op cookie localAddress localPort remoteAddress remotePort state srttUs';
const COLUMNS = NAMES.split(' ');
/** Values come one by one: so many share a transaction. */
const VALUES_PER_COMMIT = 500;

/**
 * Rows of `table` in the SQLite file at `path`, which all lanes share: of an event its columns, of a value its JSON in the column `value`. The table `outputs` has a row
 * for each lane that has closed.
 */
export default function sqlite(options: { readonly path?: string; readonly table?: string }): Sink {
  const { path = 'events.db', table = 'events' } = options;
  if (!/^\w+$/.test(table)) throw new RangeError(`expected a table's name, found '${table}'`);
  return {
    name: `sqlite(${path}, ${table})`,
    accepts: 'both',
    target: `${resolve(path)}/${table}`, // two sinks may share the file, but not a table
    prepare() {
      const db = connect(path);
      db.exec(`DROP TABLE IF EXISTS ${table};
        CREATE TABLE ${table} (lane, ${COLUMNS.join(', ').replace('tsNs', 'tsNs INTEGER')}, value);
        CREATE TABLE IF NOT EXISTS outputs (name, lane, lanes, is_complete);
        DELETE FROM outputs WHERE name = '${table}'`);
      db.close();
    },
    open: ({ lane, lanes }) => new SqliteWriter(path, table, lane, lanes),
  };
}

/** A lane waits 10 s for the transactions of others, which take milliseconds. */
function connect(path: string): Database.Database {
  const db = new Database(path);
  db.exec('PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL');
  return db;
}

/** Acknowledged is what is committed: it survives the process. */
class SqliteWriter implements SinkWriter {
  acknowledged = 0;
  failed = 0;
  readonly #path: string;
  readonly #db: Database.Database;
  readonly #insert: Database.Statement;
  readonly #output: readonly [name: string, lane: number, lanes: number];
  readonly #waiting: unknown[][] = [];
  #isClosed = false;

  constructor(path: string, table: string, lane: number, lanes: number) {
    this.#path = path;
    this.#db = connect(path);
    this.#output = [table, lane, lanes];
    this.#insert = this.#db.prepare(
      `INSERT INTO ${table} VALUES (?${', ?'.repeat(COLUMNS.length + 1)})`,
    );
  }

  /** Nothing of a batch is needed when this returns: its rows are committed. */
  write(input: unknown): void {
    try {
      if (isBatch(input)) this.#waiting.push(...rowsOf(this.#output[1], input));
      else
        this.#waiting.push([
          this.#output[1],
          ...COLUMNS.map(() => null),
          JSON.stringify(input, (_key, item) => cell(item)) ?? null,
        ]);
    } catch (error) {
      this.failed += isBatch(input) ? input.size : 1;
      throw error;
    }
    if (isBatch(input) || this.#waiting.length >= VALUES_PER_COMMIT) this.#commit();
  }

  flush(): void {
    this.#commit();
    if (!existsSync(this.#path)) throw new Error(`${this.#path} was removed while it was written`);
  }

  close({ isComplete }: SinkOutcome = { isComplete: true }): { location: string } {
    if (this.#isClosed) return { location: this.#path };
    this.#isClosed = true;
    try {
      this.#commit();
      const isWhole = isComplete && this.failed === 0 ? 1 : 0;
      this.#db.prepare('INSERT INTO outputs VALUES (?, ?, ?, ?)').run(...this.#output, isWhole);
    } finally {
      this.#db.close();
    }
    return { location: this.#path };
  }

  /** One transaction for all that waits. What it did not take is lost, and the error ends the run. */
  #commit(): void {
    const rows = this.#waiting.splice(0);
    try {
      if (rows.length > 0) this.#db.exec('BEGIN IMMEDIATE');
      for (const row of rows) this.#insert.run(...row);
      if (rows.length > 0) this.#db.exec('COMMIT');
      this.acknowledged += rows.length;
    } catch (error) {
      this.failed += rows.length;
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function rowsOf(lane: number, batch: Batch): unknown[][] {
  const events = batch.toObjects() as unknown as Record<string, unknown>[];
  return events.map((event) => [lane, ...COLUMNS.map((name) => cell(event[name])), null]);
}

/** 64-bit numbers go in as text, as in NDJSON; SQLite makes integers of times, which fit. */
function cell(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : (value ?? null);
}
