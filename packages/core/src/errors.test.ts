import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ConfigError,
  type ConfigErrorCode,
  isSockflowError,
  LaneError,
  type LaneErrorCode,
  PipelineError,
  type PipelineErrorCode,
  RingError,
  type RingErrorCode,
  SchemaError,
  type SchemaErrorCode,
  type SockflowErrorOptions,
} from './errors.ts';
import { fromWireError, toWireError } from './runtime/wire-error.ts';

type Make = (message: string, options: SockflowErrorOptions<object>) => Error;

const CONFIG_CODES: Readonly<Record<ConfigErrorCode, true>> = {
  ERR_SOCKFLOW_INVALID_OPTION: true,
  ERR_SOCKFLOW_UNKNOWN_NAME: true,
  ERR_SOCKFLOW_OP_NOT_REPORTED: true,
  ERR_SOCKFLOW_CLOSE_NOT_REPORTED: true,
  ERR_SOCKFLOW_PIPELINE_MISSING: true,
  ERR_SOCKFLOW_PIPELINE_MODULE: true,
  ERR_SOCKFLOW_SINK_INPUT: true,
  ERR_SOCKFLOW_NO_LANE: true,
};
const PIPELINE_CODES: Readonly<Record<PipelineErrorCode, true>> = {
  ERR_SOCKFLOW_STALE_VIEW: true,
  ERR_SOCKFLOW_LATE_SUBSCRIPTION: true,
  ERR_SOCKFLOW_OPERATOR: true,
};
const RING_CODES: Readonly<Record<RingErrorCode, true>> = {
  ERR_SOCKFLOW_RING_CAPACITY: true,
  ERR_SOCKFLOW_RING_STATE: true,
};
const SCHEMA_CODES: Readonly<Record<SchemaErrorCode, true>> = {
  ERR_SOCKFLOW_FIELD_RANGE: true,
  ERR_SOCKFLOW_FIELD_MISSING: true,
};
const LANE_CODES: Readonly<Record<LaneErrorCode, true>> = {
  ERR_SOCKFLOW_LANE_FAILED: true,
  ERR_SOCKFLOW_LANE_DIED: true,
  ERR_SOCKFLOW_DRAIN_TIMEOUT: true,
  ERR_SOCKFLOW_LEDGER_BROKEN: true,
  ERR_SOCKFLOW_SINK_LOST: true,
};

/** By family and code: a code without a row, or in another family, does not compile. */
const CASES: readonly (readonly [family: string, code: string, make: Make])[] = [
  ...rows('ConfigError', CONFIG_CODES, (code, ...rest) => new ConfigError(code, ...rest)),
  ...rows('PipelineError', PIPELINE_CODES, (code, ...rest) => new PipelineError(code, ...rest)),
  ...rows('RingError', RING_CODES, (code, ...rest) => new RingError(code, ...rest)),
  ...rows('SchemaError', SCHEMA_CODES, (code, ...rest) => new SchemaError(code, ...rest)),
  ...rows('LaneError', LANE_CODES, (code, ...rest) => new LaneError(code, ...rest)),
];

function rows<C extends string>(
  family: string,
  codes: Readonly<Record<C, true>>,
  make: (code: C, message: string, options: SockflowErrorOptions<object>) => Error,
): (readonly [string, string, Make])[] {
  return (Object.keys(codes) as C[]).map((code) => [
    family,
    code,
    (message, options) => make(code, message, options),
  ]);
}

for (const [family, code, make] of CASES) {
  test(`${code} says its code, remedy, details and cause, also across a thread`, () => {
    const cause = new RangeError('what was behind it');
    const error = make('what happened', { remedy: 'what to do', details: { lane: 1 }, cause });
    for (const seen of [error, fromWireError(structuredClone(toWireError(error)))]) {
      assert.ok(isSockflowError(seen));
      assert.equal(seen.constructor, error.constructor);
      assert.deepEqual(
        [seen.name, seen.code, seen.message, seen.remedy, seen.details],
        [family, code, 'what happened', 'what to do', { lane: 1 }],
      );
      assert.ok(seen.cause instanceof RangeError);
    }
  });
}
