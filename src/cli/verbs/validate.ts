import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { absolutePath, findRootfs, loadBundle, readBundle } from '../../runtime/bundle.js';

import { ConfigError, checkFormat, type Fault, loadConfig } from '../../spec/load.js';
import { FORMAT, formatOf, textOf } from '../options.js';
import type { Verb } from '../verb.js';

/** What `--format json` prints. */
interface Verdict {
  readonly valid: boolean;
  readonly faults: readonly Said[];
  readonly warnings: readonly Said[];
}

/** One fault: where in the text and the document, what is there, what may be. docs/errors.md has the codes. */
type Said = Partial<Omit<Fault, 'advice'>> & {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly path?: string;
};

const flat = ({ advice, ...fault }: Fault): Said => ({ ...fault, ...advice });

function faultsOf(error: OcirtError): Said[] {
  if (error instanceof ConfigError) {
    return error.faults.map((fault) => ({ code: error.code, ...flat(fault) }));
  }
  const { code, message, pointer, path, hint } = error;
  return [
    {
      code,
      message,
      ...(pointer === undefined ? {} : { pointer }),
      ...(path === undefined ? {} : { path }),
      ...(hint === undefined ? {} : { hint }),
    },
  ];
}

/** As without it, but all of it as an object. */
function judge(native: Binding, path: string, formatOnly: boolean): Verdict {
  let warnings: Said[] = [];
  try {
    const { file, text } = readBundle(native, path);
    if (formatOnly) {
      warnings = checkFormat(text, file).map(flat);
    } else {
      const loaded = loadConfig(text, file);
      warnings = loaded.warnings.map(flat);
      findRootfs(native, path, loaded.config);
    }
    return { valid: true, faults: [], warnings };
  } catch (error) {
    if (!(error instanceof OcirtError)) throw error;
    return { valid: false, faults: faultsOf(error), warnings };
  }
}

export const validate: Verb = {
  name: 'validate',
  usage: '',
  summary: 'check the config.json of a bundle',
  description:
    'Says nothing where all is well; names every fault otherwise. Touches nothing. With the format\n' +
    'json, both are an object: "valid", "faults" and "warnings".',
  options: [
    {
      name: 'bundle',
      short: 'b',
      argument: 'DIR',
      description: 'the bundle (default: the current directory)',
    },
    FORMAT,
    {
      name: 'format-only',
      description:
        "only the form, as the specification's JSON schema has it: not what properties mean together",
    },
  ],
  minArguments: 0,
  maxArguments: 0,
  run({ runtime, print }, options) {
    const path = absolutePath(runtime.native, textOf(options, 'bundle') ?? '.');
    const formatOnly = options.flag('format-only') === true;
    if (formatOf(options) === 'json') {
      const verdict = judge(runtime.native, path, formatOnly);
      print(`${JSON.stringify(verdict, null, 2)}\n`);
      return verdict.valid ? 0 : 1;
    }
    if (formatOnly) {
      const { file, text } = readBundle(runtime.native, path);
      for (const { pointer, message } of checkFormat(text, file)) {
        runtime.log.warn(`config.json ${pointer}: ${message}`);
      }
    } else loadBundle(runtime.native, runtime.log, path);
    return 0;
  },
};
