/** Completion for bash(1), with nothing but bash itself. */
import { NAME } from '../../version.js';
import type { Model, OptionModel, Value } from './model.js';

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const kindText = (value: Value): string =>
  value.kind === 'words' ? `words ${value.words.join(' ')}` : value.kind;

/** A case for each option that takes a value: what kind it is. */
function valueCases(verb: string, options: readonly OptionModel[]): string[] {
  return options.flatMap(({ names, value }) => {
    if (value === undefined) return [];
    const patterns = names.map((name) => `${verb}:${name}`).join(' | ');
    return [`    ${patterns}) printf %s ${quote(kindText(value))} ;;`];
  });
}

const namesOf = (options: readonly OptionModel[]): string =>
  options.flatMap(({ names }) => names).join(' ');

/** The script, to be sourced. */
export function bashCompletion({ globals, verbs }: Model): string {
  const containers = verbs.flatMap(({ name, container }) =>
    container === undefined ? [] : [`${name}:${container}`],
  );
  const passing = verbs.filter(({ passThrough }) => passThrough).map(({ name }) => name);
  const choices = verbs.flatMap(({ name, choices }) =>
    choices === undefined
      ? []
      : [`    ${name}:${choices.at}) printf %s ${quote(`words ${choices.words.join(' ')}`)} ;;`],
  );
  return `# Completion for ${NAME} in bash, made by "${NAME} completion bash".

# The options of a verb; of '': those before it.
_${NAME}_options() {
  case $1 in
    '') printf %s ${quote(namesOf(globals))} ;;
${verbs.map(({ name, options }) => `    ${name}) printf %s ${quote(`${namesOf(options)} --help`.trim())} ;;`).join('\n')}
  esac
}

# What VERB:OPTION takes: nothing for a switch.
_${NAME}_value() {
  case $1 in
${[...valueCases('', globals), ...verbs.flatMap(({ name, options }) => valueCases(name, options))].join('\n')}
  esac
}

# What the argument at a place of a verb is, as VERB:PLACE.
_${NAME}_argument() {
  case $1 in
    help:0) printf %s ${quote(`words ${verbs.map(({ name }) => name).join(' ')}`)} ;;
    ${containers.join(' | ')}) printf container ;;
${choices.join('\n')}
  esac
}

_${NAME}() {
  local program=$1 cur=\${COMP_WORDS[COMP_CWORD]} verb= root= kind= word
  local -i i next count=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      -?*)
        kind=$(_${NAME}_value "$verb:$word")
        [ -n "$kind" ] || continue
        # Its value is the next word, or the one behind '='.
        next=i+1
        if [ "\${COMP_WORDS[next]}" = = ]; then next+=1; fi
        if ((next >= COMP_CWORD)); then
          if ((next > COMP_CWORD)); then cur=; fi
          _${NAME}_reply "$kind"
          return
        fi
        if [ "$verb:$word" = :--root ]; then root=\${COMP_WORDS[next]/#\\~/$HOME}; fi
        i=next
        ;;
      *)
        if [ -z "$verb" ]; then
          verb=$word
        else
          count+=1
          # What follows is not of ${NAME}.
          case $verb in ${passing.join(' | ') || "''"}) return ;; esac
        fi
        ;;
    esac
  done
  case $cur in
    -*) _${NAME}_reply "words $(_${NAME}_options "$verb")" ;;
    *)
      if [ -z "$verb" ]; then
        _${NAME}_reply ${quote(`words ${[...verbs.map(({ name }) => name), 'help'].join(' ')}`)}
      else
        _${NAME}_reply "$(_${NAME}_argument "$verb:$count")"
      fi
      ;;
  esac
}

_${NAME}_reply() {
  local ids
  case $1 in
    folder)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
    file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    container)
      ids=$("$program" \${root:+--root "$root"} list --quiet 2>/dev/null)
      mapfile -t COMPREPLY < <(compgen -W "$ids" -- "$cur")
      ;;
    words\\ *) mapfile -t COMPREPLY < <(compgen -W "\${1#words }" -- "$cur") ;;
  esac
}

complete -F _${NAME} ${NAME}
`;
}
