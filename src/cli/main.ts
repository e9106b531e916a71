/** The command line, from words to exit code. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { type Runtime, type SystemdDriver, SystemdNeeded } from '../runtime/context.js';
import { memoryError, messageOf } from '../runtime/errors.js';
import { openStore } from '../state/store.js';
import { NAME, SPEC_VERSION, VERSION } from '../version.js';
import { parseWords, UnknownOption } from './args.js';
import { cgroupManager, GLOBAL_OPTIONS, HELP, rootlessMode, rootOf } from './globals.js';
import { mainHelp, verbHelp } from './help.js';
import { type CliLog, errorFields, openLog, writeQuietly } from './log.js';
import { chooseLog } from './log-choice.js';
import { systemError } from './system-error.js';
import type { Tracing } from './trace.js';
import type { Library, OptionValues, SandboxLibrary, Verb } from './verb.js';
import { VERBS } from './verbs.js';

const STDOUT = 1;

/**
 * Runs one command line.
 * @param words without the program's own name
 * @param library what only Node.js has
 * @param sandbox likewise
 * @returns the exit code
 */
export async function main(
  words: readonly string[],
  native: Binding,
  library?: Library,
  sandbox?: SandboxLibrary,
): Promise<number> {
  // Until the options are known, errors go to stderr as text.
  let log = openLog(native, { format: 'text', level: 'warning' });
  const print = (text: string): void => writeQuietly(native, STDOUT, text);
  let verb: Verb | undefined;
  let traced: Tracing | undefined;
  let status: number;
  try {
    const { values: globals, rest } = parseWords(words, GLOBAL_OPTIONS, 1);
    log = await chooseLog(native, globals);
    if (globals.flag('version') === true) {
      print(versionText(native));
      return 0;
    }
    const [name, ...words2] = rest;
    if (name === undefined || name === 'help' || name === 'h' || globals.flag('help') === true) {
      return await help(name === 'help' || name === 'h' ? words2[0] : undefined, print);
    }
    verb = await loadVerb(name);
    traced = await startTrace(globals, native, verb);
    status = await runVerb(verb, words2, globals, traced, native, log, print, {
      ...(library === undefined ? {} : { library }),
      ...(sandbox === undefined ? {} : { sandbox }),
    });
  } catch (error) {
    status = report(await explain(error, verb), verb, log);
  }
  try {
    traced?.finish();
  } catch (error) {
    log.warn(messageOf(error));
  }
  return status;
}

/** The trace, where one is asked for. */
async function startTrace(
  globals: OptionValues,
  native: Binding,
  verb: Verb,
): Promise<Tracing | undefined> {
  const file = globals.text('trace-timing');
  if (file === undefined) return undefined;
  const { openTrace } = await import('./trace.js');
  return openTrace(native, file, verb.name);
}

/** Adds what may have been meant to an option that does not exist. */
async function explain(error: unknown, verb: Verb | undefined): Promise<unknown> {
  if (!(error instanceof UnknownOption)) return error;
  const { suggestOption } = await import('./suggest.js');
  const hint = suggestOption(error.option, verb?.options ?? GLOBAL_OPTIONS);
  return hint === '' ? error : new OcirtError(error.code, error.message, { hint });
}

async function loadVerb(name: string): Promise<Verb> {
  const entry = VERBS.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    const { suggestVerb } = await import('./suggest.js');
    const names = VERBS.map((candidate) => candidate.name);
    throw new OcirtError('usage', `No help topic for '${name}'`, {
      exitCode: 3,
      hint: suggestVerb(name, names) || undefined,
    });
  }
  return entry.load();
}

async function help(topic: string | undefined, print: (text: string) => void): Promise<number> {
  print(topic === undefined ? mainHelp(VERBS, GLOBAL_OPTIONS) : verbHelp(await loadVerb(topic)));
  return 0;
}

