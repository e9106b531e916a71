/** Parses canonical options with commander. */
import { Command, CommanderError, Option } from 'commander';
import { OcirtError } from '../errors.js';
import type { OptionSpec, OptionValues } from './verb.js';

/** The property that commander keeps a long name's value in; a leading `no-` inverts it. */
function property(name: string): string {
  return name
    .replace(/^no-/, '')
    .replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function addOption(command: Command, spec: OptionSpec): void {
  if (spec.argument === undefined) {
    // Both words, so that a switch that was set to false is told from one that was not given.
    const positive = spec.name.replace(/^no-/, '');
    command.addOption(new Option(`--${positive}`));
    command.addOption(new Option(`--no-${positive}`));
    return;
  }
  const option = new Option(`--${spec.name} <${spec.argument}>`);
  if (spec.repeat === true) {
    option.argParser((value: string, previous: string[] | undefined) => [
      ...(previous ?? []),
      value,
    ]);
  } else if (spec.default !== undefined) {
    option.default(spec.default);
  }
  command.addOption(option);
}

/** @param words as `canonicalize` makes them */
export function parseOptions(
  name: string,
  specs: readonly OptionSpec[],
  words: readonly string[],
): OptionValues {
  const command = new Command(name)
    .exitOverride()
    .helpOption(false)
    .helpCommand(false)
    .configureOutput({ writeErr() {}, writeOut() {} });
  for (const spec of specs) addOption(command, spec);
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw new OcirtError('usage', error.message);
    throw error;
  }
  return optionValues(command.opts());
}

/** Looks values up in what commander gives back. */
export function optionValues(values: Readonly<Record<string, unknown>>): OptionValues {
  const text = (name: string): string | undefined => {
    const value = values[property(name)];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    all(name) {
      const value = values[property(name)];
      return Array.isArray(value) ? value : [];
    },
    flag(name) {
      const value = values[property(name)];
      if (typeof value !== 'boolean') return undefined;
      return name.startsWith('no-') ? !value : value;
    },
    count(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d{1,9}$/.test(value)) {
        throw new OcirtError('usage', `invalid value "${value}" for flag -${name}: parse error`);
      }
      return Number(value);
    },
  };
}
