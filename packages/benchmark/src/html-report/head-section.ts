import type { BenchDocument, Load, Machine } from '../bench-document.ts';
import { budgetVerdict } from '../budget-verdict.ts';
import { smokeNotice } from '../smoke-notice.ts';
import { escapeHtml } from './escape-html.ts';
import { formatNumber, formatShare } from './format-number.ts';

/** What was run when and on what, and whether it may be quoted. */
export function headSection(document: BenchDocument): string {
  const { results, leftOut, startedAt, tookS, version } = document;
  const facts = [
    `${results.length} results`,
    ...budgetFacts(document),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} left out`]),
  ];
  const [date = '', time = ''] = startedAt.split('T');
  return [
    '<header><h1>Sockflow benchmarks</h1>',
    smokeBanner(document),
    document.isInterrupted === true
      ? '<p class="invalid" role="alert"><b>Interrupted:</b> what was found until then.</p>'
      : '',
    loadVerdict(document.load),
    `<p class="facts">${facts.map((fact) => `<span>${fact}</span>`).join('')}</p>`,
    `<p>sockflow ${escapeHtml(version)}, ${escapeHtml(date)} ${escapeHtml(time.slice(0, 8))} UTC, took ${formatNumber(tookS)} s.</p>`,
    machineList(document.machine),
    settingsList(document.settings),
    '</header>',
  ].join('');
}

/** Nothing where nothing is asked for; of an invalid run not which are met. */
function budgetFacts({ results, load }: BenchDocument): string[] {
  const verdicts = results.map(budgetVerdict).filter((verdict) => verdict !== undefined);
  if (verdicts.length === 0) return [];
  const count = (wanted: string): number => verdicts.filter((verdict) => verdict === wanted).length;
  const met =
    load.isValid === false ? 'budgets:' : `${count('met')} of ${verdicts.length} budgets met,`;
  return [`${met} ${count('open')} open, ${count('missed')} missed`];
}

function smokeBanner(document: BenchDocument): string {
  const notice = smokeNotice(document);
  return notice === undefined
    ? ''
    : `<p class="invalid" role="alert"><b>This is ${escapeHtml(notice)}.</b></p>`;
}

function loadVerdict(load: Load): string {
  const { isValid, othersRatio, mostOthersRatio, stolenRatio, reasons } = load;
  if (
    isValid === undefined ||
    othersRatio === undefined ||
    mostOthersRatio === undefined ||
    stolenRatio === undefined
  )
    return `<p><b>Nobody watched the load.</b> ${escapeHtml(reasons.join('; '))}</p>`;
  const shares = `Other processes took ${formatShare(othersRatio)} of all cores’ time, ${formatShare(mostOthersRatio)} in the worst case; the hypervisor gave ${formatShare(stolenRatio)} to others.`;
  if (isValid) return `<p class="valid"><b>Valid run.</b> ${shares}</p>`;
  const items = reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  return `<div class="invalid" role="alert"><p><b>Invalid run: do not quote its figures.</b> ${shares}</p><ul>${items}</ul><p>Run it again while nothing else uses the machine.</p></div>`;
}

function machineList(machine: Machine): string {
  const { cpu, cores, caches, memoryGiB, kernel, node, isVirtual, toolchains } = machine;
  const { governor = '', isBoosted, quotaCores } = machine;
  const kinds = { true: 'virtual machine', false: 'bare metal', undefined: 'unknown' };
  const facts: readonly (readonly [name: string, text: string])[] = [
    ['CPU', `${cpu}, ${cores} cores`],
    ['caches', caches.join(', ')],
    ['memory', `${formatNumber(memoryGiB)} GiB`],
    ['machine', kinds[String(isVirtual) as keyof typeof kinds]],
    ['governor', governor],
    ['boost', isBoosted === undefined ? '' : isBoosted ? 'on' : 'off'],
    ['quota', quotaCores === undefined ? '' : `${formatNumber(quotaCores)} cores`],
    ['kernel', kernel],
    ['Node', node],
    ...Object.entries(toolchains),
  ];
  return definitionList(facts.filter(([, text]) => text !== ''));
}

function settingsList(settings: BenchDocument['settings']): string {
  const facts = Object.entries(settings).map(([name, value]) => [name, String(value)] as const);
  if (facts.length === 0) return '';
  return `<details><summary>Settings</summary>${definitionList(facts)}</details>`;
}

function definitionList(facts: readonly (readonly [name: string, text: string])[]): string {
  const items = facts.map(
    ([name, text]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd></div>`,
  );
  return `<dl>${items.join('')}</dl>`;
}
