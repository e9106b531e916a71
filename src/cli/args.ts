/**
 * Reads options as Go programs take them, since engines write them so: with one dash or two
 * (`-no-subreaper`), `--name=value` or `--name value`, `--switch=true`, and also behind the
 * arguments (`update ID --memory 50M`). No library for Node.js reads that; commander explains what
 * was not understood (suggest.ts).
 */
import { OcirtError } from '../errors.js';
import type { OptionSpec, OptionValues } from './verb.js';

export interface Parsed {
  readonly values: OptionValues;
  /** What is not an option. */
  readonly rest: string[];
}

/** A word that looks like an option and is none. */
export class UnknownOption extends OcirtError {
  readonly option: string;

  constructor(option: string) {
    super('usage', `flag provided but not defined: -${option}`);
    this.option = option;
  }
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function usageError(message: string): OcirtError {
  return new OcirtError('usage', message);
}

function switchValue(name: string, value: string | undefined): boolean {
  if (value === undefined || TRUE.includes(value)) return true;
  if (FALSE.includes(value)) return false;
  throw usageError(`invalid boolean value "${value}" for -${name}: parse error`);
}

/**
 * Sorts words into options and the rest.
 * @param stopAfter behind so many arguments options are no longer looked for: 1 for global options
 *   and for verbs that pass the rest on, Infinity for the others
 */
export function parseWords(
  words: readonly string[],
  specs: readonly OptionSpec[],
  stopAfter: number,
): Parsed {
  const switches = new Map<string, boolean>();
  const texts = new Map<string, string[]>();
  const rest: string[] = [];
  let dashes: number | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--') {
      // Behind the arguments of a verb that passes on, "--" is a part of what is passed on.
      dashes = rest.length;
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
    const bare = word.slice(word.startsWith('--') ? 2 : 1);
    const equals = bare.indexOf('=');
    const name = equals < 0 ? bare : bare.slice(0, equals);
    const value = equals < 0 ? undefined : bare.slice(equals + 1);
    const spec =
      specs.find((candidate) => candidate.name === name || candidate.short === name) ??
      specs.find((candidate) => candidate.aliases?.includes(name));
    if (spec === undefined) throw new UnknownOption(name);
    if (spec.argument === undefined) {
      switches.set(spec.name, switchValue(spec.name, value));
      continue;
    }
    const text = value ?? words[++index];
    if (text === undefined) throw usageError(`flag needs an argument: -${name}`);
    const before = spec.repeat === true ? texts.get(spec.name) : undefined;
    texts.set(spec.name, before === undefined ? [text] : [...before, text]);
  }
  return { values: { ...optionValues(specs, switches, texts), dashes }, rest };
}

function optionValues(
  specs: readonly OptionSpec[],
  switches: ReadonlyMap<string, boolean>,
  texts: ReadonlyMap<string, readonly string[]>,
): Omit<OptionValues, 'dashes'> {
  const text = (name: string): string | undefined =>
    texts.get(name)?.[0] ?? specs.find((spec) => spec.name === name)?.default;
  return {
    text,
    all: (name) => texts.get(name) ?? [],
    flag: (name) => switches.get(name),
    count(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d{1,9}$/.test(value)) {
        throw usageError(`invalid value "${value}" for flag -${name}: parse error`);
      }
      return Number(value);
    },
  };
}
