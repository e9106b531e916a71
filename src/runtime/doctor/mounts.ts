/** File systems: overlay, id-mapped mounts, noexec, and where states are kept. */
import { CLONE } from '../../native/constants.js';
import type { Step } from '../../plan/plan.js';
import { NAME } from '../../version.js';
import { directoryName } from '../bundle.js';
import { messageOf } from '../errors.js';
import { type Check, isThere, mountLines, mountOf, type Patient, textOf } from './check.js';
import { MOUNT } from './kernel.js';
import { ownMapping, trial } from './trial.js';

const AREA = 'file systems';

/** An overlay, mounted for real: by root as it is, by a user in a user namespace of its own. */
function overlayCheck(patient: Patient): Check {
  const { native, identity, root, scratch } = patient;
  const base = { area: AREA, name: root ? 'overlayfs' : 'overlayfs, rootless' };
  const known = /\boverlay$/m.test(textOf(native, '/proc/filesystems') ?? '');
  if (scratch === undefined) {
    return { ...base, grade: 'limited', reason: 'not tried: there is no folder to try it in' };
  }
  for (const name of ['lower', 'upper', 'work', 'merged']) {
    native.makeDirectory(`${scratch}/${name}`, 0o755, false);
  }
  const data = `lowerdir=${scratch}/lower,upperdir=${scratch}/upper,workdir=${scratch}/work`;
  const steps: Step[] = [
    { op: 'root', at: '', path: scratch, bind: true },
    { ...MOUNT, target: '/merged', fsType: 'overlay', source: 'overlay', data },
  ];
  const failure = root
    ? trial(native, CLONE.NEWNS, undefined, steps)
    : trial(native, CLONE.NEWNS | CLONE.NEWUSER, ownMapping(identity.euid, identity.egid), steps);
  try {
    // The kernel's own, of mode 0: a user may remove it, and not look into it.
    native.removeDirectory(`${scratch}/work/work`);
  } catch {
    // None was made.
  }
  if (failure === undefined) return { ...base, grade: 'good', reason: 'one was mounted' };
  const fuse = !root && isThere(native, '/dev/fuse');
  const instead = fuse
    ? 'engines use fuse-overlayfs, which is slower'
    : 'engines copy whole images instead';
  return {
    ...base,
    grade: 'limited',
    reason: `${failure.reason}: ${instead}`,
    mend: known
      ? root
        ? 'keep images on a file system that overlayfs can lie on, such as ext4 or xfs'
        : 'Linux 5.11 or newer; or apt install fuse-overlayfs'
      : 'modprobe overlay',
  };
}

/** A mount with mapped ids, made for real: of the file system that states, and often bundles, are on. */
function idMapCheck(patient: Patient): Check {
  const { native, root, scratch } = patient;
  const base = { area: AREA, name: 'id-mapped mounts' };
  if (!root) {
    return { ...base, grade: 'limited', reason: 'only root can make them: the kernel says so' };
  }
  const opened: number[] = [];
  const place = scratch ?? '/';
  try {
    opened.push(native.userNamespace('0 100000 65536\n', '0 100000 65536\n'));
    opened.push(...native.cloneTrees([{ path: place, recursive: false }]));
    native.mapTree(opened[1] as number, opened[0] as number, false);
    return { ...base, grade: 'good', reason: `one was made of ${place}` };
  } catch (error) {
    return {
      ...base,
      grade: 'limited',
      reason: `${messageOf(error)} (${place}): mounts with uidMappings are refused there`,
      mend: 'Linux 5.12 or newer, and a file system that can: ext4, xfs, btrfs, tmpfs (6.3) ...',
    };
  } finally {
    if (opened.length > 0) native.close(opened);
  }
}

/** Where engines keep what containers execute. */
function storageFolders({ root, environment }: Patient): string[] {
  const home = environment.HOME ?? '';
  return root
    ? ['/var/lib/containers', '/var/lib/docker', '/var/lib/containerd', '/var/lib/buildah']
    : home === ''
      ? []
      : [`${home}/.local/share/containers`, home];
}

/** A store on a mount with noexec or nodev starts nothing. */
function noexecChecks(patient: Patient): Check[] {
  const lines = mountLines(patient.mountinfo);
  const found = storageFolders(patient).find((folder) => {
    if (!isThere(patient.native, folder)) return false;
    return mountOf(lines, folder)?.options.includes('noexec') === true;
  });
  if (found === undefined) return [];
  const { target } = mountOf(lines, found) ?? { target: found };
  return [
    {
      area: AREA,
      name: 'noexec',
      grade: 'limited',
      reason: `${found} is on ${target}, which is mounted noexec: programs of images there are refused`,
      mend: `mount -o remount,exec ${target}`,
    },
  ];
}

/** A file, made and removed for real; where the root is not there yet, in the folder that it would be in. */
function stateRootCheck(patient: Patient): Check {
  const { native, runtime, root } = patient;
  const path = runtime.store.root;
  const base = { area: AREA, name: 'state root', needed: true };
  let place = path;
  while (place !== '/' && !isThere(native, place)) place = directoryName(place);
  try {
    const probe = `${place}/.${NAME}-doctor-${patient.identity.pid}`;
    native.close([native.open(probe, ['write', 'create', 'exclusive'], 0o600)]);
    native.removeFile(probe);
    return { ...base, grade: 'good', reason: `${path} can be written to` };
  } catch (error) {
    return {
      ...base,
      grade: 'missing',
      reason: `${path}: ${messageOf(error)}`,
      mend: root
        ? 'take a folder that can be written to, with --root'
        : 'export XDG_RUNTIME_DIR=/run/user/$(id -u), or --root with a folder of your own',
    };
  }
}

/** All of this area. */
export function mountChecks(patient: Patient): Check[] {
  return [
    overlayCheck(patient),
    idMapCheck(patient),
    ...noexecChecks(patient),
    stateRootCheck(patient),
  ];
}
