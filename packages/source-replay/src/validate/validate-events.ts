import type { SlotSpan } from '@sockflow/core';

import { EventValidator, type ValidateOptions } from './event-validator.ts';
import type { ValidationReport } from './report.ts';

/** Checks all events of the spans, in their order. */
export function validateEvents(
  spans: Iterable<SlotSpan>,
  options: ValidateOptions = {},
): ValidationReport {
  const validator = new EventValidator(options);
  for (const span of spans) {
    validator.check(span);
  }
  return validator.report();
}
