import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { type AsyncCleanableTest, atEnd } from '../kernel/at-end.ts';

const CHILD = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './clickhouse-child.ts' : './clickhouse-child.js',
    import.meta.url,
  ),
);

/** A row as JSON has it: 64-bit numbers as text. */
export type ClickHouseRow = Readonly<Record<string, unknown>>;

/** A real ClickHouse with a database of its own, in a process that ends with the test. */
export class ClickHouse {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  /** @param packageDir - what `requireClickHouse` gave */
  constructor(t: AsyncCleanableTest, packageDir: string) {
    this.#process = fork(CHILD, [packageDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#ended = once(this.#process, 'exit').then(() => {
      throw new Error('ClickHouse ended');
    });
    this.#ended.catch(() => {});
    atEnd(t, () => this.#process.kill('SIGKILL'));
  }

  /**
   * Runs one statement; one at a time.
   *
   * @throws Error with what ClickHouse said
   */
  async query(sql: string): Promise<readonly ClickHouseRow[]> {
    const answered = once(this.#process, 'message');
    this.#process.send(sql);
    const [{ rows, error }] = (await Promise.race([answered, this.#ended])) as [
      { rows?: ClickHouseRow[]; error?: string },
    ];
    if (rows === undefined) throw new Error(`${error ?? ''}\n${sql}`);
    return rows;
  }

  /** Runs the statements of a file, each of which ends with a semicolon at the end of a line. */
  async run(script: string): Promise<void> {
    const withoutComments = script.replaceAll(/^--.*$/gm, '');
    for (const statement of withoutComments.split(/;$/m).filter((text) => text.trim() !== ''))
      await this.query(statement);
  }
}
