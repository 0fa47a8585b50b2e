/** Whether a URL or path names a TypeScript module. */
export function isTypeScript(url: string | undefined): boolean {
  return url !== undefined && /\.m?ts(?:[?#].*)?$/.test(url) && !/\.d\.m?ts(?:[?#].*)?$/.test(url);
}
