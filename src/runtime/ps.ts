/** The processes of a container. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { listPids } from './cgroup.js';
import type { Runtime } from './context.js';

/** Where ps(1) is looked for when PATH has none: engines call us with an empty environment. */
const DIRECTORIES = ['/usr/bin', '/bin', '/usr/local/bin'];

/** The pids, as the caller sees them. */
export function processes(runtime: Runtime, id: string): number[] {
  const record = runtime.store.read(id);
  if (Object.keys(record.cgroup.paths).length === 0) {
    throw new OcirtError('no-cgroup', 'the container is not using cgroups', {
      hint: 'its first process is in "ocirt state"',
    });
  }
  return [...listPids(runtime.native, record.cgroup.paths)].sort((a, b) => a - b);
}

/** The lines of a ps(1) output that are about those pids, after its header. */
export function filterPs(output: string, pids: readonly number[]): string[] {
  const [header = '', ...lines] = output.split('\n');
  const column = header.trim().split(/\s+/).indexOf('PID');
  if (column < 0) throw new OcirtError('ps-output', "couldn't find PID field in ps output");
  const wanted = new Set(pids);
  return [
    header,
    ...lines.filter((line) => {
      const field = line.trim().split(/\s+/)[column];
      return field !== undefined && /^\d+$/.test(field) && wanted.has(Number(field));
    }),
  ];
}

/** As execvp(3) goes on where it may not look, such as in a folder of somebody else's PATH. */
function isThere(native: Binding, path: string): boolean {
  try {
    return native.status(path, true) !== null;
  } catch {
    return false;
  }
}

/** What the host's ps says about a container's processes. @param args options for ps */
export function processTable(runtime: Runtime, id: string, args: readonly string[]): string[] {
  const { native } = runtime;
  const pids = processes(runtime, id);
  const environment = native.environment([]);
  const directories = [...(environment.PATH ?? '').split(':'), ...DIRECTORIES];
  const path = directories
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => `${directory}/ps`)
    .find((candidate) => isThere(native, candidate));
  if (path === undefined) {
    throw new OcirtError('ps-missing', 'exec: "ps": executable file not found in $PATH', {
      hint: 'install procps, or use --format json',
    });
  }
  const result = native.runProgram({
    path,
    args: ['ps', ...(args.length === 0 ? ['-ef'] : args)],
    env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    captureLimit: 64 * 1024 * 1024,
  });
  if (result.exitCode !== 0) {
    const said = `${native.decodeText(result.stdout)}${native.decodeText(result.stderr)}`.trim();
    throw new OcirtError('ps-failed', `exit status ${result.exitCode}: ${said}`);
  }
  return filterPs(native.decodeText(result.stdout), pids);
}
