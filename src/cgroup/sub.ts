/** `exec --cgroup [CONTROLLER[,CONTROLLER]:]PATH`: where below the container's cgroup. */
import { OcirtError } from '../errors.js';
import { cleanAbsolute } from '../plan/paths.js';

function bad(message: string): OcirtError {
  return new OcirtError('bad-option', message, { exitCode: 255 });
}

/** The path asked for by controller; one without a controller, for all of them, under ''. */
export function parseSubCgroups(values: readonly string[]): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const value of values) {
    const colon = value.indexOf(':');
    if (colon === -1) {
      if (values.length !== 1) {
        throw bad(`invalid --cgroup argument: ${value} (missing <controller>: prefix)`);
      }
      result[''] = value;
      continue;
    }
    // "name=systemd:/x": the controller is all before the first colon.
    for (const controller of value.slice(0, colon).split(',')) {
      if (controller === '') {
        throw bad(`invalid --cgroup argument: ${value} (empty <controller> prefix)`);
      }
      if (Object.hasOwn(result, controller)) {
        throw bad(
          `invalid --cgroup argument(s): controller ${controller} specified multiple times`,
        );
      }
      result[controller] = value.slice(colon + 1);
    }
  }
  return result;
}

/**
 * The directory below `base`.
 *
 * @throws OcirtError where the path would lead out of it.
 */
function below(base: string, sub: string): string {
  const path = cleanAbsolute(`${base}/${sub}`);
  if (path !== base && !path.startsWith(`${base}/`)) throw bad(`bad sub cgroup path: ${sub}`);
  return path;
}

/** The directories a new process joins, by controller. */
export function subCgroupPaths(
  paths: Readonly<Record<string, string>>,
  subs: Readonly<Record<string, string>>,
): Record<string, string> {
  const common = subs[''];
  const result: Record<string, string> = { ...paths };
  if (common !== undefined) {
    for (const [name, base] of Object.entries(paths)) result[name] = below(base, common);
  } else {
    for (const [name, sub] of Object.entries(subs)) {
      const base = Object.hasOwn(paths, name) ? paths[name] : undefined;
      if (base === undefined) throw bad(`unknown controller ${name} in SubCgroupPaths`);
      result[name] = below(base, sub);
    }
  }
  return result;
}
