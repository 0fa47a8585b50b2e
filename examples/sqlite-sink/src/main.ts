import { parseArgs } from 'node:util';

import Database from 'libsql';
import { run } from 'sockflow';

const { values } = parseArgs({
  options: {
    recording: { type: 'string', default: 'fixtures/real.sfrec' },
    db: { type: 'string', default: 'losses.db' },
    lanes: { type: 'string', default: '2' },
  },
});

/** The median and the slowest twentieth of a port's samples need all of them in order: SQL does that, no operator has to. */
const BY_PORT = `
  WITH samples AS (
    SELECT remotePort, srttUs, ntile(20) OVER (PARTITION BY remotePort ORDER BY srttUs) AS part
    FROM events WHERE op = 'RTT_CB'),
  rtt AS (
    SELECT remotePort, max(srttUs) FILTER (WHERE part = 10) AS p50, max(srttUs) FILTER (WHERE part = 19) AS p95
    FROM samples GROUP BY remotePort),
  losses AS (
    SELECT remotePort, count(*) AS losses, count(DISTINCT cookie) AS connections, avg(lasted) AS lasted
    FROM events JOIN (
      SELECT value ->> 'cookie' AS id, value ->> 'durationUs' AS lasted FROM connections) ON id = cookie
    WHERE op <> 'RTT_CB' GROUP BY remotePort)
  SELECT remotePort AS port, losses, connections, round(lasted / 1e6, 2) AS "seconds, mean", p50 AS "RTT p50 us", p95 AS "RTT p95 us"
  FROM losses FULL JOIN rtt USING (remotePort) ORDER BY losses DESC, p95 DESC LIMIT 8`;

const { recording, db: path, lanes } = values;
const handle = run(new URL('losses.pipeline.js', import.meta.url), {
  lanes: Number(lanes),
  params: { recording, db: path },
});
await handle.done;

const db = new Database(path);
const unfinished = db.prepare('SELECT * FROM outputs WHERE NOT is_complete').all();
if (unfinished.length > 0) throw new Error(`the run has failed: ${JSON.stringify(unfinished)}`);
console.log(`Ports that lost most, by SQL over ${path}`);
console.table(db.prepare(BY_PORT).all());
db.close();
