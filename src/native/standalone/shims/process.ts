/** node:process: commander is given its words, and prints nothing itself. */
export const argv: readonly string[] = [];
export const execArgv: readonly string[] = [];
export const env: Readonly<Record<string, string>> = {};
export const platform = 'linux';
export const versions = {};
export const stdout = { isTTY: false, write: refuse };
export const stderr = { isTTY: false, write: refuse };
export const exitCode = 0;

export function exit(): never {
  return refuse();
}

function refuse(): never {
  throw new Error(
    'commander must not print or exit here: exitOverride and configureOutput are set',
  );
}
