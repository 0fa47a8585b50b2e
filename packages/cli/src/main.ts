import { ExitCode } from './exit-code.ts';
import { runProgram } from './program.ts';
import { isClosedPipe } from './terminal/closed-pipe.ts';
import { Terminal } from './terminal/terminal.ts';

/* A reader that has gone (`| head`) ends the command quietly: it has what it wanted. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (isClosedPipe(error)) process.exit(ExitCode.OK);
    throw error;
  });
}

const context = { out: new Terminal(process.stdout), err: new Terminal(process.stderr) };
process.exitCode = await runProgram(context, process.argv.slice(2));
