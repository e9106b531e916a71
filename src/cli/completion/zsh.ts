/** Completion for zsh(1), by its _arguments. */
import { NAME } from '../../version.js';
import type { Model, OptionModel, Value } from './model.js';

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A text in brackets, or between colons, of a specification of _arguments. */
const plain = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&');

function actionOf(value: Value): string {
  switch (value.kind) {
    case 'folder':
      return '_files -/';
    case 'file':
      return '_files';
    case 'words':
      return `(${value.words.join(' ')})`;
    default:
      return ' ';
  }
}

/** The specification of one option: both of its names exclude each other. */
function optionText({ names, description, argument, value }: OptionModel): string {
  const text = `[${plain(description)}]`;
  const takes = value === undefined ? '' : `:${plain(argument)}:${actionOf(value)}`;
  const [name = ''] = names;
  // "--name=" takes its value behind a blank, too.
  const equals = value === undefined ? '' : '=';
  if (names.length === 1) return quote(`*${name}${equals}${text}${takes}`);
  const all = names.map((one) => (one.startsWith('--') ? `${one}${equals}` : one)).join(',');
  return `'*'{${all}}${quote(`${text}${takes}`)}`;
}

const list = (words: readonly string[], indent: string): string =>
  words.map((word) => `${indent}${word}`).join(' \\\n');

/** The script, to be put as `_ocirt` into a folder of zsh's fpath. */
export function zshCompletion({ globals, verbs }: Model): string {
  const cases = verbs.map(({ name, options, container, choices }) => {
    const specs = options.map(optionText);
    if (container !== undefined) {
      specs.push(quote(`${container + 1}:container:_${NAME}_ids`));
    }
    if (choices !== undefined) {
      specs.push(quote(`${choices.at + 1}:argument:(${choices.words.join(' ')})`));
    }
    specs.push("'--help[show help]'");
    return `        ${name})\n          _arguments -s \\\n${list(specs, '            ')}\n          ;;`;
  });
  return `#compdef ${NAME}
# Completion for ${NAME} in zsh, made by "${NAME} completion zsh".

_${NAME}_ids() {
  local -a ids root
  [[ -n $${NAME}_root ]] && root=(--root $${NAME}_root)
  ids=(\${(f)"$(_call_program containers ${NAME} $root list --quiet 2>/dev/null)"})
  compadd -a ids
}

_${NAME}() {
  local context state state_descr line ${NAME}_root
  typeset -A opt_args
  local -a verbs
  _arguments -C \\
${list(globals.map(optionText), '    ')} \\
    '1: :->verb' \\
    '*:: :->rest'
  ${NAME}_root=\${opt_args[--root]}
  case $state in
    verb)
      verbs=(
${verbs.map(({ name, summary }) => `        ${quote(`${name}:${summary}`)}`).join('\n')}
        'help:show help'
      )
      _describe -t commands '${NAME} command' verbs
      ;;
    rest)
      case $line[1] in
${cases.join('\n')}
        help)
          _arguments '1:command:(${verbs.map(({ name }) => name).join(' ')})'
          ;;
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _${NAME} ]]; then
  _${NAME} "$@"
else
  compdef _${NAME} ${NAME}
fi
`;
}
