import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';

/** The unit that the package ships. */
export const UNIT_PATH: string = join(WORKSPACE, 'packages/cli/systemd/sockflow.service');
export const AGENT_CONFIG_PATH: string = join(WORKSPACE, 'packages/cli/systemd/agent.yaml');

/** A line of a unit. */
export interface Directive {
  readonly section: string;
  readonly name: string;
  readonly value: string;
}

/** The directives of a unit in their order, as systemd reads it: no continuation lines, which the unit has none of. */
export function readUnit(text: string = readFileSync(UNIT_PATH, 'utf8')): Directive[] {
  const directives: Directive[] = [];
  let section = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const head = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (head !== undefined) section = head;
    else if (name !== undefined && value !== undefined) directives.push({ section, name, value });
    else throw new Error(`no line of a unit: ${line}`);
  }
  return directives;
}

/** The values of a directive of the service, all of them. */
export function valuesOf(unit: readonly Directive[], name: string): string[] {
  return unit
    .filter((one) => one.section === 'Service' && one.name === name)
    .map(({ value }) => value);
}

/** The one value of a directive. */
export function valueOf(unit: readonly Directive[], name: string): string {
  const [value, ...others] = valuesOf(unit, name);
  if (value === undefined || others.length > 0) throw new Error(`one ${name} is expected`);
  return value;
}
