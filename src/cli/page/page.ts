/**
 * The plan as one page: `ocirt plan --html FILE`. It needs nothing else, runs no script, and its own
 * policy forbids both: texts of config.json are texts whatever is in them.
 */
import type { CgroupPlan } from '../../cgroup/types.js';
import type { Plan } from '../../plan/plan.js';
import { locateAll } from '../../spec/locate.js';
import { stepTimeWords } from '../../units.js';
import { NAME, VERSION } from '../../version.js';
import { toJson } from '../plan-text.js';
import { html, Markup } from './html.js';
import { mountsOf, namespacesOf } from './inside.js';
import { insideTables, mountPicture, namespacePicture } from './picture.js';
import { type PageGroup, type PageRow, pageGroups } from './rows.js';
import { STYLE } from './style.js';
import type { Timings } from './timings.js';

export interface PageInput {
  readonly id: string;
  readonly plan: Plan;
  readonly cgroup: CgroupPlan;
  /** What was compiled, and the text that it was read from. */
  readonly config: { readonly process?: { readonly args?: readonly string[] } };
  readonly text: string;
  readonly bundle: string;
  readonly timings?: Timings;
}

/** A text with fewer lines was not laid out to be read. */
const FEW_LINES = 5;
/** Steps that wait for somebody: how long says nothing about them. */
const WAITING: readonly string[] = ['sync', 'ready', 'wait_start', 'hook'];

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The shown text of config.json, and the line in it of a pointer. */
function sourceOf({ text, config }: PageInput, pointers: readonly string[]) {
  const original = text.trimEnd();
  const readable = original.split('\n').length > FEW_LINES;
  const shown = readable ? original : toJson(config).trimEnd();
  const places = locateAll(
    shown,
    pointers.map((pointer) => ({ pointer, part: 'key' as const })),
  );
  const lines = new Map(pointers.map((pointer, index) => [pointer, places[index]?.line ?? 1]));
  return { shown, readable, lines };
}

type Lines = ReadonlyMap<string, number>;

function place(at: string, lines: Lines): Markup {
  if (at === '') return html`<td class="at">every container</td>`;
  const line = lines.get(at) ?? 1;
  return html`<td class="at"><a href="#L${line}">${at}</a><br>line ${line}</td>`;
}

function timeCell({ us, name }: PageRow, longest: number): Markup {
  if (us === undefined) return html`<td class="time">–</td>`;
  const waits = WAITING.includes(name);
  const share = longest === 0 ? 0 : Math.min(100, (us / longest) * 100);
  return html`<td class="time">${stepTimeWords(us)}${
    waits
      ? html`<br><small>waiting</small>`
      : html`<span style="width:${share.toFixed(1)}%"></span>`
  }</td>`;
}

/** @param told the reason has just been told */
function rowMarkup(row: PageRow, lines: Lines, longest: number | undefined, told: boolean): Markup {
  const { who, index, name, what, why, syscall, at, values } = row;
  return html`
<tr${index === undefined ? '' : html` id="step-${index}"`}><td>${index ?? ''}</td><td class="who ${who}">${who}</td>
<td><span class="name">${name}</span>: ${what}.${told ? '' : html`<div class="why">${why}.</div>`}${
    values === ''
      ? ''
      : html`<details><summary>values</summary><pre class="values">${values}</pre></details>`
  }</td>
<td class="syscall"><code>${syscall}</code></td>${place(at, lines)}${
    longest === undefined ? '' : timeCell(row, longest)
  }</tr>`;
}

