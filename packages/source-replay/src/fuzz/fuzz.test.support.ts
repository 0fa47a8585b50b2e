/*
 * The loop: plans of inputs, each made, read and looked at. In one thread; whoever wants a watch over it starts it in a worker (fuzz-worker).
 *
 *   random plan, or a known one with a change → input → checkInput → finding | outcome
 *   every 100 inputs: has code run that never ran before? then they are kept, to be changed further
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Random } from '../generate/random.ts';
import { TooMuchMemory } from './allocation-limit.test.support.ts';
import { type BaseFile, baseFiles } from './base-files.test.support.ts';
import { checkInput } from './check-input.test.support.ts';
import { Coverage } from './coverage.test.support.ts';
import { inputOf, type Plan, randomPlan } from './mutate.test.support.ts';

export interface FuzzOptions {
  readonly seed: string;
  readonly inputs: number;
  /** Where inputs are written: memory, where there is some. */
  readonly dir: string;
  /** Told of each plan before it is tried. */
  readonly onPlan?: (plan: Plan) => void;
  readonly onProgress?: (report: FuzzReport) => void;
  /** Ends after so many different findings. */
  readonly maxFindings?: number;
  readonly guided?: boolean;
}

/** What is wrong with the reader, and the smallest plan found that shows it. */
export interface Finding {
  readonly text: string;
  readonly plan: Plan;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly seconds: number;
  /** Inputs by outcome: a code, or `read`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly coverage: { readonly ran: number; readonly known: number };
  readonly kept: number;
  readonly findings: readonly Finding[];
}

const LOOK_EVERY = 100;
const PROGRESS_EVERY = 10_000;
const MAX_KEPT = 3000;
/** CPU time that one input may take, ms: its files have kilobytes. */
const MAX_CPU_MS = 2000;
const SLOW_MS = 1000;

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, inputs, dir, maxFindings = 20, guided = true } = options;
  const bases = baseFiles(dir);
  const random = new Random(seed);
  const coverage = new Coverage((url) => /\/(?:source-replay|core)\/dist\/(?!.*test)/.test(url));
  if (guided) coverage.start();
  const kept: Plan[] = [];
  const outcomes: Record<string, number> = {};
  const findings: Finding[] = [];
  const startMs = performance.now();
  let fresh: Plan[] = [];
  let done = 0;
  const report = (): FuzzReport => ({
    inputs: done,
    seconds: (performance.now() - startMs) / 1000,
    outcomes,
    coverage: coverage.figures,
    kept: kept.length,
    findings,
  });
  while (done < inputs && findings.length < maxFindings) {
    const plan = randomPlan(random, bases.length, kept);
    options.onPlan?.(plan);
    const { outcome, finding } = await tryPlan(plan, bases, dir);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (finding !== undefined && !findings.some(({ text }) => shortOf(text) === shortOf(finding))) {
      findings.push({ text: finding, plan: await minimise(plan, finding, bases, dir) });
    }
    fresh.push(plan);
    done++;
    if (guided && done % LOOK_EVERY === 0) {
      if (coverage.take() > 0 && kept.length < MAX_KEPT) kept.push(...fresh);
      fresh = [];
    }
    if (done % PROGRESS_EVERY === 0) options.onProgress?.(report());
  }
  if (guided) coverage.stop();
  return report();
}

/** Tries one plan. @returns what became of it, and what is wrong, where something is. */
export async function tryPlan(
  plan: Plan,
  bases: readonly BaseFile[],
  dir: string,
): Promise<{ outcome: string; finding?: string }> {
  const base = bases[plan.base % bases.length];
  if (base === undefined) throw new Error('there is no base');
  const place = placeOf(plan, base, dir);
  const bytes = inputOf(plan, base.bytes);
  const startMs = performance.now();
  try {
    const outcome = await checkInput(place.path, bytes, plan.isDeep, place.recordingPath);
    // What took long is tried again: the machine may have been busy, the reader is slow each time.
    if (performance.now() - startMs > SLOW_MS) await checkTime(place, bytes, plan);
    return { outcome: outcome.startsWith('ERR_') ? outcome : 'read' };
  } catch (error) {
    return { outcome: 'finding', finding: textOf(error) };
  }
}

interface Place {
  readonly path: string;
  readonly recordingPath: string;
}

/** Where the input is written, the other part beside it, and by which name it is opened. */
function placeOf({ isUnfinished, isDeep }: Plan, { other }: BaseFile, dir: string): Place {
  const unfinished = isUnfinished ? '.part' : '';
  if (other === undefined) {
    const path = join(dir, `input.sfrec${unfinished}`);
    return { path, recordingPath: path };
  }
  const names = ['parts.0.sfrec', 'parts.0.sfrec.part', 'parts.1.sfrec'];
  if (isDeep) for (const name of names) rmSync(join(dir, name), { force: true });
  if (isDeep) writeFileSync(join(dir, 'parts.1.sfrec'), other);
  return { path: join(dir, `parts.0.sfrec${unfinished}`), recordingPath: join(dir, 'parts.sfrec') };
}

async function checkTime(place: Place, bytes: Buffer, { isDeep }: Plan): Promise<void> {
  const cpu = process.cpuUsage();
  await checkInput(place.path, bytes, isDeep, place.recordingPath);
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  if (cpuMs > MAX_CPU_MS) throw new Error(`takes ${cpuMs} ms of CPU`);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ +at /.test(line) && !/node:|\.test\.support/.test(line))
    .slice(0, error instanceof TooMuchMemory ? 2 : 3)
    .map((line) => line.replace(/^ +at |file:.*\/packages\//g, '').trim());
  return `${error.name}: ${error.message.split('\n', 1)[0] ?? ''} | ${place.join(' | ')}`;
}

/** The same finding has the same text, but for numbers. */
function shortOf(text: string): string {
  return text.replaceAll(/\d+/g, '#').slice(0, 200);
}

/** Leaves out changes, and makes numbers small, as long as the finding stays the same. */
async function minimise(
  plan: Plan,
  finding: string,
  bases: readonly BaseFile[],
  dir: string,
): Promise<Plan> {
  let best = plan;
  const isSame = async (candidate: Plan): Promise<boolean> => {
    const { finding: found } = await tryPlan(candidate, bases, dir);
    return found !== undefined && shortOf(found) === shortOf(finding);
  };
  for (let index = best.mutations.length - 1; index >= 0; index--) {
    const mutations = best.mutations.filter((_, other) => other !== index);
    const candidate = { ...best, mutations };
    if (await isSame(candidate)) best = candidate;
  }
  for (const base of bases.keys()) {
    if (base >= best.base) break;
    const candidate = { ...best, base };
    if (await isSame(candidate)) best = candidate;
  }
  return best;
}
