import type { LeftOut } from '../bench-document.ts';
import { escapeHtml } from './escape-html.ts';

/** What could not run, with its reason. */
export function leftOutSection(leftOut: readonly LeftOut[]): string {
  if (leftOut.length === 0) return '';
  const rows = leftOut.map(
    ({ id, reason }) =>
      `<tr><th scope="row"><code>${escapeHtml(id).replaceAll('/', '/<wbr>')}</code></th><td>${escapeHtml(reason)}</td></tr>`,
  );
  return `<section><h2 id="left-out">Left out: ${leftOut.length}</h2><table><thead><tr><th scope="col">what</th><th scope="col">why</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

/** How the figures came about and what may be concluded from them. */
export function readingSection(): string {
  return `<section class="reading"><h2 id="reading">How to read it</h2>
<ul>
<li><b>Ratio</b>: baseline time divided by our time, both of the same run. Above 1, right of the line, we are faster. Sides take passes in turn, in the one order and then in the other; the ratio is the median of the rounds’ ratios. All sides must give the same answer, or there is no result.</li>
<li><b>Interval</b>: where the median lies with a probability of at least 95 % (with fewer than six rounds: less), whatever the distribution. An interval that holds 1 says that the run cannot tell who is faster. Hover it for the smallest and the largest.</li>
<li><b>Values</b> per second belong to this machine; ratios travel better. Compare values of one run only.</li>
<li><b>Marks</b>: ● a peer, as its own users would write it; ■ another setting of ours; ◆ a <span class="label">naive</span> way, which is there for orientation and makes no headline. The short line is what is asked for: <b>met</b> where all of the interval is on its good side, <b>missed</b> where none is, else <b>open</b>.</li>
<li><b>What is read</b> stands under each case: filtering and decoding are never mixed without saying so.</li>
<li><b>Bars and bands of plots</b> go from the smallest to the largest of the rounds.</li>
</ul></section>`;
}
