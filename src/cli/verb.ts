/** What a verb is: its options as data, and what it does. Help and parsing are made from the data. */
import type { Runtime } from '../runtime/context.js';
import type { ConfigRequest, SandboxRequest } from '../sandbox/request.js';

export interface OptionSpec {
  /** Long name, without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Other names that it is taken by, which the help does not tell. */
  readonly aliases?: readonly string[];
  /** Name of the value in the help; absent: a switch. */
  readonly argument?: string;
  readonly description: string;
  readonly default?: string;
  /** The values that there are, for completion. */
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeat?: boolean;
  readonly hidden?: boolean;
}

/** Values of options, looked up by their long names. */
export interface OptionValues {
  /** The last value given, or the default. */
  text(name: string): string | undefined;
  /** All values given. */
  all(name: string): readonly string[];
  /** undefined where the switch was not given; false for --name=false. */
  flag(name: string): boolean | undefined;
  /** A non-negative integer; throws where the text is none. */
  count(name: string): number | undefined;
  /** How many arguments came before a "--"; undefined where there was none. */
  readonly dashes: number | undefined;
}

/** Who makes the cgroups of new containers; `disabled`: they have none of their own. */
export type CgroupManager = 'cgroupfs' | 'systemd' | 'disabled';

export interface GlobalOptions {
  readonly rootGiven: boolean;
  readonly cgroupManager: CgroupManager;
}

/** Loads src/bundle, which the standalone executable has not. */
export type Library = () => Promise<{
  unpack(
    runtime: Runtime,
    options: {
      readonly source: string;
      readonly bundle: string;
      readonly tag?: string | undefined;
      readonly image?: string | undefined;
      readonly maxSize?: number | undefined;
      readonly progress?: boolean | undefined;
    },
  ): Promise<void>;
  diff(
    runtime: Runtime,
    options: {
      readonly lower: string;
      readonly upper?: string | undefined;
      readonly output?: string | undefined;
    },
  ): void;
  gc(
    runtime: Runtime,
    options: {
      readonly folders: readonly string[];
      readonly filters: boolean;
      readonly dryRun: boolean;
    },
  ): string[];
}>;

/** Loads src/sandbox, which the standalone executable has not. */
export type SandboxLibrary = () => Promise<{
  sandbox(
    runtime: Runtime,
    request: SandboxRequest,
    print: (text: string) => void,
  ): Promise<number>;
  sweep(runtime: Runtime): Promise<string[]>;
  generate(runtime: Runtime, request: ConfigRequest & { bundle: string }): Promise<void>;
}>;

export interface Context {
  readonly runtime: Runtime;
  readonly globals: GlobalOptions;
  /** What only Node.js has; absent in the standalone host. */
  readonly library?: Library;
  readonly sandbox?: SandboxLibrary;
  /** Writes to standard output: only what was asked for, never diagnostics. */
  print(text: string): void;
}

export interface Verb {
  readonly name: string;
  /** The arguments, as in the usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly description?: string;
  readonly options: readonly OptionSpec[];
  readonly minArguments: number;
  /** Infinity: any number. */
  readonly maxArguments: number;
  /** The words that an argument can be, for completion: its place, from 0. */
  readonly choices?: { readonly at: number; readonly words: readonly string[] };
  /** What follows the first argument is not ours: it is a command, or options of ps. */
  readonly passThrough?: boolean;
  /** What an error's message begins with, as runc's does: "create" gives "ocirt create failed: ". */
  readonly failure?: string;
  /** Exit code where the runtime itself fails; 1 if absent. */
  readonly failureCode?: number;
  /** @returns the exit code */
  run(context: Context, options: OptionValues, args: readonly string[]): number | Promise<number>;
}
