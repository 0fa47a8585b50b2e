import { ConfigError } from '@sockflow/core';

import { readDurationNs, readSizeBytes } from './quantities.ts';
import type { SinkSpec } from './sink-spec.ts';
import { unknownName } from './unknown-name.ts';

/** Reads the options of a sink that is written as text; whatever is not read is unknown. */
export class SpecOptions {
  readonly #spec: SinkSpec;
  readonly #known: string[];

  constructor(spec: SinkSpec) {
    this.#spec = spec;
    this.#known = [];
  }

  text(name: string): string | undefined {
    if (!this.#known.includes(name)) this.#known.push(name);
    return this.#spec.options.get(name);
  }

  list(name: string): readonly string[] | undefined {
    return this.text(name)?.split(',');
  }

  /** @throws ERR_SOCKFLOW_INVALID_OPTION */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw this.#invalid(name, text, 'a whole number');
  }

  /** @throws ERR_SOCKFLOW_INVALID_OPTION */
  sizeBytes(name: string): number | undefined {
    return this.#quantity(name, readSizeBytes, 'a size such as 64MiB');
  }

  /** @throws ERR_SOCKFLOW_INVALID_OPTION */
  durationMs(name: string): number | undefined {
    const ns = this.#quantity(name, readDurationNs, 'a duration such as 10min or 30s');
    return ns === undefined ? undefined : Math.round(ns / 1e6);
  }

  /** @throws ERR_SOCKFLOW_INVALID_OPTION */
  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text === 'true' || text === 'false') return text === 'true';
    throw this.#invalid(name, text, 'true or false');
  }

  /** @throws ERR_SOCKFLOW_UNKNOWN_NAME where there is an option that nobody read */
  end(): void {
    for (const name of this.#spec.options.keys())
      if (!this.#known.includes(name))
        throw unknownName(`option of the sink '${this.#spec.scheme}:'`, name, this.#known);
  }

  #quantity(
    name: string,
    read: (text: string) => number | undefined,
    expected: string,
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = read(text);
    if (value === undefined) throw this.#invalid(name, text, expected);
    return value;
  }

  #invalid(name: string, text: string, expected: string): ConfigError {
    return new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `the sink option '${name}' is '${text}', expected ${expected}`,
      { remedy: `Give ${expected}`, details: { option: name, value: text } },
    );
  }
}
