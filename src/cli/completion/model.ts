/** What a shell has to know to complete a command line: the tables of verbs and options, and no more. */
import { GLOBAL_OPTIONS } from '../globals.js';
import type { OptionSpec, Verb } from '../verb.js';
import { VERBS } from '../verbs.js';

/** What the value of an option is completed with; `any`: with nothing. */
export type Value =
  | { readonly kind: 'any' | 'folder' | 'file' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface OptionModel {
  /** With its dashes. */
  readonly names: readonly string[];
  readonly description: string;
  /** Name of the value in the help. */
  readonly argument: string;
  /** Absent: a switch. */
  readonly value?: Value;
}

export interface VerbModel {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionModel[];
  /** The place of the argument that is the ID of a container that is there, from 0. */
  readonly container?: number;
  /** Words for the argument at this place, from 0. */
  readonly choices?: { readonly at: number; readonly words: readonly string[] };
  /** Behind the first argument there is nothing of ours. */
  readonly passThrough: boolean;
}

export interface Model {
  readonly globals: readonly OptionModel[];
  readonly verbs: readonly VerbModel[];
}

/** Names of values that are paths. */
const FOLDERS: readonly string[] = ['DIR'];
const FILES: readonly string[] = ['FILE', 'SOCKET', 'PATH'];
/** Verbs that take the ID of a container that is not there yet. */
const NEW_CONTAINER: readonly string[] = ['create', 'run', 'restore', 'plan'];

function valueModel(option: OptionSpec): Value | undefined {
  if (option.argument === undefined) return undefined;
  if (option.choices !== undefined) return { kind: 'words', words: option.choices };
  if (FOLDERS.includes(option.argument)) return { kind: 'folder' };
  return { kind: FILES.includes(option.argument) ? 'file' : 'any' };
}

/** What completion says of options; hidden ones are not completed. */
export function optionModels(options: readonly OptionSpec[]): OptionModel[] {
  return options
    .filter((option) => option.hidden !== true)
    .map((option) => {
      const value = valueModel(option);
      return {
        names: [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])],
        description: option.description,
        argument: option.argument ?? '',
        ...(value === undefined ? {} : { value }),
      };
    });
}

export function verbModel(verb: Verb): VerbModel {
  const place = verb.usage.split(' ').findIndex((word) => /^[<[]container-id/.test(word));
  return {
    name: verb.name,
    summary: verb.summary,
    options: optionModels(verb.options),
    ...(place < 0 || NEW_CONTAINER.includes(verb.name) ? {} : { container: place }),
    ...(verb.choices === undefined ? {} : { choices: verb.choices }),
    passThrough: verb.passThrough === true,
  };
}

/** Loads every verb. */
export async function loadModel(): Promise<Model> {
  const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
  return { globals: optionModels(GLOBAL_OPTIONS), verbs: verbs.map(verbModel) };
}
