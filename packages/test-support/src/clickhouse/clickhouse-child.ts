/*
 * A process of its own for the engine: its threads go on for as long as it has Kafka tables, and its memory goes with it.
 * Started by clickhouse.ts with the folder of chdb as its argument; answers each SQL text with rows or an error.
 */
import { createRequire } from 'node:module';

interface Session {
  query(sql: string, format: string): string;
}

const [, , packageDir = ''] = process.argv;
const { Session } = createRequire(import.meta.url)(packageDir) as { Session: new () => Session };
const session = new Session();
// As NDJSON has them.
session.query('SET output_format_json_quote_64bit_integers = 1', 'JSONEachRow');

process.on('message', (sql: string) => {
  try {
    const text = session.query(sql, 'JSONEachRow');
    const rows = text.split('\n').filter((line) => line !== '');
    process.send?.({ rows: rows.map((line) => JSON.parse(line) as unknown) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
