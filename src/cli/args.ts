/**
 * Puts a command line in the form that the option parser knows. Engines write options as Go
 * programs take them: with one dash or two (`-no-subreaper`), `--name=value` or `--name value`,
 * `--switch=true`, and also behind the arguments (`update ID --memory 50M`).
 */
import { OcirtError } from '../errors.js';
import type { OptionSpec } from './verb.js';

export interface Canonical {
  /** Options, each one word: `--name`, `--no-name` or `--name=value`. */
  readonly options: string[];
  /** What is not an option. */
  readonly rest: string[];
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function usageError(message: string): OcirtError {
  return new OcirtError('usage', message);
}

/** The canonical words of a switch: `--detach=false` is `--no-detach`, `--no-pivot=false` `--pivot`. */
function switchWord(name: string, value: string | undefined): string {
  if (value === undefined || TRUE.includes(value)) return `--${name}`;
  if (!FALSE.includes(value)) {
    throw usageError(`invalid boolean value "${value}" for -${name}: parse error`);
  }
  return name.startsWith('no-') ? `--${name.slice(3)}` : `--no-${name}`;
}

/**
 * Sorts words into options and the rest.
 * @param stopAfter behind so many arguments options are no longer looked for: 1 for global options
 *   and for verbs that pass the rest on, Infinity for the others
 */
export function canonicalize(
  words: readonly string[],
  specs: readonly OptionSpec[],
  stopAfter: number,
): Canonical {
  const options: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--') {
      // Behind the arguments of a verb that passes on, "--" is a part of what is passed on.
      rest.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      if (rest.length >= stopAfter) {
        rest.push(...words.slice(index + 1));
        break;
      }
      continue;
    }
    const [, name = '', value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const spec = specs.find((candidate) => candidate.name === name || candidate.short === name);
    if (spec === undefined) throw usageError(`flag provided but not defined: -${name}`);
    if (spec.argument === undefined) {
      options.push(switchWord(spec.name, value));
    } else if (value !== undefined) {
      options.push(`--${spec.name}=${value}`);
    } else if (index + 1 < words.length) {
      index++;
      options.push(`--${spec.name}=${words[index]}`);
    } else {
      throw usageError(`flag needs an argument: -${name}`);
    }
  }
  return { options, rest };
}
