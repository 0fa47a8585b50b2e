// Starts an Apache Kafka on loopback for a person, until Ctrl-C; its data goes with it.
//
//   pnpm kafka:start [--port N] [--topic NAME[:PARTITIONS]]...
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { KafkaBroker, requireKafka } from '@sockflow/test-support';

const USAGE = `Starts an Apache Kafka on loopback, until Ctrl-C; its data goes with it.

  npm run kafka:start -- [--port N] [--topic NAME[:PARTITIONS]]...

  --port N                   where it listens; 9092 where not given
  --topic NAME[:PARTITIONS]  make this topic, with one partition where not said;
                             may be repeated; tcp.events:4 where not given
`;
/** Called wrongly, as of the command. */
const USAGE_EXIT_CODE = 2;

/** What a person can mend: said in a line, without a stack. */
class StartError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

function readOptions() {
  const options = {
    port: { type: 'string', default: '9092' },
    topic: { type: 'string', multiple: true, default: ['tcp.events:4'] },
    help: { type: 'boolean', short: 'h', default: false },
  };
  try {
    const { port, topic, help } = parseArgs({ options }).values;
    return { help, port: portOf(port), topics: topic.map(topicOf) };
  } catch (error) {
    throw new StartError(`${error.message}\n\n${USAGE}`, USAGE_EXIT_CODE);
  }
}

function portOf(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new Error(`--port: expected a number from 1 to 65535, got '${text}'`);
}

function topicOf(text) {
  const { name, partitions = '1' } =
    /^(?<name>[\w.-]{1,249})(?::(?<partitions>[1-9]\d{0,3}))?$/.exec(text)?.groups ?? {};
  if (name !== undefined) return { name, partitions: Number(partitions) };
  throw new Error(`--topic: expected NAME or NAME:PARTITIONS, tcp.events:4, got '${text}'`);
}

/** @returns what keeps this machine from running a Kafka; also fetches its jars the first time. */
function whatIsMissing() {
  let missing;
  // Where all needs are required it throws the reason, elsewhere it tells `skip`.
  try {
    requireKafka({ skip: (reason) => (missing = reason) });
  } catch (error) {
    missing = error.message;
  }
  return missing;
}

async function isTaken(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function toTry(address, topic) {
  const brokers = address === '127.0.0.1:9092' ? '' : ` --param brokers=${address}`;
  const params = topic === 'tcp.events' ? brokers : `${brokers} --param topic=${topic}`;
  return `Try, in another terminal:
  npx sockflow replay fixtures/real.sfrec --sink 'kafka://${address}/${topic}'
  npx sockflow replay fixtures/real.sfrec --op RETRANS_CB --sink 'kafka://${address}/${topic}?compression=lz4&encoding=msgpack'
  cd examples/live-to-kafka && sudo npx sockflow run src/live-to-kafka.pipeline.ts${params}`;
}

async function main() {
  const { help, port, topics } = readOptions();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const missing = whatIsMissing();
  if (missing !== undefined) {
    const remedy = 'Debian and Ubuntu: apt-get install default-jre-headless maven';
    throw new StartError(`Kafka cannot be started: ${missing}. ${remedy}`);
  }
  if (await isTaken(port)) {
    throw new StartError(
      `port ${port} of 127.0.0.1 is in use, by another Kafka perhaps; choose another one: --port ${port + 1}`,
    );
  }
  await runBroker(port, topics);
}

async function runBroker(port, topics) {
  const cleanUps = [];
  let broker;
  let isEnding = false;
  const end = async (exitCode) => {
    isEnding = true;
    await broker?.stop('SIGTERM');
    for (const cleanUp of cleanUps) await cleanUp();
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(0));
  console.log('Starting Apache Kafka …');
  try {
    broker = await KafkaBroker.start({ after: (cleanUp) => cleanUps.push(cleanUp) }, { port });
    for (const { name, partitions } of topics) {
      broker.createTopic(name, partitions);
      console.log(`Topic ${name}, ${partitions} partition${partitions === 1 ? '' : 's'}`);
    }
  } catch (error) {
    // A terminal's Ctrl-C goes to the Java processes too, and they may be first: then it is no failure.
    await setImmediate();
    if (isEnding) return;
    console.error(error.message);
    await end(1);
  }
  console.log(`Kafka at ${broker.address}
${toTry(broker.address, topics[0].name)}
Ctrl-C ends it and removes its data, in ${broker.dir}`);
  process.once('beforeExit', () => {
    console.error(`the broker ended by itself:\n${broker.said.slice(-3000)}`);
    process.exit(1);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
