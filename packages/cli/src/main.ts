import { ExitCode } from './exit-code.ts';
import { runProgram } from './program.ts';
import { isClosedPipe } from './terminal/closed-pipe.ts';
import { Terminal } from './terminal/terminal.ts';

/* A reader that has gone (`| head`) has what it wanted: work that is under way drains, and the command ends quietly. */
function watch(terminal: Terminal): Terminal {
  terminal.stream.on('error', (error) => {
    if (!isClosedPipe(error)) throw error;
    if (terminal.onClosed === undefined) process.exit(ExitCode.OK);
    terminal.close();
  });
  return terminal;
}

const context = {
  out: watch(new Terminal(process.stdout)),
  err: watch(new Terminal(process.stderr)),
};
process.exitCode = await runProgram(context, process.argv.slice(2));
