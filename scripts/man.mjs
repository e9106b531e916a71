// Writes the manual pages, ocirt(8) and one for each verb, from the tables of verbs and options.
//
//   node scripts/man.mjs FOLDER        after a build
//
// The date is that of SOURCE_DATE_EPOCH, where that is set: the same tree gives the same pages.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [{ GLOBAL_OPTIONS }, { VERBS }, { NAME, SPEC_VERSION, VERSION }] = await Promise.all(
  ['cli/globals', 'cli/verbs', 'version'].map((file) => import(`../dist/${file}.js`)),
);

/** A text for roff: what it would take for its own is escaped (groff_char(7), groff_man_style(7)). */
const roff = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replace(/^\./gm, '\\&.');

const bold = (text) => `\\fB${roff(text)}\\fR`;
const italic = (text) => `\\fI${roff(text)}\\fR`;

/** Lines that are indented stand as they are. */
function paragraphs(text) {
  const out = [];
  let code = false;
  for (const line of text.split('\n')) {
    const indented = /^\s/.test(line);
    if (indented !== code) out.push(indented ? '.PP\n.nf' : '.fi\n.PP');
    code = indented;
    out.push(roff(line));
  }
  if (code) out.push('.fi');
  return out.join('\n');
}

function option({ name, short, argument, description, default: fallback }) {
  const value = argument === undefined ? '' : ` ${italic(argument)}`;
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
  const said = fallback === undefined ? description : `${description} (default: ${fallback})`;
  return `.TP\n${names.map((one) => bold(one) + value).join(', ')}\n${roff(said)}`;
}

const options = (list) =>
  list
    .filter(({ hidden }) => hidden !== true)
    .map(option)
    .join('\n');

function page(name, summary, sections) {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000);
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  return [
    `.\\" Made by scripts/man.mjs from the tables of verbs and options.`,
    `.TH ${name.toUpperCase()} 8 ${date} "${NAME} ${VERSION}" "System Administration"`,
    `.SH NAME\n${roff(name)} \\- ${roff(summary)}`,
    ...sections.filter(([, text]) => text !== '').map(([title, text]) => `.SH ${title}\n${text}`),
    '',
  ].join('\n');
}

/** `<container-id>` as it is written in a synopsis. */
const usage = (text) =>
  text
    .split(/(<[^>]+>|\|)/)
    .map((part) => {
      if (part === '|') return '|';
      return part.startsWith('<') ? italic(part.slice(1, -1)) : roff(part);
    })
    .join('');

const GLOBAL = `.B ${NAME}\n[\\fIglobal options\\fR]`;

/** What each verb ends with; docs/errors.md has the same. */
function exitStatus({ name, failureCode = 1 }) {
  const own = ['run', 'exec'].includes(name)
    ? `In the foreground that of the process, or 128 and the number of the signal that ended it; with ${bold('--detach')} 0.`
    : '0 where it was done.';
  return `${own}\n.PP\n${failureCode} where it could not be done; the error says why, with a code and a hint.`;
}

function verbPage(verb) {
  const { name, summary, description = '' } = verb;
  const takes = verb.options.length > 0 ? ' [\\fIoptions\\fR]' : '';
  return page(`${NAME}-${name}`, summary, [
    ['SYNOPSIS', `${GLOBAL} ${bold(name)}${takes} ${usage(verb.usage)}`.trimEnd()],
    [
      'DESCRIPTION',
      `${roff(summary[0].toUpperCase() + summary.slice(1))}.${description === '' ? '' : `\n.PP\n${paragraphs(description)}`}`,
    ],
    ['OPTIONS', options([...verb.options, { name: 'help', short: 'h', description: 'show help' }])],
    ['EXIT STATUS', exitStatus(verb)],
    ['SEE ALSO', `.BR ${NAME} (8)`],
  ]);
}

function mainPage(verbs) {
  return page(NAME, 'run containers of the Open Container Initiative', [
    ['SYNOPSIS', `${GLOBAL} \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]`],
    [
      'DESCRIPTION',
      `${bold(NAME)} starts, stops and removes containers by the runtime specification of the Open
Container Initiative, version ${roff(SPEC_VERSION)}, with a command line that is compatible with that of
.BR runc (8).
Engines such as Podman, containerd and Docker call it; by hand it is called with a bundle: a folder with
.I config.json
and a root file system.`,
    ],
    [
      'COMMANDS',
      verbs
        .map(({ name, summary }) => `.TP\n.BR ${roff(`${NAME}-${name}`)} (8)\n${roff(summary)}`)
        .join('\n'),
    ],
    ['GLOBAL OPTIONS', options(GLOBAL_OPTIONS)],
    [
      'EXIT STATUS',
      '0 where it was done, 1 where not, 3 for a command that there is not.\nCommands that differ say so in their pages.',
    ],
    [
      'ENVIRONMENT',
      `.TP\n.B XDG_RUNTIME_DIR\nStates of an ordinary user are kept in its folder ${italic(NAME)}.\n.TP\n.BR LISTEN_FDS ", " LISTEN_PID\nPassed on to the container; see\n.BR sd_listen_fds (3).`,
    ],
    [
      'FILES',
      `.TP\n.I /run/${NAME}\nStates of root's containers, unless\n.B \\-\\-root\nsays otherwise.`,
    ],
    [
      'EXAMPLES',
      `.nf\nmkdir \\-p box/rootfs && cd box\nbusybox \\-\\-install rootfs\n${NAME} spec\n${NAME} run box\n.fi`,
    ],
    [
      'SEE ALSO',
      '.BR runc (8),\n.BR crun (1),\n.BR podman (1),\n.BR namespaces (7),\n.BR cgroups (7)',
    ],
  ]);
}

/** The pages, by the names of their files. */
export async function manualPages() {
  const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
  return new Map([
    [`${NAME}.8`, mainPage(verbs)],
    ...verbs.map((verb) => [`${NAME}-${verb.name}.8`, verbPage(verb)]),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error('usage: node scripts/man.mjs FOLDER');
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await manualPages()) writeFileSync(join(folder, name), text);
}
