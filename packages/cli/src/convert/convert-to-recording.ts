import {
  isSockflowError,
  NO_ROOM,
  type Origin,
  SlotMemory,
  writeContextEvent,
} from '@sockflow/core';
import { parseOrigin, RecordingOutput, type RecordingWriterOptions } from '@sockflow/source-replay';

import type { ProgressLine } from '../terminal/progress.ts';
import { isOriginLine, lineError, parseContextLine } from './parse-context-line.ts';
import type { TextInput } from './text-input.ts';
import { textLines } from './text-lines.ts';
import { untilAborted } from './until-aborted.ts';

const MEMORY_BYTES = 1 << 20;

/** What a conversion did, as far as it came. */
export interface ConversionReport {
  readonly events: number;
  readonly lines: number;
}

/** How a conversion is stopped from outside. */
export interface ConversionControl {
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** Where the events of an input come from that does not say so itself. */
export interface InputOrigin {
  readonly originOf: (firstLine: string) => Origin;
  /** Whether it was told: then the input must not tell another one. */
  readonly isGiven: boolean;
}

/**
 * Writes the events of a context-json input as a recording, in their order. Whatever ends it, all events accepted before are in the recording, which is closed; where the
 * input was refused it keeps its unfinished name, so that it neither passes for the whole nor replaces one.
 *
 * @throws ERR_SOCKFLOW_INPUT_LINE, ERR_SOCKFLOW_INPUT_DAMAGED naming the line.
 */
export async function convertToRecording(
  input: TextInput,
  outputPath: string,
  origin: InputOrigin,
  options: RecordingWriterOptions,
  control: ConversionControl,
): Promise<ConversionReport> {
  const conversion = new Conversion(input, outputPath, origin, options);
  let isWhole = false;
  try {
    for await (const { firstLine, lines } of untilAborted(textLines(input), control.signal)) {
      for (const [index, line] of lines.entries()) {
        if (!conversion.add(line, firstLine + index)) {
          conversion.writeOut();
          conversion.add(line, firstLine + index);
        }
      }
      await conversion.drained();
      control.progress.update({
        doneBytes: input.bytesRead(),
        totalBytes: input.totalBytes,
        events: conversion.report.events,
      });
    }
    isWhole = true;
  } finally {
    input.close();
    await conversion.close(isWhole);
  }
  return conversion.report;
}

/** Slots gathered in memory on their way into the recording. */
class Conversion {
  readonly #input: TextInput;
  readonly #outputPath: string;
  readonly #inputOrigin: InputOrigin;
  readonly #memory = SlotMemory.allocate(MEMORY_BYTES);
  readonly #options: RecordingWriterOptions;
  #origin: Origin | undefined;
  #output: RecordingOutput | undefined;
  #endWord = 0;
  #events = 0;
  #lines = 0;

  constructor(
    input: TextInput,
    outputPath: string,
    inputOrigin: InputOrigin,
    options: RecordingWriterOptions,
  ) {
    this.#input = input;
    this.#outputPath = outputPath;
    this.#inputOrigin = inputOrigin;
    this.#options = options;
  }

  get report(): ConversionReport {
    return { events: this.#events, lines: this.#lines };
  }

  /** @returns false when there is no room: write out and add the line again. */
  add(line: string, lineNumber: number): boolean {
    this.#lines = lineNumber;
    if (line.trim() === '') return true;
    const event = parseContextLine(line, this.#input.name, lineNumber);
    if (isOriginLine(event)) {
      this.#startOrigin(event, lineNumber);
      return true;
    }
    this.#origin ??= this.#inputOrigin.originOf(line);
    let bytes: number;
    try {
      bytes = writeContextEvent(this.#memory, this.#endWord, event);
    } catch (error) {
      if (!isSockflowError(error)) throw error;
      throw lineError(error.message, this.#input.name, lineNumber, error);
    }
    if (bytes === NO_ROOM) return false;
    this.#endWord += bytes / 4;
    this.#events += 1;
    return true;
  }

  /** A line that names the host and boot of those behind it. */
  #startOrigin(line: object, lineNumber: number): void {
    const { name } = this.#input;
    if (this.#inputOrigin.isGiven) {
      throw lineError(
        'the input names its origin itself, and options name another',
        name,
        lineNumber,
        undefined,
        'Leave --origin, --host, --kernel, --hz and --boot-time out',
      );
    }
    const origin = parseOrigin(JSON.stringify(line));
    if (origin === undefined) {
      throw lineError('a line of kind ORIGIN has no id', name, lineNumber, undefined);
    }
    this.writeOut();
    this.#origin = origin;
  }

  writeOut(): void {
    if (this.#endWord === 0 || this.#origin === undefined) return;
    this.#open().writer.appendSlots(this.#memory, 0, this.#endWord, this.#origin);
    this.#endWord = 0;
  }

  /** Closes the recording. Only a whole input gives it its final name, or leaves one without a single event: nothing that lies there is replaced by a failure. */
  async close(isWhole: boolean): Promise<void> {
    this.writeOut();
    if (isWhole) this.#open();
    await this.#output?.close({ isComplete: isWhole });
  }

  /** Resolves once whoever reads the output has room for more. */
  async drained(): Promise<void> {
    await this.#output?.drained();
  }

  #open(): RecordingOutput {
    this.#output ??= RecordingOutput.open(this.#outputPath, this.#options);
    return this.#output;
  }
}
