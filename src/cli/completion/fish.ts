/** Completion for fish(1). */
import { NAME } from '../../version.js';
import type { Model, OptionModel, Value } from './model.js';

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function valueText(value: Value | undefined): string {
  switch (value?.kind) {
    case undefined:
      return '';
    case 'folder':
      return " -x -a '(__fish_complete_directories)'";
    case 'file':
      return ' -r -F';
    case 'words':
      return ` -x -a ${quote(value.words.join(' '))}`;
    default:
      return ' -x';
  }
}

function optionLine(condition: string, { names, description, value }: OptionModel): string {
  const flags = names
    .map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
    .join(' ');
  return `complete -c ${NAME} -n ${quote(condition)} ${flags}${valueText(value)} -d ${quote(description)}`;
}

/** The script, to be put into a folder of fish's completions. */
export function fishCompletion({ globals, verbs }: Model): string {
  const lines = [
    `# Completion for ${NAME} in fish, made by "${NAME} completion fish".`,
    '',
    '# The verb that was typed and how many arguments stand behind it.',
    `function __${NAME}_at`,
    '    set -l words (commandline -opc)',
    '    set -e words[1]',
    '    set -l verb',
    '    set -l count 0',
    '    while set -q words[1]',
    '        set -l word $words[1]',
    '        set -e words[1]',
    '        switch $word',
    '            case "-*=*"',
    `            case ${takers(globals).join(' ')}`,
    '                set -e words[1]',
    "            case '-*'",
    `                contains -- "$verb:$word" $__${NAME}_takers; and set -e words[1]`,
    "            case '*'",
    '                if test -z "$verb"',
    '                    set verb $word',
    '                else',
    '                    set count (math $count + 1)',
    '                end',
    '        end',
    '    end',
    '    test "$verb:$count" = "$argv[1]"; or test "$verb" = "$argv[1]"',
    'end',
    `set -g __${NAME}_takers ${verbs.flatMap(({ name, options }) => takers(options).map((option) => `${name}:${option}`)).join(' ')}`,
    '',
    `function __${NAME}_ids`,
    '    set -l words (commandline -opc)',
    '    set -l root',
    '    for i in (seq (count $words))',
    "        string match -q -- '--root=*' $words[$i]; and set root $words[$i]",
    `        test "$words[$i]" = --root; and set root --root $words[(math $i + 1)]`,
    '    end',
    '    command $words[1] $root list --quiet 2>/dev/null',
    'end',
    '',
    `complete -c ${NAME} -f`,
    ...globals.map((option) => optionLine(`__${NAME}_at ''`, option)),
  ];
  for (const { name, summary, options, container, choices, passThrough } of verbs) {
    // Behind the first argument of these, options are not ours.
    const condition = `__${NAME}_at ${name}${passThrough ? ':0' : ''}`;
    lines.push(
      '',
      `complete -c ${NAME} -n ${quote(`__${NAME}_at ''`)} -a ${name} -d ${quote(summary)}`,
      ...options.map((option) => optionLine(condition, option)),
    );
    if (container !== undefined) {
      lines.push(`complete -c ${NAME} -n '__${NAME}_at ${name}:${container}' -a '(__${NAME}_ids)'`);
    }
    if (choices !== undefined) {
      const words = quote(choices.words.join(' '));
      lines.push(`complete -c ${NAME} -n '__${NAME}_at ${name}:${choices.at}' -a ${words}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Names of options that take a value. */
function takers(options: readonly OptionModel[]): string[] {
  return options.flatMap(({ names, value }) => (value === undefined ? [] : names));
}
