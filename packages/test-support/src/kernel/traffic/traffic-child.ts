/*
 * A process of its own that makes TCP traffic as it is told (protocol.ts): started in a network namespace and a cgroup, driven over stdin and stdout. It makes no
 * socket before it is told to, so that whoever starts it has time to move it into its cgroup. It ends when stdin does.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { ChildConnection } from './child-connection.ts';
import type {
  AnswerLine,
  ConnectionFacts,
  Failure,
  RequestLine,
  RequestName,
  Requests,
} from './protocol.ts';

interface Listener {
  readonly server: Server;
  readonly arrived: ChildConnection[];
  readonly waiting: ((connection: ChildConnection) => void)[];
}

const listeners: Listener[] = [];
const connections: ChildConnection[] = [];

function say(line: AnswerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function adopt(socket: Socket, doesEcho: boolean): ChildConnection {
  const connection = new ChildConnection(connections.length, socket, doesEcho);
  connections.push(connection);
  return connection;
}

function connectionOf({ connection }: { connection: number }): ChildConnection {
  const found = connections[connection];
  if (found === undefined) throw new Error(`no connection ${connection}`);
  return found;
}

function listenerOf({ listener }: { listener: number }): Listener {
  const found = listeners[listener];
  if (found === undefined) throw new Error(`no listener ${listener}`);
  return found;
}

function listen({
  host,
  port = 0,
  echo = false,
  backlog = 511,
}: Requests['listen']['takes']): Promise<Requests['listen']['gives']> {
  const listener: Listener = {
    server: createServer({ allowHalfOpen: true }),
    arrived: [],
    waiting: [],
  };
  listener.server.on('connection', (socket) => {
    const connection = adopt(socket, echo);
    const next = listener.waiting.shift();
    if (next === undefined) listener.arrived.push(connection);
    else next(connection);
  });
  return new Promise((resolve, reject) => {
    listener.server.once('error', reject);
    listener.server.listen({ host, port, backlog }, () => {
      const bound = listener.server.address();
      if (bound === null || typeof bound === 'string') return reject(new Error('no address'));
      resolve({ listener: listeners.push(listener) - 1, address: bound.address, port: bound.port });
    });
  });
}

function accept(listener: Listener): Promise<ConnectionFacts> {
  const there = listener.arrived.shift();
  if (there !== undefined) return Promise.resolve(there.facts);
  return new Promise((resolve) => listener.waiting.push(({ facts }) => resolve(facts)));
}

function connect({ giveUpMs, ...target }: Requests['connect']['takes']): Promise<ConnectionFacts> {
  const socket = new Socket({ allowHalfOpen: true });
  let localPort: number | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(Object.assign(error, { localPort }));
    };
    const timer =
      giveUpMs === undefined
        ? undefined
        : setTimeout(
            () => fail(Object.assign(new Error('given up'), { code: 'ETIMEDOUT' })),
            giveUpMs,
          );
    socket.once('error', fail);
    socket.connect(target, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(adopt(socket, false).facts);
    });
    // The system call is made in the next tick; right after it the port is known, also where the answer is a refusal.
    process.nextTick(() => (localPort = socket.localPort));
  });
}

type Handlers = {
  [Name in RequestName]: (
    takes: Requests[Name]['takes'],
  ) => Promise<Requests[Name]['gives']> | Requests[Name]['gives'];
};

const HANDLERS: Handlers = {
  listen,
  accept: (request) => accept(listenerOf(request)),
  closeListener: (request) => {
    listenerOf(request).server.close();
    return {};
  },
  connect,
  send: (request) => connectionOf(request).send(request.bytes),
  receive: (request) => connectionOf(request).receive(request.bytes),
  exchange: (request) => connectionOf(request).exchange(request.times, request.bytes),
  setReading: (request) => connectionOf(request).setReading(request.isReading),
  end: (request) => connectionOf(request).end(),
  reset: (request) => connectionOf(request).reset(),
  destroy: (request) => connectionOf(request).destroy(),
  closed: (request) => connectionOf(request).closed,
};

function failureOf(error: unknown): Failure {
  const {
    code = 'FAILED',
    message,
    localPort,
  } = error as NodeJS.ErrnoException & { localPort?: number };
  return { code, message, ...(localPort === undefined ? {} : { localPort }) };
}

async function obey({ number, request, ...takes }: RequestLine): Promise<void> {
  try {
    const answer: object = await Promise.resolve(HANDLERS[request](takes as never));
    say({ number, answer });
  } catch (error) {
    say({ number, failure: failureOf(error) });
  }
}

say({ hello: { pid: process.pid, comm: readFileSync('/proc/self/comm', 'utf8').trim() } });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void obey(JSON.parse(line) as RequestLine));
lines.on('close', () => process.exit(0));
