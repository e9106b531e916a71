/**
 * Reading config.json and its relatives: parsed, checked against the schema and the rules, typed.
 *
 * All of it is synchronous and touches nothing: what depends on the host is for the compiler.
 */
import type { Config, Process, Resources } from './config.gen.js';
import { ConfigError, type Fault, placed, readSchemaErrors, type Warning } from './diagnose.js';
import { type Finding, Findings } from './faults.js';
import { type DuplicateKey, escapePointer, readJson } from './json.js';
import { RESOURCE_PROPERTIES } from './names.gen.js';
import { checkFormats } from './rules/formats.js';
import { checkProcess } from './rules/process.js';
import { checkResources } from './rules/resources.js';
import { makeContext, RULES } from './rules.js';
import type { State } from './state.gen.js';
import { tidy, withNulBytes } from './tidy.js';
import type { Validator } from './validator.js';
import { validateConfig, validateProcess, validateResources } from './validators.gen.js';
import { validateState } from './validators-state.gen.js';

export { ConfigError, type Fault, type Warning };

export interface LoadOptions {
  /** Accept a config without a process, which can be looked at but not started. */
  readonly withoutProcess?: boolean;
}

/**
 * A config.json.
 *
 * @param file its name, for errors.
 * @throws ConfigError with every fault; OcirtError `json-syntax` or `json-too-large`.
 */
export function loadConfig(
  text: string,
  file = 'config.json',
  options: LoadOptions = {},
): { config: Config; warnings: Warning[] } {
  const { value, warnings } = load<Config>(text, file, {
    validator: validateConfig,
    empty: 'config cannot be null',
    check(config, findings, wrongAt) {
      // `process` is REQUIRED when start is called, and nothing can give it later on.
      if (config.process === undefined && options.withoutProcess !== true) {
        findings.fault('/process', 'process property must not be empty', undefined, 'a process');
      }
      const doubtful = wrongAt.some(
        (at) => covers('/linux/namespaces', at) || covers(at, '/linux/namespaces'),
      );
      const context = makeContext(config, findings, !doubtful);
      return RULES.map((rule) => () => rule(context));
    },
  });
  return { config: value, warnings };
}

/**
 * Checks the form of a config.json alone: what the specification's JSON schema says of each
 * property, not what properties mean together, nor what this runtime asks for. Errors and warnings
 * as of loadConfig.
 */
export function checkFormat(text: string, file = 'config.json'): Warning[] {
  const { warnings } = load<Config>(text, file, {
    validator: validateConfig,
    empty: 'config cannot be null',
    check: (config, findings) => [() => checkFormats(config, findings)],
  });
  return warnings;
}

/**
 * The config.json that a create has checked and kept with the container's state, which nobody else
 * writes to: read as it was, not checked again.
 */
export function loadKeptConfig(text: string, file: string): Config {
  const { value } = readJson(text, file);
  tidy(value, text);
  return value as Config;
}

/** A process.json, as `exec --process` takes it. Errors as of loadConfig. */
export function loadProcess(
  text: string,
  file = 'process.json',
): { process: Process; warnings: Warning[] } {
  const { value, warnings } = load<Process>(text, file, {
    validator: validateProcess,
    empty: 'process cannot be null',
    check: (process, findings) => [() => checkProcess(process, '', findings)],
  });
  return { process: value, warnings };
}

/**
 * A resources document, as `update --resources` takes it: part of a container's resources, with
 * property names in any case ("CPU": {"Cpus": "0"}), as Go's encoding/json reads them.
 */
export function loadResources(
  text: string,
  file = 'resources.json',
): { resources: Resources; warnings: Warning[] } {
  const { value, warnings } = load<Resources>(text, file, {
    validator: validateResources,
    empty: 'resources cannot be null',
    prepare: foldKeys,
    check: (resources, findings) => [() => checkResources(resources, '', findings, true)],
  });
  return { resources: value, warnings };
}

/** A state document: what it says beyond the specification's properties is kept. */
export function loadState(text: string, file = 'state.json'): State {
  return load<State>(text, file, {
    validator: validateState,
    empty: 'state cannot be null',
    check(state, findings) {
      const { status, pid } = state;
      if ((status === 'created' || status === 'running' || status === 'paused') && !pid) {
        findings.fault('/pid', `a container that is ${status} has a process`, pid, 'its pid');
      }
      return [];
    },
  }).value;
}

