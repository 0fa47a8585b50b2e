import type { Flow } from '../flow.ts';
import { CPUS } from '../host.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { closeInOrder, closeThenReset, closeTogether, reset } from './close.ts';
import { exchange, exchangeOverlapped, exchangeRest, flightBytes } from './exchange.ts';
import { handshake } from './handshake.ts';

/* Connections without losses, from connect to close. */

const SHORT_WAIT_NS = 400_000;
const THINK_MEAN_NS = 12_000_000;
const SYN_LOSS_RATIO = 0.02;
const OVERLAP_RATIO = 0.3;
const TWIN_RATIO = 0.005;

/** A few requests and answers, then an orderly end. */
export function shortEcho(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  const rounds = random.between(1, 4);
  for (let round = 0; round < rounds; round++) {
    flow.wait(random.below(SHORT_WAIT_NS));
    exchange(flow, client, random.spread(40, 20_000));
    flow.wait(random.below(SHORT_WAIT_NS));
    exchange(flow, server, random.spread(100, 40_000));
  }
  endOf(flow);
}

/** Many small requests with pauses: a connection that lives long. */
export function chatty(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  const rounds = random.spread(4, 120);
  for (let round = 0; round < rounds; round++) {
    flow.wait(Math.floor(random.exponential(THINK_MEAN_NS)));
    migrate(flow, client);
    migrate(flow, server);
    exchange(flow, client, random.spread(20, 800));
    flow.wait(random.below(SHORT_WAIT_NS));
    exchange(flow, server, random.spread(60, 9_000));
  }
  endOf(flow);
}

/** One direction, flight after flight, as many bytes as the window takes. */
export function bulk(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  exchange(flow, client, random.spread(50, 500));
  const from = random.chance(0.7) ? server : client;
  const flights = random.spread(8, 100);
  for (let flight = 0; flight < flights; flight++) {
    flow.wait(random.below(20_000));
    if (random.chance(OVERLAP_RATIO)) {
      exchangeOverlapped(flow, from, flightBytes(from));
    } else {
      exchange(flow, from, flightBytes(from));
    }
  }
  endOf(flow);
}

/** One end resets: at once, or after the other closed. */
export function resets(flow: Flow): void {
  const { random, client, server } = flow;
  handshake(flow);
  flow.wait(random.below(SHORT_WAIT_NS));
  exchange(flow, client, random.spread(10, 4_000));
  flow.wait(random.below(SHORT_WAIT_NS));
  const first = random.chance(0.5) ? client : server;
  exchangeRest(flow, server);
  if (random.chance(0.3)) {
    closeThenReset(flow, first);
  } else {
    reset(flow, first);
  }
}

/** The server saved itself a request socket; then a short exchange. */
export function synCookie(flow: Flow): void {
  const { random, client, server } = flow;
  handshake(flow, { usesSynCookie: true });
  flow.wait(random.below(SHORT_WAIT_NS));
  exchange(flow, client, random.spread(40, 4_000));
  exchange(flow, server, random.spread(40, 4_000));
  endOf(flow);
}

/** Both ends close at once. */
export function simultaneousClose(flow: Flow): void {
  const { random, client } = flow;
  open(flow);
  exchange(flow, client, random.spread(40, 4_000));
  exchangeRest(flow, flow.server);
  flow.wait(random.below(SHORT_WAIT_NS));
  closeTogether(flow);
}

/** The handshake, now and then with the SYN lost or a twin. */
export function open(flow: Flow): void {
  const { random } = flow;
  const losesSyn = random.chance(SYN_LOSS_RATIO) && !flow.isLossGiven;
  handshake(flow, { losesSyn, hasTwin: random.chance(TWIN_RATIO) });
}

/** The orderly end; mostly the client's. */
export function endOf(flow: Flow): void {
  const { random, client, server } = flow;
  exchangeRest(flow, server);
  flow.wait(random.below(SHORT_WAIT_NS));
  closeInOrder(flow, random.chance(0.8) ? client : server);
}

/** The scheduler moves a process now and then. */
function migrate(flow: Flow, end: TcpEnd): void {
  if (flow.random.chance(0.1)) {
    end.runOn(flow.random.below(CPUS));
  }
}
