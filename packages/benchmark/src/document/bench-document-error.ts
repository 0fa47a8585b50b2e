/** A text that was to be a benchmark's document is none: the message says where. */
export class BenchDocumentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BenchDocumentError';
  }
}
