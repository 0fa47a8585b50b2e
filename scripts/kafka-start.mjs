// Starts an Apache Kafka on loopback for a person, until Ctrl-C; its data goes with it.
//
//   pnpm kafka:start [--port N, 9092]
import { parseArgs } from 'node:util';

import { KafkaBroker } from '@sockflow/test-support';

const { values } = parseArgs({ options: { port: { type: 'string', default: '9092' } } });
const cleanUps = [];
const broker = await KafkaBroker.start(
  { after: (cleanUp) => cleanUps.push(cleanUp) },
  { port: Number(values.port) },
);
console.log(`Kafka at ${broker.address}; Ctrl-C ends it and removes ${broker.dir}`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await broker.stop('SIGTERM');
    for (const cleanUp of cleanUps) await cleanUp();
    process.exit(0);
  });
}
