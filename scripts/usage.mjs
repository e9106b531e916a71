// How a script says what it takes: with the comment at its top, which is so never behind its code.
//
//   node scripts/usage.mjs FILE         prints that of FILE: lines that begin with `//` or `#`
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The comment at the top of a script, without its marks. */
export function usageOf(file) {
  const lines = readFileSync(file, 'utf8')
    .replace(/^#!.*\n/, '')
    .split('\n');
  const end = lines.findIndex((line) => !/^(\/\/|#)/.test(line));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^(\/\/|#) ?/, ''))
    .join('\n');
}

const asksForHelp = (word) => word === '--help' || word === '-h';

/** Prints the usage and ends, where `--help` or `-h` is among the words. */
export function helpIfAsked(file, words = process.argv.slice(2)) {
  if (!words.some(asksForHelp)) return;
  console.log(usageOf(file));
  process.exit(0);
}

/**
 * The options of a script, as parseArgs() of node:util gives them. For `--help` it prints the usage
 * and ends with 0; for words that the script does not take it says so and ends with 2.
 */
export function optionsOf(file, config) {
  helpIfAsked(file);
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${basename(file)}: ${error.message}\n\n${usageOf(file)}`);
    return process.exit(2);
  }
}

const [, main, file] = process.argv;
if (main === fileURLToPath(import.meta.url)) {
  if (file === undefined) throw new Error('usage.mjs takes a file');
  console.log(usageOf(file));
}
