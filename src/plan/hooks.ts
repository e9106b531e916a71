/** Hooks that run in the container's namespaces. config.md, "POSIX-platform Hooks". */
import type { Hook } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import type { StepOf } from './plan.js';

/** Those that the helper runs. */
export type ContainerHook = 'createContainer' | 'startContainer';

/**
 * The steps of one list of hooks.
 *
 * A createContainer hook without `env` has an empty environment; a startContainer hook has the
 * process's own, as engines have come to expect.
 */
export function hookSteps(
  name: ContainerHook,
  hooks: readonly Hook[] | undefined,
  stdin: readonly [string, string],
): StepOf<'hook'>[] {
  return (hooks ?? []).map((hook, index) => {
    const at = `/hooks/${name}/${index}`;
    if (!hook.path.startsWith('/')) {
      throw invalid(`${at}/path`, `the path of a hook must be absolute: "${hook.path}"`);
    }
    const timeout = hook.timeout ?? 0;
    if (hook.timeout !== undefined && timeout <= 0) {
      throw invalid(`${at}/timeout`, `the timeout of a hook must be greater than zero: ${timeout}`);
    }
    const env = hook.env ?? (name === 'createContainer' ? [] : undefined);
    return {
      op: 'hook',
      at,
      name,
      index,
      path: hook.path,
      args: hook.args === undefined || hook.args.length === 0 ? [hook.path] : hook.args,
      ...(env === undefined ? {} : { env }),
      timeout,
      stdin,
    };
  });
}

/** Whether the helper must wait while the host runs prestart and createRuntime hooks. */
export function needsSync(
  hooks:
    | { readonly prestart?: readonly Hook[]; readonly createRuntime?: readonly Hook[] }
    | undefined,
): boolean {
  return (hooks?.prestart?.length ?? 0) > 0 || (hooks?.createRuntime?.length ?? 0) > 0;
}
