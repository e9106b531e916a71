// Writes docs/cli.md: every verb and flag of runc, crun and ocirt side by side.
//
//   node scripts/cli-table.mjs                      ocirt's columns anew, from its tables (after a build)
//   node scripts/cli-table.mjs --ask BINARY...      asks these runtimes anew, too: their --help
//
// What the others have is kept in scripts/cli-flags.json, by "NAME VERSION", so that the page can
// be made where they are not installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT = new URL('cli-flags.json', import.meta.url);
const PAGE = new URL('../docs/cli.md', import.meta.url);

/**
 * What they have and ocirt has not, and why: a verb, or a flag (or one of its names) behind it; `*`
 * for every verb, and none for the global options. The page shows those that are so.
 */
export const REASONS = {};

/** Lines of urfave's help (runc): "   --bundle value, -b value  path to ...". */
const RUNC_FLAG = /^ {3}(--[a-z0-9][\w-]*)(?: value)?(?:, (-\w)(?: value)?)?(?:\s{2,}|$)/;
const RUNC_VERB = /^ {3}([a-z]+)(?:, \w)?\s{2,}/;
/** Lines of argp's help (crun): "  -b, --bundle=DIR   path ...". */
const CRUN_FLAG = /^ {2,6}((?:-\S, )*)(--[a-z0-9][\w-]*)/;
const CRUN_VERB = /^\t([a-z]+)\s+- /;

/** The verbs that a runtime's help names. */
export function parseVerbs(help) {
  const lines = help.split('\n');
  const from = lines.findIndex((line) => /^COMMANDS:/.test(line));
  const verbs = [];
  for (const line of lines.slice(from + 1)) {
    if (line.trim() === '' && verbs.length > 0) break;
    const verb = RUNC_VERB.exec(line)?.[1] ?? CRUN_VERB.exec(line)?.[1];
    if (verb !== undefined && verb !== 'help') verbs.push(verb);
  }
  return verbs;
}

/** The flags that a help text lists, each with its short names: "--bundle -b". */
export function parseFlags(help) {
  const urfave = /^(GLOBAL )?OPTIONS:$/m.exec(help);
  const lines = (urfave === null ? help : help.slice(urfave.index)).split('\n');
  return lines.flatMap((line) => {
    if (urfave !== null) {
      const [, long, short] = RUNC_FLAG.exec(line) ?? [];
      return long === undefined ? [] : [[long, short].filter(Boolean).join(' ')];
    }
    const [, shorts = '', long] = CRUN_FLAG.exec(line) ?? [];
    if (long === undefined) return [];
    return [[long, ...shorts.split(', ').filter(Boolean)].join(' ').trim()];
  });
}

function ask(binary) {
  const run = (...args) => {
    const { stdout, error } = spawnSync(binary, args, { encoding: 'utf8' });
    if (error) throw error;
    return stdout;
  };
  const [, version = '?'] = /version (\d[\w.]*\d)/.exec(run('--version')) ?? [];
  const help = run('--help');
  const flags = Object.fromEntries(
    parseVerbs(help)
      .sort()
      .map((verb) => [verb, parseFlags(run(verb, '--help'))]),
  );
  return [`${basename(binary)} ${version}`, { '': parseFlags(help), ...flags }];
}

/** ocirt's own, from its tables; the hidden ones, too: they are taken. */
async function own() {
  const [{ GLOBAL_OPTIONS, HELP }, { VERBS }] = await Promise.all(
    ['globals', 'verbs'].map((file) => import(`../dist/cli/${file}.js`)),
  );
  const dashed = (name) => (name.length === 1 ? `-${name}` : `--${name}`);
  /** A flag by a longer alias is a row of its own: others have it as a flag of its own. */
  const flag = ({ name, short, aliases = [], hidden = false }) => [
    {
      names: [
        name,
        ...(short === undefined ? [] : [short]),
        ...aliases.filter((one) => one.length === 1),
      ].map(dashed),
      hidden,
    },
    ...aliases.filter((one) => one.length > 1).map((one) => ({ names: [dashed(one)], hidden })),
  ];
  const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
  return new Map([
    ['', GLOBAL_OPTIONS.flatMap(flag)],
    ...verbs.map(({ name, options }) => [name, [...options, HELP].flatMap(flag)]),
  ]);
}

