import type { Argument, Option } from 'commander';

import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What a command may use of the process. */
export interface CommandContext {
  readonly out: Terminal;
  readonly err: Terminal;
}

/** A line that a user can type, and what it does. */
export interface Example {
  readonly line: string;
  readonly says: string;
}

/** Options as the parser gives them: by camel-cased long name. */
export type OptionValues = Readonly<Record<string, unknown>>;

/** One command: what help, the parser and the reference page need to know of it, and what it does. */
export interface CommandModule {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** A paragraph, for its own help. */
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** It takes signals itself once it has something to drain; any other is ended by them where it stands. */
  readonly drains?: boolean;
  /** It can run the kernel as a source, whose summary tells more. */
  readonly canBeLive?: boolean;
  run(context: CommandContext, args: readonly string[], options: OptionValues): Promise<ExitCode>;
}
