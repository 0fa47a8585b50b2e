import type { Failure } from './protocol.ts';

/** What a traffic process could not do, with the code that its own socket gave. */
export class TrafficError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.message}`);
    this.name = 'TrafficError';
    this.failure = failure;
  }
}
