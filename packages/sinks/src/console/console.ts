import { isatty } from 'node:tty';

import type { Sink, SinkContext, SinkWriter } from '@sockflow/core';

import type { StreamEncoding } from '../encodings/encoding.ts';
import { type EncodingChoice, findEncoding } from '../encodings/find-encoding.ts';
import { refuseTerminal, requireOneLane, requireStream } from '../encodings/require-stream.ts';
import { wantsColors } from '../encodings/table/colors.ts';
import { table } from '../encodings/table/table.ts';
import { terminalColumns } from '../encodings/table/terminal-columns.ts';
import { wantedZone, type WallZone } from '../encodings/table/wall-zone.ts';
import { DescriptorTarget } from '../writer/descriptor-target.ts';
import { EncodedWriter } from '../writer/encoded-writer.ts';

const STDOUT_FD = 1;
/** Long enough to fill a write where events come fast, too short to be seen where they do not. */
const FLUSH_AFTER_MS = 50;

/** Settings of {@link console}. */
export interface ConsoleOptions extends EncodingChoice {
  /** Whether the table has colours; where not given: on a terminal, unless NO_COLOR is set. */
  readonly color?: boolean;
  /** Whose wall clock the table shows; where not given, as SOCKFLOW_TIME says, else `local`: this machine's zone (`TZ`), each time with its offset. */
  readonly zone?: WallZone;
}

class ConsoleSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly #encoding: StreamEncoding | undefined;
  readonly #color: boolean | undefined;
  readonly #zone: WallZone | undefined;

  constructor(
    encoding: StreamEncoding | undefined,
    color: boolean | undefined,
    zone: WallZone | undefined,
  ) {
    this.name = 'console';
    this.accepts = encoding?.accepts ?? 'both';
    this.#encoding = encoding;
    this.#color = color;
    this.#zone = zone;
  }

  prepare({ lanes }: { readonly lanes: number }): void {
    if (this.#encoding === undefined) return;
    refuseTerminal(this.#encoding, isatty(STDOUT_FD), 'standard output');
    requireOneLane(this.#encoding, lanes, 'standard output');
  }

  open({ lane, lanes }: SinkContext): SinkWriter {
    const hasColors = this.#color ?? wantsColors(STDOUT_FD);
    const maxColumns = terminalColumns(STDOUT_FD) ?? Infinity;
    const zone = this.#zone ?? wantedZone();
    const encoding =
      this.#encoding ?? table({ hasColors, hasHeader: lane === 0, maxColumns, zone });
    const target = new DescriptorTarget({
      fd: STDOUT_FD,
      path: 'standard output',
      isShared: lanes > 1,
      closesFd: false,
    });
    return new EncodedWriter(encoding.createEncoder(), target, {
      sinkName: this.name,
      accepts: this.accepts,
      location: 'standard output',
      flushAfterMs: FLUSH_AFTER_MS,
    });
  }
}

/**
 * Standard output: a readable table, or lines of another encoding. Lanes write whole lines, never mixed; a reader that goes away, as `head` does, ends the
 * run with ERR_SOCKFLOW_SINK_READER_GONE.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION
 */
// oxlint-disable-next-line no-shadow-restricted-names -- the destination's name
export function console(options: ConsoleOptions = {}): Sink {
  const { encoding = 'table', color, zone, fields } = options;
  const isTable = encoding === 'table' && fields === undefined;
  return new ConsoleSink(
    isTable
      ? undefined
      : requireStream(findEncoding('-', { ...options, encoding }), 'standard output'),
    color,
    zone,
  );
}
