import { Option } from 'commander';

import { badValue } from './quantities.ts';

/** `--param k=v`: what a pipeline module's function is called with. */
export function paramOption(): Option {
  return new Option(
    '--param <name=value>',
    'a parameter of the pipeline, as text; may be repeated',
  ).argParser((text, previous: Readonly<Record<string, string>> | undefined) => {
    const at = text.indexOf('=');
    if (at <= 0) throw badValue('--param', text, 'name=value');
    return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
  });
}