async function runVerb(
  verb: Verb,
  words: readonly string[],
  globals: OptionValues,
  traced: Tracing | undefined,
  host: Binding,
  log: CliLog,
  print: (text: string) => void,
  libraries: { readonly library?: Library; readonly sandbox?: SandboxLibrary },
): Promise<number> {
  const native = traced?.native ?? host;
  const specs = [...verb.options, HELP];
  const stopAfter = verb.passThrough === true ? 1 : Number.POSITIVE_INFINITY;
  const { values: options, rest: args } = parseWords(words, specs, stopAfter);
  if (options.flag('help') === true) {
    print(verbHelp(verb));
    return 0;
  }
  checkArguments(verb, args);
  const manager = cgroupManager(globals);
  const nofile = globals.text('host-nofile-soft');
  const fds = globals.count('host-fds');
  const resctrl = globals.text('resctrl-root');
  const criu = globals.text('criu') || undefined;
  const runtime: Runtime = {
    native,
    log,
    store: openStore(native, rootOf(native, globals)),
    rootless: rootlessMode(globals),
    ...(traced === undefined ? {} : { trace: traced.trace }),
    ...(nofile === undefined || !/^\d+$/.test(nofile) ? {} : { callerNofile: BigInt(nofile) }),
    ...(fds === undefined ? {} : { callerFds: fds }),
    ...(resctrl === undefined ? {} : { resctrl }),
    ...(criu === undefined ? {} : { criu }),
  };
  const run = (systemd?: SystemdDriver): number | Promise<number> =>
    verb.run(
      {
        print,
        ...libraries,
        globals: { rootGiven: globals.text('root') !== undefined, cgroupManager: manager },
        runtime: systemd === undefined ? runtime : { ...runtime, systemd },
      },
      options,
      args,
    );
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SystemdNeeded)) throw error;
  }
  // Nothing has been done yet. Loaded only now: most containers need none of it.
  const { createSystemdDriver } = await import('../runtime/systemd/driver.js');
  const driver = createSystemdDriver(native);
  try {
    return await run(driver);
  } finally {
    driver.close();
  }
}

function checkArguments(verb: Verb, args: readonly string[]): void {
  const { minArguments: min, maxArguments: max } = verb;
  if (args.length >= min && args.length <= max) return;
  const wanted =
    min === max
      ? `exactly ${min}`
      : args.length < min
        ? `a minimum of ${min}`
        : `a maximum of ${max}`;
  throw new OcirtError('usage', `${NAME}: "${verb.name}" requires ${wanted} argument(s)`);
}

function versionText(native: Binding): string {
  const [commit] = native.readFiles([`${native.installDirectory()}/commit`]);
  return [
    `${NAME} version ${VERSION}`,
    `commit: ${commit?.trim() || 'unknown'}`,
    `spec: ${SPEC_VERSION}`,
    `libseccomp: ${native.seccompVersion()}`,
    '',
  ].join('\n');
}

/** Says what went wrong, once, and chooses the exit code. */
function report(thrown: unknown, verb: Verb | undefined, log: CliLog): number {
  const error = memoryError(thrown) ?? systemError(thrown) ?? thrown;
  const usage = error instanceof OcirtError && error.code === 'usage';
  const prefix = verb?.failure === undefined || usage ? '' : `${verb.failure} failed: `;
  if (!(error instanceof OcirtError)) {
    const fields = error instanceof Error && error.name !== 'NativeError' ? stackOf(error) : {};
    log.fatal(`${prefix}${messageOf(error)}`, fields);
    return verb?.failureCode ?? 1;
  }
  const code = error.exitCode ?? verb?.failureCode ?? 1;
  const plain = error.step === 'exec' && verb?.name === 'run';
  log.fatal(plain ? error.message : `${prefix}${error.message}`, errorFields(error), plain);
  return code;
}

/** An error that nobody expected: where it comes from is what helps. */
function stackOf(error: Error): Record<string, string> {
  return { code: 'internal', stack: error.stack ?? '' };
}