function planTable(groups: readonly PageGroup[], lines: Lines, timed: boolean): Markup {
  const times = groups
    .flatMap(({ rows }) => rows)
    .filter(({ name }) => !WAITING.includes(name))
    .map(({ us }) => us ?? 0);
  const longest = timed ? Math.max(0, ...times) : undefined;
  const columns = timed ? 6 : 5;
  return html`<div class="wide"><table id="plan">
<caption>Everything that is done, in its order. <em>host</em>: by the runtime; <em>helper</em>: by the process that becomes the container's.</caption>
<thead><tr><th scope="col">step</th><th scope="col">who</th><th scope="col">what, and why</th><th scope="col">system call</th><th scope="col">config.json</th>${
    timed ? html`<th scope="col">time</th>` : ''
  }</tr></thead>
${groups.map(
  ({ title, rows }) => html`
<tbody><tr><th scope="rowgroup" colspan="${columns}">${title}</th></tr>${rows.map((row, index) => rowMarkup(row, lines, longest, rows[index - 1]?.why === row.why))}
</tbody>`,
)}
</table></div>`;
}

function timesSection({ verbs }: Timings): Markup {
  return html`<h2 id="times">Where the time went</h2>
${verbs.map(
  ({
    name,
    us,
    phases,
  }) => html`<div class="wide"><table><caption>${name}: ${stepTimeWords(us)}</caption>
<thead><tr><th scope="col">phase</th><th scope="col">time</th></tr></thead>
<tbody>${phases.map((phase) => html`<tr><th scope="row">${phase.name}</th><td>${stepTimeWords(phase.us)}</td></tr>`)}</tbody></table></div>`,
)}`;
}

/** The whole page. */
export function planPage(input: PageInput): string {
  const { id, plan, cgroup, config, bundle, timings } = input;
  const groups = pageGroups(plan, cgroup, timings);
  const warnings = [...plan.warnings, ...cgroup.warnings];
  const pointers = [...groups.flatMap(({ rows }) => rows), ...warnings].map(({ at }) => at);
  const { shown, readable, lines } = sourceOf(input, [...new Set(pointers)]);
  const namespaces = namespacesOf(plan);
  const mounts = mountsOf(plan);
  const page = html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${NAME} ${VERSION}">
<title>Plan of container ${id}</title>
<style>${new Markup(STYLE)}</style></head>
<body><header><h1>Plan of container ${id}</h1>
<p>What <code>${NAME} create</code> and <code>start</code> do with this bundle on this host. Nothing was done to make this page.</p>
<dl><dt>bundle</dt><dd><code>${bundle}</code></dd>
<dt>program</dt><dd><code>${(config.process?.args ?? []).join(' ')}</code></dd>
<dt>steps</dt><dd>${plan.steps.length} of the helper, ${groups.flatMap(({ rows }) => rows).length - plan.steps.length} of the host</dd>
<dt>made by</dt><dd>${NAME} ${VERSION}</dd></dl>
<nav aria-label="Parts of this page"><a href="#inside">The container</a><a href="#steps">Steps</a>${
    warnings.length === 0 ? '' : html`<a href="#warnings">Warnings</a>`
  }${timings === undefined ? '' : html`<a href="#times">Times</a>`}<a href="#config">config.json</a></nav></header>
<main>
<h2 id="inside">The container</h2>
<figure><div class="wide">${namespacePicture(namespaces)}</div>
<figcaption>Namespaces: what it sees as its own, and what it shares with the host.</figcaption></figure>
<figure><div class="wide">${mountPicture(mounts)}</div>
<figcaption>Its mounts, each below the one that it lies in.</figcaption></figure>
${insideTables(namespaces, mounts)}
<h2 id="steps">Steps</h2>
${planTable(groups, lines, timings !== undefined)}
${
  warnings.length === 0
    ? ''
    : html`<h2 id="warnings">Warnings</h2><ul class="warnings">${warnings.map(
        ({ at, message }) =>
          html`<li>${message}${at === '' ? '' : html` (<a href="#L${lines.get(at) ?? 1}">${at}</a>)`}</li>`,
      )}</ul>`
}
${timings === undefined ? '' : timesSection(timings)}
<section id="config"><h2>config.json</h2>
${readable ? '' : html`<p>Laid out anew: the file itself has hardly any lines.</p>`}
<pre tabindex="0">${shown.split('\n').map((line, index) => html`<code id="L${index + 1}">${line}</code>`)}</pre></section>
</main></body></html>
`;
  return page.text;
}
