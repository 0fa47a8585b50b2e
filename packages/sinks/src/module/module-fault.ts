/** What to do about a sink module that cannot be loaded, by what went wrong with it. */
export function loadRemedy(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : '';
  if (code.endsWith('MODULE_NOT_FOUND') || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return 'Mend the path (./my-sink.mjs starts from the current folder), or install the package; the imports of a sink name files with their extension';
  }
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'Name the file in that folder';
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'Give a .js, .mjs, .ts or .mts file';
  if (isModuleReadAsCommonJs(error, text)) {
    return `Call it .mjs, or write "type": "module" into its package.json: Node takes it for CommonJS`;
  }
  if (error instanceof SyntaxError) {
    return / export named /.test(text)
      ? 'Mend the name that it imports'
      : 'Mend its syntax; node --check and its path name the place';
  }
  return 'Mend what it does while it is loaded';
}

/** A package.json that says "type": "commonjs" (npm init writes it) has Node refuse the statements of modules. */
function isModuleReadAsCommonJs(error: unknown, text: string): boolean {
  return (
    (error instanceof SyntaxError || error instanceof ReferenceError) &&
    /Cannot use import statement|Unexpected token 'export'|(?:module|require|exports) is not defined/.test(
      text,
    )
  );
}
