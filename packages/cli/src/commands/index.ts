import type { CommandModule } from '../command.ts';
import { benchCommand } from './bench.ts';
import { catCommand } from './cat.ts';
import { convertCommand } from './convert.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { genCommand } from './gen.ts';
import { inspectCommand } from './inspect.ts';
import { recordCommand } from './record.ts';
import { repairCommand } from './repair.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { sliceCommand } from './slice.ts';
import { validateCommand } from './validate.ts';
import { watchCommand } from './watch.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandModule[] = [
  recordCommand,
  watchCommand,
  catCommand,
  sliceCommand,
  repairCommand,
  convertCommand,
  inspectCommand,
  replayCommand,
  runCommand,
  validateCommand,
  explainCommand,
  genCommand,
  benchCommand,
  doctorCommand,
];
