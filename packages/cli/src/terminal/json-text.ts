import type { Terminal } from './terminal.ts';

/** A value as JSON: bigints as decimal strings, maps and sets as objects and lists, errors by code and message. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, replace, indent) ?? 'null';
}

/** Writes the one JSON document of a command to its stdout. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.line(jsonText(value, 2));
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Error) {
    return { ...('code' in value ? { code: value.code } : {}), message: value.message };
  }
  return value;
}
