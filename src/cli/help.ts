/** Help texts, made from the tables of verbs and options. */
import { NAME } from '../version.js';
import type { OptionSpec, Verb } from './verb.js';

/** The width that the lines' second column starts at, at most. */
const MAX_COLUMN = 34;

function flagText(option: OptionSpec): string {
  const value = option.argument === undefined ? '' : ` ${option.argument}`;
  const short = option.short === undefined ? '' : `, -${option.short}${value}`;
  return `--${option.name}${value}${short}`;
}

/** Rows of two columns, indented. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(MAX_COLUMN, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `   ${left.padEnd(width)}  ${right}`.trimEnd());
}

function optionRows(options: readonly OptionSpec[]): (readonly [string, string])[] {
  return options
    .filter((option) => option.hidden !== true)
    .map((option) => {
      const fallback = option.default === undefined ? '' : ` (default: "${option.default}")`;
      return [flagText(option), `${option.description}${fallback}`] as const;
    });
}

/** `ocirt VERB --help` */
export function verbHelp(verb: Verb): string {
  const lines = [
    'NAME:',
    `   ${NAME} ${verb.name} - ${verb.summary}`,
    '',
    'USAGE:',
    `   ${NAME} ${verb.name}${verb.options.length > 0 ? ' [options]' : ''} ${verb.usage}`.trimEnd(),
  ];
  if (verb.description !== undefined) {
    lines.push(
      '',
      'DESCRIPTION:',
      ...verb.description.split('\n').map((line) => `   ${line}`.trimEnd()),
    );
  }
  if (verb.options.length > 0) lines.push('', 'OPTIONS:', ...columns(optionRows(verb.options)));
  return `${lines.join('\n')}\n`;
}

/** `ocirt --help` */
export function mainHelp(
  verbs: readonly { readonly name: string; readonly summary: string }[],
  globals: readonly OptionSpec[],
): string {
  const lines = [
    'NAME:',
    `   ${NAME} - Open Container Initiative runtime`,
    '',
    'USAGE:',
    `   ${NAME} [global options] command [options] [arguments...]`,
    '',
    'COMMANDS:',
    ...columns(verbs.map((verb) => [verb.name, verb.summary] as const)),
    '',
    'GLOBAL OPTIONS:',
    ...columns(optionRows(globals)),
  ];
  return `${lines.join('\n')}\n`;
}
