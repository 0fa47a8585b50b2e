/*
 * Errors as data. `postMessage` keeps an error's message, stack and cause but loses its class, name, code and details (Node 20-26): so every error that
 * crosses threads is written into a WireError and built anew on the other side.
 */
import { inspect } from 'node:util';

import {
  ConfigError,
  LaneError,
  PipelineError,
  RingError,
  SchemaError,
  isSockflowError,
  remedyOf,
  type SockflowErrorOptions,
} from '../errors.ts';

const DEEPEST_CAUSE = 16;
/** What Node puts on its own errors. */
const SYSTEM_KEYS = ['code', 'errno', 'syscall', 'path', 'dest'] as const;

/** An error as plain data: crosses threads by structured clone. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly system: Readonly<Record<string, string | number>>;
  /** Only of errors of ours. */
  readonly details: object | undefined;
  /** Of any error that has one. */
  readonly remedy: string | undefined;
  readonly cause: WireError | undefined;
  /** Of an AggregateError. */
  readonly errors: readonly WireError[] | undefined;
}

/** Whatever was thrown, as data. */
export function toWireError(thrown: unknown, depth = 0): WireError {
  if (!(thrown instanceof Error)) {
    return {
      name: 'NonError',
      message: typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 3 }),
      stack: undefined,
      system: systemFacts(thrown),
      details: undefined,
      remedy: remedyOf(thrown),
      cause: undefined,
      errors: undefined,
    };
  }
  const isOurs = isSockflowError(thrown);
  const isDeep = depth >= DEEPEST_CAUSE;
  return {
    name: thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    system: systemFacts(thrown),
    details: isOurs ? cloneable(thrown.details) : undefined,
    remedy: remedyOf(thrown),
    cause: thrown.cause === undefined || isDeep ? undefined : toWireError(thrown.cause, depth + 1),
    errors:
      thrown instanceof AggregateError && !isDeep
        ? thrown.errors.map((error: unknown) => toWireError(error, depth + 1))
        : undefined,
  };
}

/** The error again: of its own class where it is ours or the language's, with its name, code, details, remedy, causes and stack. */
export function fromWireError(wire: WireError): Error {
  const cause = wire.cause === undefined ? undefined : fromWireError(wire.cause);
  const error = rebuild(wire, cause);
  define(error, 'name', wire.name);
  if (wire.remedy !== undefined && !('remedy' in error))
    Object.assign(error, { remedy: wire.remedy });
  if (wire.stack !== undefined) define(error, 'stack', wire.stack);
  for (const [key, value] of Object.entries(wire.system)) {
    Object.defineProperty(error, key, { value, enumerable: true, writable: true });
  }
  return error;
}

type OurErrorClass = new (
  code: never,
  message: string,
  options: SockflowErrorOptions<object>,
) => Error;

const OUR_CLASSES: Readonly<Record<string, OurErrorClass>> = {
  ConfigError,
  PipelineError,
  RingError,
  SchemaError,
  LaneError,
};
const LANGUAGE_CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function rebuild(wire: WireError, cause: Error | undefined): Error {
  const options = cause === undefined ? {} : { cause };
  if (wire.errors !== undefined) {
    return new AggregateError(
      wire.errors.map((error) => fromWireError(error)),
      wire.message,
      options,
    );
  }
  if (wire.details === undefined) {
    return new (LANGUAGE_CLASSES[wire.name] ?? Error)(wire.message, options);
  }
  const { details, remedy } = wire;
  const ours = remedy === undefined ? { ...options, details } : { ...options, details, remedy };
  const OurClass = OUR_CLASSES[wire.name];
  if (OurClass !== undefined) return new OurClass(wire.system['code'] as never, wire.message, ours);
  // A family of another package: its code and facts are what callers branch on.
  return Object.assign(new Error(wire.message, options), { details, remedy });
}

function systemFacts(thrown: unknown): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  if (typeof thrown !== 'object' || thrown === null) return facts;
  for (const key of SYSTEM_KEYS) {
    const value: unknown = (thrown as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number') facts[key] = value;
  }
  return facts;
}

function cloneable(details: object): object {
  try {
    return structuredClone(details);
  } catch {
    return Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key, inspect(value, { depth: 2 })]),
    );
  }
}

function define(error: Error, key: 'name' | 'stack', value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}
