// What the machine looks like, so that tests can be held to leaving it as they found it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Entries of a folder; none of one that is not there, or not for us to read. */
const names = (dir, pattern = /./) => {
  try {
    return readdirSync(dir)
      .filter((name) => pattern.test(name))
      .map((name) => path.join(dir, name));
  } catch {
    return [];
  }
};

/** Mounts without their numbers: where, what kind, from what. */
function mounts() {
  return read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [left, right] = line.split(' - ');
      return `${left.split(' ').slice(3, 6).join(' ')} ${right}`;
    });
}

/**
 * Every cgroup directory but the neighbours of our own: what runs beside us makes and removes
 * cgroups as it likes.
 */
function cgroups() {
  const own = read('/proc/self/cgroup')
    .split('\n')
    .map((line) => line.split(':')[2] ?? '/')
    .filter((group) => group !== '/' && group !== '');
  const found = [];
  const visit = (mount, dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const inner = path.join(dir, entry.name);
      const group = inner.slice(mount.length);
      const neighbour = own.some(
        (ours) => path.dirname(group) === path.dirname(ours) && group !== ours && group !== '/',
      );
      if (neighbour && path.dirname(group) !== '/') continue;
      found.push(inner);
      try {
        visit(mount, inner);
      } catch {
        // It has been removed meanwhile.
      }
    }
  };
  for (const line of read('/proc/self/mountinfo').split('\n')) {
    const [left, right] = line.split(' - ');
    const mount = left?.split(' ')[4];
    if (mount !== undefined && /^cgroup2? /.test(right ?? '')) visit(mount, mount);
  }
  return [...new Set(found)];
}

/** Namespaces that any process is in: one that nobody is in, but that is held, is in /run/netns. */
function networkNamespaces() {
  const found = new Set();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {
      // It has ended, or is not ours to look at.
    }
  }
  return [...found];
}

/** What ocirt keeps in a root for containers to come: docs/architecture.md. */
const KEPT = '@seccomp';

const STATE_ROOTS = ['/run/ocirt', '/run/runc', '/run/crun', '/run/containerd', '/run/containers'];

/** {kind: [what]}: everything that tests could leave behind. */
export function snapshot() {
  return {
    mount: mounts(),
    cgroup: cgroups(),
    'network interface': names('/sys/class/net'),
    'network namespace': [...networkNamespaces(), ...names('/run/netns')],
    'runtime state': STATE_ROOTS.flatMap((root) => names(root)).filter(
      (one) => path.basename(one) !== KEPT,
    ),
    'temporary file': [
      ...names('/tmp', /^(ocirt|runc|crun|podman|containerd|ctr)/),
      ...names('/dev/shm'),
    ],
    'session keyring': read('/proc/keys')
      .split('\n')
      .filter((line) => line.includes('_ses.ocirt'))
      .map((line) => line.replace(/^.*?(_ses\.\S+).*$/, '$1')),
    'stored containers': names('/var/lib/containers'),
  };
}

/** Without the folders inside a folder that is named as well. */
const outermost = (all) => all.filter((one) => !all.includes(path.dirname(one)));

/** Lines that say what there is now that was not there before, and what is gone. */
export function differences(before, after) {
  const found = [];
  for (const kind of Object.keys(before)) {
    const rest = [...before[kind]];
    const more = [];
    for (const one of after[kind]) {
      const at = rest.indexOf(one);
      if (at < 0) more.push(one);
      else rest.splice(at, 1);
    }
    for (const one of outermost(more)) found.push(`left behind: ${kind} ${one}`);
    for (const one of outermost(rest)) found.push(`gone: ${kind} ${one}`);
  }
  return found;
}
