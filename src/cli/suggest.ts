/** Explains options that were not understood, with commander. Loaded only then. */
import { Command, CommanderError, Option } from 'commander';
import type { OptionSpec } from './verb.js';

/**
 * What may have been meant: "Did you mean --bundle?"; '' if nothing is near.
 * @param option as it was typed, without dashes
 */
export function suggestOption(option: string, specs: readonly OptionSpec[]): string {
  const command = new Command()
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr() {}, writeOut() {} });
  for (const spec of specs) {
    if (spec.hidden !== true) command.addOption(new Option(`--${spec.name}`));
  }
  return suggestionOf(() => command.parse([`--${option}`], { from: 'user' }));
}

/** The same for the name of a verb. */
export function suggestVerb(name: string, verbs: readonly string[]): string {
  const command = new Command()
    .exitOverride()
    .helpOption(false)
    .helpCommand(false)
    .configureOutput({ writeErr() {}, writeOut() {} });
  for (const verb of verbs) command.command(verb);
  return suggestionOf(() => command.parse([name], { from: 'user' }));
}

function suggestionOf(parse: () => void): string {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return /\(?(Did you mean [^)]*\?)\)?$/m.exec(error.message)?.[1] ?? '';
  }
  return '';
}
