import { AppendFile } from '../writer/append-file.ts';
import type { ConnectionTruth } from './truth.ts';

const CHUNK_CHARACTERS = 1 << 16;

/** The truth about a generated recording as NDJSON: NAME.part until it is complete, as recordings are. */
export class TruthFile {
  readonly #file: AppendFile;
  #text: string;

  private constructor(file: AppendFile) {
    this.#file = file;
    this.#text = '';
  }

  /** @throws ERR_SOCKFLOW_RECORDING_WRITE */
  static create(path: string): TruthFile {
    return new TruthFile(AppendFile.open(path, 0));
  }

  readonly add = (truth: ConnectionTruth): void => {
    this.#text += `${JSON.stringify(truth)}\n`;
    if (this.#text.length >= CHUNK_CHARACTERS) {
      this.#write();
    }
  };

  close(): void {
    this.#write();
    this.#file.close(true);
  }

  abandon(): void {
    this.#file.close(false);
  }

  #write(): void {
    this.#file.append(Buffer.from(this.#text));
    this.#text = '';
  }
}
