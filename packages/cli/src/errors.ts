import { SockflowError } from '@sockflow/core';

/** What can be wrong with a call of the command or with its text input. */
export type CommandErrorCode =
  | 'ERR_SOCKFLOW_BENCH_ANSWER'
  | 'ERR_SOCKFLOW_USAGE'
  | 'ERR_SOCKFLOW_CONFIG'
  | 'ERR_SOCKFLOW_CONFIG_VARIABLE'
  | 'ERR_SOCKFLOW_INPUT_FILE'
  | 'ERR_SOCKFLOW_INPUT_DAMAGED'
  | 'ERR_SOCKFLOW_INPUT_LINE'
  | 'ERR_SOCKFLOW_UNEXPECTED';

/** Where the command found what is wrong. */
export interface CommandErrorDetails {
  /** As a user would name it: an option, a file, a line of it. */
  readonly place: string;
}

/** The command was called wrongly, or its input cannot be used: whoever typed it must act. */
export class CommandError extends SockflowError<CommandErrorCode, CommandErrorDetails> {}
