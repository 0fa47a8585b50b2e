/*
 * @sockflow/source-replay/validate: whether events are such as the kernel gives them: presence, order, states and metrics of whole connections.
 * For recordings of every op from the beginning of each connection; what was filtered breaks rules by what is missing.
 */
export { EventValidator } from './event-validator.ts';
export type { ValidateOptions } from './event-validator.ts';
export { validateEvents } from './validate-events.ts';
export { validateRecording } from './validate-recording.ts';
export { RULES } from './rules.ts';
export type { RuleId } from './rules.ts';
export type { ValidationReport, Violation } from './report.ts';
