// The beginning of an error's text, for a summary: what a CI machine shows of a run is its last lines.
import { stripVTControlCharacters } from 'node:util';

const LINES = 15;
const LINE_CHARACTERS = 300;

/** At most 15 lines of 300 characters, without what moves a terminal's cursor. */
export function briefly(text) {
  const lines = stripVTControlCharacters(text)
    // oxlint-disable-next-line no-control-regex -- captured text of terminals is full of them
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const shown = lines.slice(0, LINES).map(cut);
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `… ${left} more lines`].join('\n') : shown.join('\n');
}

function cut(line) {
  return line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line;
}
