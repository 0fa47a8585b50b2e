// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text without control characters: what an event or a value carries must not move the cursor of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (control) => {
    const code = control.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
