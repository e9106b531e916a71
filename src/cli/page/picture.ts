/** The container as a picture: its namespaces, and its mounts as a tree. SVG that stands in a page. */
import { html, type Markup } from './html.js';
import type { InsideMount, InsideNamespace, MountKind } from './inside.js';

const WIDTH = 960;
const ROW = 26;
/** Where the host's side ends and the container's begins. */
const HOST_END = 300;
const INSIDE = 340;
const TOP = 40;
/** Of a step in the tree. */
const INDENT = 18;
const WHAT_COLUMN = 440;

/** Text of one width, about, for SVG breaks no lines. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text;
}

const NAMESPACE_WORDS: Readonly<Record<InsideNamespace['kind'], string>> = {
  new: 'its own, new',
  joined: 'joined',
  host: "the host's, shared",
};

/** What somebody in a namespace of this kind has for himself. */
const HOLDS: Readonly<Record<string, string>> = {
  pid: 'process numbers',
  network: 'devices, addresses, ports',
  mount: 'the tree of files',
  ipc: 'shared memory, queues',
  uts: 'host name',
  user: 'users and rights',
  cgroup: 'view of the cgroups',
  time: 'boot and monotonic clock',
};

/** A bar that is in the container alone (new), or reaches over to the host. */
function namespaceRow({ name, kind, path }: InsideNamespace, index: number): Markup {
  const y = TOP + index * ROW;
  const x = kind === 'new' ? INSIDE + 20 : 30;
  const from = kind === 'joined' ? cut(path, 40) : kind === 'host' ? "the host's" : '';
  const words = kind === 'joined' ? `joined: ${path}` : NAMESPACE_WORDS[kind];
  return html`
<g class="ns ${kind}"><title>${name}: ${words}</title>
<rect x="${x}" y="${y}" width="${WIDTH - 40 - x}" height="${ROW - 6}" rx="5"/>
${from === '' ? '' : html`<text x="44" y="${y + 14}" class="small">${from}</text>`}
<text x="${INSIDE + 34}" y="${y + 14}" class="strong">${name}</text>
<text x="${INSIDE + 120}" y="${y + 14}" class="small">${HOLDS[name]}</text>
<text x="${WIDTH - 54}" y="${y + 14}" class="small end">${NAMESPACE_WORDS[kind]}</text>
</g>`;
}

/** The two sides, and each kind of namespace as a bar on one of them or on both. */
export function namespacePicture(namespaces: readonly InsideNamespace[]): Markup {
  const height = TOP + namespaces.length * ROW + 20;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="ns-title ns-text">
<title id="ns-title">Namespaces of the container</title>
<desc id="ns-text">${namespaces
    .map(
      ({ name, kind, path }) =>
        `${name}: ${kind === 'joined' ? `joined, ${path}` : NAMESPACE_WORDS[kind]}`,
    )
    .join('; ')}</desc>
<rect class="box" x="10" y="4" width="${HOST_END - 10}" height="${height - 8}" rx="8"/>
<rect class="box inside" x="${INSIDE}" y="4" width="${WIDTH - 10 - INSIDE}" height="${height - 8}" rx="8"/>
<text x="26" y="25" class="strong">host</text>
<text x="${INSIDE + 20}" y="25" class="strong">container</text>
${namespaces.map(namespaceRow)}
</svg>`;
}

const KIND_WORDS: Readonly<Record<MountKind, string>> = {
  root: 'root file system',
  kernel: "the kernel's",
  memory: 'memory',
  host: "the host's files",
  masked: 'masked',
  readonly: 'read-only',
  other: 'file system',
};

/** Where the line up from each mount ends: at the one that it lies below. */
function parentRows(mounts: readonly InsideMount[]): number[] {
  const last: number[] = [];
  return mounts.map(({ depth, covered }, index) => {
    const parent = depth === 0 ? -1 : (last[depth - 1] ?? -1);
    if (!covered) last[depth] = index;
    return parent;
  });
}

function mountRow(mount: InsideMount, index: number, parent: number): Markup {
  const { target, kind, what, options, depth, covered } = mount;
  const y = TOP + index * ROW;
  const x = 24 + depth * INDENT;
  const words = [
    `${KIND_WORDS[kind]}: ${what}`,
    ...options,
    ...(covered ? ['covered by the next'] : []),
  ];
  const room = Math.floor((WHAT_COLUMN - x - 24) / 8.2);
  const line =
    parent < 0
      ? ''
      : html`<path class="branch" d="M${x - INDENT + 6} ${TOP + parent * ROW + 17} V${y + 10} H${x}"/>`;
  return html`
<g class="mount ${kind}${covered ? ' covered' : ''}"><title>${target}: ${words.join(', ')}</title>
${line}<rect x="${x}" y="${y + 4}" width="12" height="12" rx="3"/>
<text x="${x + 20}" y="${y + 14}" class="strong">${cut(target, room)}</text>
<text x="${WHAT_COLUMN}" y="${y + 14}" class="small">${cut(words.join(', '), 74)}</text>
</g>`;
}

/** Each mount below the one that it lies in. */
export function mountPicture(mounts: readonly InsideMount[]): Markup {
  const height = TOP + Math.max(1, mounts.length) * ROW + 14;
  const parents = parentRows(mounts);
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="mount-title mount-text">
<title id="mount-title">Mounts of the container</title>
<desc id="mount-text">${mounts.length} mounts; the table below has the same in words.</desc>
<rect class="box inside" x="10" y="4" width="${WIDTH - 20}" height="${height - 8}" rx="8"/>
<text x="24" y="26" class="strong">mounts</text>
${mounts.map((mount, index) => mountRow(mount, index, parents[index] ?? -1))}
</svg>`;
}

/** The same in words. */
export function insideTables(
  namespaces: readonly InsideNamespace[],
  mounts: readonly InsideMount[],
): Markup {
  return html`<details><summary>The same as tables</summary>
<div class="wide"><table id="namespaces"><caption>Namespaces</caption>
<thead><tr><th scope="col">namespace</th><th scope="col">whose</th><th scope="col">path</th></tr></thead>
<tbody>${namespaces.map(
    ({ name, kind, path }) => html`
<tr><th scope="row">${name}</th><td>${NAMESPACE_WORDS[kind]}</td><td>${path}</td></tr>`,
  )}
</tbody></table></div>
<div class="wide"><table id="mounts"><caption>Mounts</caption>
<thead><tr><th scope="col">in the container</th><th scope="col">kind</th><th scope="col">what is there</th><th scope="col">options</th></tr></thead>
<tbody>${mounts.map(
    ({ target, kind, what, options, covered }) => html`
<tr><th scope="row">${target}</th><td>${KIND_WORDS[kind]}</td><td>${what}</td><td>${[...options, ...(covered ? ['covered'] : [])].join(', ')}</td></tr>`,
  )}
</tbody></table></div></details>`;
}
