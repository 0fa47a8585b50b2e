import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AsyncCleanableTest, atEnd } from '../kernel/at-end.ts';
import { until } from '../kernel/processes.ts';
import { fetchKafkaJars, LOG_CONFIG } from './kafka-jars.ts';

const START_TIMEOUT_MS = 120_000;
const TOOL_TIMEOUT_MS = 120_000;
const TOOLS = 'org.apache.kafka.tools';

/** What a broker is to be beside the plain default. */
export interface KafkaBrokerOptions {
  /** The port of its PLAINTEXT listener; a free one where not given. */
  readonly port?: number;
  /** Lines of server.properties besides, which win. `{dir}` in a value is the broker's folder. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Listeners besides PLAINTEXT: a name and its protocol, `{ SASL: 'SASL_PLAINTEXT' }`. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** Users for SCRAM, for each of its mechanisms: a name and its password. */
  readonly scramUsers?: Readonly<Record<string, string>>;
  /** What its JVM is told; by default what makes it start soon, not what makes it fast. */
  readonly jvm?: readonly string[];
}

const QUICK_START = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** A real Apache Kafka on loopback: one broker that is its own controller, in a folder of its own under the temporary ones, with topics made on demand. */
export class KafkaBroker {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  readonly dir: string;
  readonly #jars: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #jvm: readonly string[];
  #process: ChildProcess | undefined;
  #said = '';

  private constructor(
    dir: string,
    jars: string,
    ports: ReadonlyMap<string, number>,
    jvm: readonly string[] = QUICK_START,
  ) {
    this.dir = dir;
    this.#jars = jars;
    this.#ports = ports;
    this.#jvm = jvm;
    this.address = this.addressOf('PLAINTEXT');
  }

  /** Starts one that ends with the test, and waits until it answers. */
  static async start(
    t: AsyncCleanableTest,
    options: KafkaBrokerOptions = {},
  ): Promise<KafkaBroker> {
    const jars = fetchKafkaJars();
    const dir = mkdtempSync(join(tmpdir(), 'sockflow-kafka-'));
    const listeners = { PLAINTEXT: 'PLAINTEXT', ...options.listeners };
    const ports = await portsFor([...Object.keys(listeners), 'CONTROLLER'], options.port);
    const broker = new KafkaBroker(dir, jars, ports, options.jvm);
    atEnd(t, () => {
      broker.#process?.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    });
    writeFileSync(broker.#propertiesPath, propertiesText(dir, ports, listeners, options));
    broker.#runJava([
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId(),
      '-c',
      broker.#propertiesPath,
      ...scramArgs(options.scramUsers ?? {}),
    ]);
    await broker.restart();
    return broker;
  }

  /** Where another listener is. */
  addressOf(listener: string): string {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`the broker has no listener ${listener}`);
    return `127.0.0.1:${port}`;
  }

  get #propertiesPath(): string {
    return join(this.dir, 'server.properties');
  }

  /** The folder of Kafka's jars, tools included. */
  get jars(): string {
    return this.#jars;
  }

  /** What the broker printed: warnings and errors. */
  get said(): string {
    return this.#said;
  }

  /** Starts it again where it was, on the same ports with the same data, once it has ended. */
  async restart(): Promise<void> {
    const args = [
      ...this.#jvm,
      `-Dlog4j2.configurationFile=${LOG_CONFIG}`,
      '-cp',
      `${this.#jars}/*`,
      'kafka.Kafka',
      this.#propertiesPath,
    ];
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.dir });
    child.stdout.on('data', (chunk) => (this.#said += String(chunk)));
    child.stderr.on('data', (chunk) => (this.#said += String(chunk)));
    this.#process = child;
    const port = this.#ports.get('PLAINTEXT') ?? 0;
    await until(
      `a broker at ${this.address}`,
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the broker ended at once:\n${this.#said.slice(-3000)}`);
        }
        return isListening(port);
      },
      START_TIMEOUT_MS,
    );
  }

  /** Ends it: SIGKILL as a crash does, SIGTERM in order. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Holds it as it is (SIGSTOP): it takes connections, and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /**
   * Runs one of Kafka's own tools with `--bootstrap-server`.
   *
   * @param name - a class of org.apache.kafka.tools: `TopicCommand`
   * @param input - what it reads from its standard input
   * @returns what it printed
   */
  tool(name: string, args: readonly string[], input = ''): string {
    return this.#runJava([`${TOOLS}.${name}`, '--bootstrap-server', this.address, ...args], input);
  }

  createTopic(topic: string, partitions = 1, settings: readonly string[] = []): void {
    const configs = settings.flatMap((setting) => ['--config', setting]);
    const size = ['--partitions', String(partitions), '--replication-factor', '1'];
    this.tool('TopicCommand', ['--create', '--topic', topic, ...size, ...configs]);
  }

  /** The end offset of each partition, as GetOffsetShell says. */
  endOffsets(topic: string): number[] {
    const offsets: number[] = [];
    for (const line of this.tool('GetOffsetShell', ['--topic', topic]).split('\n')) {
      const [, partition, offset] = /:(\d+):(\d+)$/.exec(line) ?? [];
      if (partition !== undefined) offsets[Number(partition)] = Number(offset);
    }
    return offsets;
  }

  #runJava(args: readonly string[], input = ''): string {
    const jvm = ['-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${LOG_CONFIG}`];
    const { status, stdout, stderr } = spawnSync(
      'java',
      [...jvm, '-cp', `${this.#jars}/*`, ...args],
      {
        encoding: 'utf8',
        input,
        timeout: TOOL_TIMEOUT_MS,
        maxBuffer: 1 << 30,
      },
    );
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
    return stdout;
  }
}

function scramArgs(users: Readonly<Record<string, string>>): string[] {
  const records = Object.entries(users).map(
    ([name, password]) => `[name=${name},password=${password}]`,
  );
  return records.flatMap((record) => [
    '--add-scram',
    `SCRAM-SHA-256=${record}`,
    '--add-scram',
    `SCRAM-SHA-512=${record}`,
  ]);
}

/** 16 bytes in Kafka's own form of base64; with a dash in front its tool would take it for an option. */
function clusterId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return Buffer.from(bytes).toString('base64url');
}

/** Free at this moment, one for each name. */
async function portsFor(
  names: readonly string[],
  plaintextPort: number | undefined,
): Promise<ReadonlyMap<string, number>> {
  const servers = await Promise.all(
    names.map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    server.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  return new Map(
    names.map((name, index) => [
      name,
      name === 'PLAINTEXT' ? (plaintextPort ?? ports[index] ?? 0) : (ports[index] ?? 0),
    ]),
  );
}

function propertiesText(
  dir: string,
  ports: ReadonlyMap<string, number>,
  listeners: Readonly<Record<string, string>>,
  { properties = {} }: KafkaBrokerOptions,
): string {
  const urls = [...ports].map(([name, port]) => `${name}://127.0.0.1:${port}`);
  const protocols = Object.entries({ ...listeners, CONTROLLER: 'PLAINTEXT' });
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.get('CONTROLLER')}`,
    listeners: urls.join(','),
    'advertised.listeners': urls.filter((url) => !url.startsWith('CONTROLLER')).join(','),
    'listener.security.protocol.map': protocols.map((pair) => pair.join(':')).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'offsets.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    ...properties,
  };
  const lines = Object.entries(all).map(
    ([key, value]) => `${key}=${value.replaceAll('{dir}', dir)}`,
  );
  return `${lines.join('\n')}\n`;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
