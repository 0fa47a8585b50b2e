import {
  BUSY_BIT,
  DISCARD_BIT,
  Kind,
  LENGTH_MASK,
  Op,
  OP_NAMES,
  RING_HEADER_BYTES,
  Role,
  type SlotSpan,
  TcpState,
} from '@sockflow/core';

import { WORD } from '../slot-words.ts';
import { ConnectionTable } from './connection-table.ts';
import { Connection, type End } from './connection.ts';
import { EventCursor } from './event-cursor.ts';
import { checkAlone, checkOp } from './event-rules.ts';
import {
  advanceLife,
  beginningOf,
  checkLife,
  isDiscardedTwin,
  isPartingReset,
} from './life-rules.ts';
import { advanceMetrics, checkMetrics } from './metric-rules.ts';
import { PresenceCheck } from './presence-check.ts';
import type { Finding, ValidationReport, Violation } from './report.ts';
import { type RuleId, RULES } from './rules.ts';

/*
 * The validator: takes spans of slots in the order of their events and checks each op event against the rules (rules.ts): alone (presence-check.ts, event-rules.ts), in the life of
 * its connection (life-rules.ts), by its metrics (metric-rules.ts). An event is reported for the first rule that it breaks, and its connection goes on from what
 * the event says, so that one mistake is one violation. Memory: one Connection for each socket that is open.
 */

/** What is taken for granted, and how much of what was found is kept. */
export interface ValidateOptions {
  /** Whether connections may have begun before the first event, as where a program was attached late: V13 and what needs a beginning is then not asked. */
  readonly startsMidway?: boolean;
  /** Violations kept with their details; all are counted. 100 where not given. */
  readonly maxViolations?: number;
}

const DEFAULT_MAX_VIOLATIONS = 100;
/** A request socket without a child is forgotten after this: longer than any SYN-ACK is repeated (63 s with tcp_synack_retries 5). */
const REQUEST_LIFE_NS = 130_000_000_000;
const SWEEP_EVENTS = 1 << 16;

/** Checks events span by span; see {@link validateEvents} for all at once. */
export class EventValidator {
  readonly #maxViolations: number;
  readonly #startsMidway: boolean;
  readonly #event: EventCursor;
  readonly #presence: PresenceCheck;
  readonly #connections: ConnectionTable;
  readonly #violations: Violation[];
  readonly #counts: Partial<Record<RuleId, number>>;
  #events: number;
  #otherSlots: number;
  #sockets: number;
  #violationCount: number;

  constructor(options: ValidateOptions = {}) {
    this.#maxViolations = options.maxViolations ?? DEFAULT_MAX_VIOLATIONS;
    this.#startsMidway = options.startsMidway ?? false;
    this.#event = new EventCursor();
    this.#presence = new PresenceCheck();
    this.#connections = new ConnectionTable();
    this.#violations = [];
    this.#counts = {};
    this.#events = 0;
    this.#otherSlots = 0;
    this.#sockets = 0;
    this.#violationCount = 0;
  }

  /** Checks the op events of a span. */
  check(span: SlotSpan): void {
    const words = span.memory.u32;
    this.#presence.useOrigin(span.origin);
    this.#event.words = words;
    for (let slot = span.startWord; slot < span.endWord;) {
      const lengthWord = words[slot]!;
      this.#event.slot = slot;
      if ((lengthWord & (DISCARD_BIT | BUSY_BIT)) === 0) {
        if (this.#event.kind === Kind.OP) {
          this.#checkEvent(span.origin.id);
        } else {
          if (this.#event.kind === Kind.SNAPSHOT) {
            this.#takeIn(span.origin.id);
          }
          this.#otherSlots++;
        }
      }
      slot += ((lengthWord & LENGTH_MASK) + RING_HEADER_BYTES) >>> 2;
    }
  }

  /** What has been found so far. */
  report(): ValidationReport {
    return {
      events: this.#events,
      otherSlots: this.#otherSlots,
      sockets: this.#sockets,
      openSockets: this.#connections.size,
      violationCount: this.#violationCount,
      countsByRule: { ...this.#counts },
      violations: [...this.#violations],
    };
  }

  #checkEvent(originId: string): void {
    const event = this.#event;
    let finding = checkOp(event) ?? this.#presence.check(event) ?? checkAlone(event);
    if (!isDiscardedTwin(event) && !isPartingReset(event)) {
      let connection = this.#connections.get(originId, event);
      if (connection === undefined) {
        const end = beginningOf(event);
        if (end === undefined && !this.#startsMidway) {
          finding ??= noBeginning(event);
        }
        const isMidway = this.#startsMidway && !isVeryFirst(event);
        connection = new Connection(end ?? endOfRole(event), isMidway, event);
        this.#connections.add(originId, event, connection);
        this.#sockets++;
      }
      finding ??= checkLife(connection, event) ?? checkMetrics(connection, event);
      advanceLife(connection, event);
      advanceMetrics(connection, event);
      if (event.op === Op.STATE_CB && event.arg(1) === TcpState.CLOSE) {
        this.#connections.remove(originId, event);
      }
    }
    if (finding !== undefined) {
      this.#report(finding, originId);
    }
    this.#events++;
    if (this.#events % SWEEP_EVENTS === 0) {
      this.#connections.forgetRequests(event.long(WORD.time) - REQUEST_LIFE_NS);
    }
  }

  /** A connection that was there already: what came before its snapshot is not known. */
  #takeIn(originId: string): void {
    const event = this.#event;
    if (this.#connections.get(originId, event) === undefined) {
      this.#connections.add(originId, event, new Connection(endOfRole(event), true, event));
      this.#sockets++;
    }
  }

  #report(finding: Finding, originId: string): void {
    const event = this.#event;
    this.#violationCount++;
    this.#counts[finding.rule] = (this.#counts[finding.rule] ?? 0) + 1;
    if (this.#violations.length < this.#maxViolations) {
      this.#violations.push({
        ...finding,
        text: RULES[finding.rule],
        eventIndex: this.#events,
        op: OP_NAMES[event.op as Op] ?? `UNKNOWN(${event.op})`,
        originId,
        netnsCookie: u64Text(event, WORD.netns),
        cookie: u64Text(event, WORD.cookie),
      });
    }
  }
}

/** V13 */
function noBeginning(event: EventCursor): Finding {
  return {
    rule: 'V13',
    expected: 'the beginning of a connection',
    found: `op ${event.op} in state ${event.state}`,
  };
}

/** Whether nothing of the socket can have come before. */
function isVeryFirst(event: EventCursor): boolean {
  const { op, isFullsock } = event;
  return isFullsock ? op === Op.TCP_CONNECT_CB || op === Op.TCP_LISTEN_CB : op === Op.RWND_INIT;
}

function endOfRole(event: EventCursor): End {
  if (event.state === TcpState.LISTEN) {
    return 'listener';
  }
  if (event.role === Role.SERVER) {
    return 'server';
  }
  return event.role === Role.CLIENT ? 'client' : 'unknown';
}

function u64Text(event: EventCursor, word: number): string {
  return String((BigInt(event.word(word + 1)) << 32n) | BigInt(event.word(word)));
}
