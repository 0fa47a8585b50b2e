import type { Terminal } from './terminal.ts';

/** Writes what is not wrong but probably not meant. */
export function writeWarnings(terminal: Terminal, warnings: readonly string[]): void {
  terminal.urgent(() => {
    for (const warning of warnings) {
      terminal.line(`${terminal.colors.yellow(terminal.colors.bold('warning'))} ${warning}`);
    }
  });
}
