/** Whether a bundle is one, and all that is wrong with it. Nothing is touched. */
import { OcirtError } from '../errors.js';
import { ConfigError, checkFormat, type Fault, loadConfig } from '../spec/load.js';
import { absolutePath, findRootfs, readBundle } from './bundle.js';
import type { Runtime } from './context.js';

/** What `validate` says, and `ocirt validate --format json` prints. */
export interface Verdict {
  readonly valid: boolean;
  readonly faults: readonly Said[];
  readonly warnings: readonly Said[];
}

/** One fault: where in the text and the document, what is there, what may be. docs/errors.md has the codes. */
export type Said = Partial<Omit<Fault, 'advice'>> & {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly path?: string;
};

export interface ValidateOptions {
  /** Absolute, or relative to the working directory, which is the default. */
  readonly bundle?: string | undefined;
  /** Only the form, as the specification's JSON schema has it. */
  readonly formatOnly?: boolean | undefined;
}

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

/** Judges a bundle: its config.json, and whether its root file system is there. */
export function validate({ native }: Runtime, options: ValidateOptions = {}): Verdict {
  let warnings: Said[] = [];
  try {
    const path = absolutePath(native, options.bundle ?? '.');
    const { file, text } = readBundle(native, path);
    if (options.formatOnly === true) {
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