/** The tables as data: by verb ('' for the global options), a row for each flag. */
export async function comparison(kept = JSON.parse(readFileSync(KEPT, 'utf8'))) {
  const ocirt = await own();
  const others = Object.entries(kept);
  const verbs = new Set([...ocirt.keys(), ...others.flatMap(([, flags]) => Object.keys(flags))]);
  return [...verbs].sort().map((verb) => {
    const ours = ocirt.get(verb);
    const rows = new Map();
    const rowOf = (long) => {
      if (!rows.has(long))
        rows.set(long, { names: new Set([long]), own: new Set(), have: new Set(), hidden: false });
      return rows.get(long);
    };
    for (const { names, hidden } of ours ?? []) {
      const row = rowOf(names[0]);
      for (const name of names) {
        row.names.add(name);
        row.own.add(name);
      }
      row.have.add('ocirt');
      row.hidden = hidden;
    }
    for (const [runtime, flags] of others) {
      for (const text of flags[verb] ?? []) {
        const [long, ...shorts] = text.split(' ');
        const row = rowOf(long);
        for (const short of shorts) row.names.add(short);
        row.have.add(runtime);
      }
    }
    const seen = [...rows].filter(([, { have, hidden }]) => !hidden || have.size > 1);
    const has = new Set([
      ...(ours === undefined ? [] : ['ocirt']),
      ...others.filter(([, flags]) => verb in flags).map(([runtime]) => runtime),
    ]);
    return { verb, has, rows: seen.map(([long, row]) => ({ long, ...row })) };
  });
}

/** Verbs and flags, and names of flags, that another runtime has and ocirt has not. */
export function missing(tables) {
  return tables.flatMap(({ verb, has, rows }) => {
    if (!has.has('ocirt')) return [verb];
    return rows.flatMap(({ long, names, own }) => {
      const wanted = own.size === 0 ? [long] : [...names].filter((name) => !own.has(name));
      return wanted.map((name) => `${verb} ${name}`.trim());
    });
  });
}

/** The reason of what is missing; undefined: there is none, and that is a fault. */
export function reasonOf(what) {
  return REASONS[what] ?? REASONS[`* ${what.split(' ').at(-1)}`];
}

/** What is missing without a reason. */
export const gaps = (tables) => missing(tables).filter((what) => reasonOf(what) === undefined);

const table = (heads, rows) =>
  [heads, heads.map((_, index) => (index === 0 ? '---' : ':-:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

export async function page(kept) {
  const tables = await comparison(kept);
  const columns = ['ocirt', ...Object.keys(kept)];
  const marks = (has) => columns.map((name) => (has.has(name) ? '✓' : ''));
  const verbs = tables.filter(({ verb }) => verb !== '');
  const sections = tables.map(({ verb, rows }) => {
    const title = verb === '' ? 'Before the verb' : `\`${verb}\``;
    const lines = rows
      .sort((a, b) => (a.long < b.long ? -1 : 1))
      .map(({ names, have }) => [
        [...names].map((name) => `\`${name}\``).join(', '),
        ...marks(have),
      ]);
    return `### ${title}\n\n${table(['flag', ...columns], lines)}\n`;
  });
  const absent = missing(tables);
  const reasons = Object.entries(REASONS)
    .filter(([what]) =>
      absent.some(
        (one) => one === what || (what.startsWith('* ') && one.split(' ').at(-1) === what.slice(2)),
      ),
    )
    .map(
      ([what, why]) =>
        `| \`${what.replace(/^\* /, '')}\`${what.startsWith('* ') ? ' (of every verb)' : ''} | ${why} |`,
    );
  return `# The command line, beside runc's and crun's

Made by \`scripts/cli-table.mjs\` from ocirt's tables of options and from what \`--help\` of the
others says. A flag may have one dash or two, its value behind a blank or \`=\`; flags are also taken
behind the arguments, but of \`exec\` and \`ps\`. \`ocirt VERB --help\` and the manual pages say what each
does.

## Verbs

${table(
  ['verb', ...columns],
  verbs.map(({ verb, has }) => [`\`${verb}\``, ...marks(has)]),
)}

## What ocirt has not, and why

${reasons.length === 0 ? 'There is nothing that one of the others has and ocirt has not.' : `| flag | why |\n| --- | --- |\n${reasons.join('\n')}`}

## Flags

${sections.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode, ...binaries] = process.argv.slice(2);
  const kept = JSON.parse(readFileSync(KEPT, 'utf8'));
  if (mode === '--ask') {
    for (const [name, flags] of binaries.map(ask)) kept[name] = flags;
    writeFileSync(KEPT, `${JSON.stringify(kept, null, 2)}\n`);
  }
  writeFileSync(PAGE, await page(kept));
  const found = gaps(await comparison(kept));
  if (found.length > 0) console.error(`ocirt has not, and nobody says why: ${found.join(', ')}`);
}