interface Kind<T> {
  readonly validator: Validator;
  /** What is said of `null`. */
  readonly empty: string;
  /** Puts a document in shape before it is checked; may rename keys. */
  readonly prepare?: (document: unknown) => void;
  /**
   * What is checked beyond the schema. `wrongAt`: pointers of what the schema has refused. The
   * checks are told apart, so that one that stumbles over a wrong type doesn't stop the others.
   */
  readonly check: (
    document: T,
    findings: Findings,
    wrongAt: readonly string[],
  ) => readonly (() => void)[];
}

function load<T>(text: string, file: string, kind: Kind<T>): { value: T; warnings: Warning[] } {
  const { value, duplicates } = readJson(text, file);
  const findings = new Findings();
  if (value === null) {
    findings.fault('', kind.empty, undefined, 'an object');
    throw new ConfigError(file, placed(text, findings.faults));
  }
  tidy(value, text);
  kind.prepare?.(value);
  const errors = kind.validator(value) ? [] : (kind.validator.errors ?? []);
  const schema = readSchemaErrors(value, errors);
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    runChecks(kind, value as T, findings, schema.faults);
  }
  withNulBytes(value, text, (path, found) => {
    const pointer = path.map((part) => `/${escapePointer(part)}`).join('');
    findings.fault(pointer, 'contains a NUL byte', found, 'text without NUL bytes');
  });
  if (schema.faults.length > 0 || findings.faults.length > 0) {
    throw new ConfigError(file, placed(text, [...schema.faults, ...findings.faults]));
  }
  const warnings = [...schema.warnings, ...findings.warnings, ...duplicates.map(duplicateKey)];
  return { value: value as T, warnings: warnings.length === 0 ? [] : placed(text, warnings) };
}

/** Runs the checks; where the schema has found faults, only what they say of the rest counts. */
function runChecks<T>(kind: Kind<T>, document: T, findings: Findings, wrong: Finding[]): void {
  const wrongAt = wrong.map(({ pointer }) => pointer);
  for (const check of kind.check(document, findings, wrongAt)) {
    if (wrong.length === 0) {
      check();
      continue;
    }
    try {
      check();
    } catch {
      // A value of a wrong type, which has been reported.
    }
  }
  if (wrong.length === 0) return;
  const apart = findings.faults.filter(
    ({ pointer }) =>
      !wrongAt.some((at) => covers(at, pointer) || covers(pointer, at) || linked(at, pointer)),
  );
  findings.faults.length = 0;
  findings.faults.push(...apart);
}

/** Whether `pointer` names what `outer` names, or a part of it. */
const covers = (outer: string, pointer: string): boolean =>
  pointer === outer || pointer.startsWith(`${outer}/`);

/** Objects whose properties mean something together: if one is wrong, nothing is known of the others. */
const LINKED =
  /^(?:\/process)?\/(?:scheduler|rlimits\/\d+)$|Mappings\/\d+$|\/(?:memory|cpu|memoryPolicy|seccomp|seccomp\/syscalls\/\d+)$|^\/linux\/devices\/\d+$/;

/** Whether two pointers name properties of such an object. */
function linked(one: string, other: string): boolean {
  const parent = one.slice(0, one.lastIndexOf('/'));
  return parent === other.slice(0, other.lastIndexOf('/')) && LINKED.test(parent);
}

const duplicateKey = ({ pointer, key }: DuplicateKey): Finding => ({
  pointer,
  message: `the property ${JSON.stringify(key)} is here twice: the last one counts`,
  found: JSON.stringify(key),
  allowed: 'each property once',
  key: true,
});

/** Gives the properties of resources their names in the right case. */
function foldKeys(document: unknown): void {
  const names = new Map(RESOURCE_PROPERTIES.map((name) => [name.toLowerCase(), name]));
  const fold = (value: unknown, depth: number): void => {
    if (value === null || typeof value !== 'object' || depth > 4) return;
    if (Array.isArray(value)) {
      for (const element of value) fold(element, depth + 1);
      return;
    }
    const object = value as Record<string, unknown>;
    for (const [key, child] of Object.entries(object)) {
      const name = names.get(key.toLowerCase()) ?? key;
      if (name !== key) {
        delete object[key];
        object[name] = child;
      }
      if (name === 'unified') continue;
      if (name === 'rdma' && child !== null && typeof child === 'object') {
        // Its keys are names of devices.
        for (const entry of Object.values(child)) fold(entry, depth + 2);
      } else fold(child, depth + 1);
    }
  };
  fold(document, 0);
}
