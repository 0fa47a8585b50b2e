/** What the client's errors say of themselves, where they do. */
export interface KafkaErrorFacts {
  readonly message: string;
  /** Of the client or of Node: `PLT_KFK_NETWORK`, `ECONNREFUSED`. */
  readonly code?: string;
  /** Kafka's own name of it: `MESSAGE_TOO_LARGE`. */
  readonly apiId?: string;
  readonly canRetry?: boolean;
}

/** An error, those it was made of, and what caused them, outermost first; each once. */
export function errorsWithin(error: unknown): KafkaErrorFacts[] {
  const found = new Set<Error>();
  const queue: unknown[] = [error];
  for (const next of queue) {
    if (!(next instanceof Error) || found.has(next)) continue;
    found.add(next);
    if (next instanceof AggregateError) queue.push(...(next.errors as unknown[]));
    queue.push(next.cause);
  }
  return [...found] as KafkaErrorFacts[];
}
