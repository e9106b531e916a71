/** The kernel: its version, namespaces, system calls, seccomp, and settings that stand in the way. */
import { CLONE } from '../../native/constants.js';
import { type Check, mountLines, type Patient, textOf } from './check.js';
import { ownMapping, trial } from './trial.js';

const AREA = 'kernel';

/** What needs which version, for what can't be tried; the newest first. */
const OLDEST_TESTED = [4, 14] as const;
const OLDEST_FULL = [5, 12] as const;

function version(release: string): readonly [number, number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
}

const olderThan = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

/** @param release uname(2)'s, such as "6.12.0-5-amd64" */
export function versionCheck(release: string): Check {
  const found = version(release);
  const base = { area: AREA, name: 'version' };
  if (olderThan(found, OLDEST_TESTED)) {
    return {
      ...base,
      grade: 'missing',
      needed: true,
      reason: `${release} is older than Linux ${OLDEST_TESTED.join('.')}`,
      mend: 'install a newer kernel',
    };
  }
  if (olderThan(found, OLDEST_FULL)) {
    return {
      ...base,
      grade: 'limited',
      reason: `${release}: what is newer than it is done in other ways, or refused`,
      mend: `install Linux ${OLDEST_FULL.join('.')} or newer`,
    };
  }
  return { ...base, grade: 'good', reason: release };
}

const NAMESPACES: readonly (readonly [file: string, option: string, needed: boolean])[] = [
  ['mnt', 'CONFIG_NAMESPACES', true],
  ['pid', 'CONFIG_PID_NS', true],
  ['net', 'CONFIG_NET_NS', false],
  ['ipc', 'CONFIG_IPC_NS', false],
  ['uts', 'CONFIG_UTS_NS', false],
  ['user', 'CONFIG_USER_NS', false],
  ['cgroup', 'CONFIG_CGROUPS (Linux 4.6)', false],
  ['time', 'CONFIG_TIME_NS (Linux 5.6)', false],
];

function namespaceCheck(patient: Patient): Check {
  const files = patient.native.readDirectory('/proc/self/ns') ?? [];
  const absent = NAMESPACES.filter(([file]) => !files.includes(file));
  const base = { area: AREA, name: 'namespaces' };
  if (absent.length === 0) {
    return { ...base, grade: 'good', reason: NAMESPACES.map(([file]) => file).join(' ') };
  }
  const needed = absent.some(([, , must]) => must);
  return {
    ...base,
    grade: needed ? 'missing' : 'limited',
    ...(needed ? { needed } : {}),
    reason: `there are none of: ${absent.map(([file]) => file).join(' ')}`,
    mend: `a kernel with ${absent.map(([, option]) => option).join(', ')}`,
  };
}

/** A user namespace, made for real. */
function userNamespaceCheck(patient: Patient): Check {
  const { native, identity, root } = patient;
  const base = { area: AREA, name: 'user namespaces' };
  const failure = trial(native, CLONE.NEWUSER, ownMapping(identity.euid, identity.egid), []);
  if (failure === undefined) return { ...base, grade: 'good', reason: 'one was made' };
  return {
    ...base,
    grade: root ? 'limited' : 'missing',
    ...(root ? {} : { needed: true }),
    reason: root ? `${failure.reason}: containers can't have one` : failure.reason,
    ...(failure.hint === undefined ? {} : { mend: failure.hint }),
  };
}

/** The namespaces of a usual container, and its own mounts: what a create begins with. */
function containerCheck(patient: Patient): Check {
  const { native, identity, root, scratch } = patient;
  const base = { area: AREA, name: 'a container', needed: true };
  const flags = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWNET;
  const mapping = root ? undefined : ownMapping(identity.euid, identity.egid);
  const failure = trial(
    native,
    root ? flags : flags | CLONE.NEWUSER,
    mapping,
    scratch === undefined
      ? []
      : [
          { op: 'propagation', at: '', path: '/', flags: PRIVATE_ALL },
          { op: 'root', at: '', path: scratch, bind: true },
          { ...MOUNT, target: '/proc', fsType: 'proc', source: 'proc' },
          { ...MOUNT, target: '/tmp', fsType: 'tmpfs', source: 'tmpfs' },
          { op: 'pivot', at: '', propagation: 0 },
        ],
  );
  if (failure === undefined) {
    return { ...base, grade: 'good', reason: 'namespaces, procfs, tmpfs and pivot_root work' };
  }
  return {
    ...base,
    grade: 'missing',
    reason: failure.reason,
    ...(failure.hint === undefined ? {} : { mend: failure.hint }),
  };
}

/** MS_REC | MS_PRIVATE. */
const PRIVATE_ALL = 0x4000 | 0x40000;

/** A plain mount step. */
export const MOUNT = {
  op: 'mount',
  at: '',
  flags: 0,
  data: '',
  propagation: [],
  copyUp: false,
  keepMode: false,
  readonlyLate: false,
} as const;

/** What does without what, where a call is missing; those without an entry are needed. */
const WITHOUT: Readonly<Record<string, string>> = {
  clone3: 'Linux 5.3; processes are moved into their cgroup instead of being born there',
  pidfd_open: 'Linux 5.3; no --pidfd-socket, and processes are told apart by their start time',
  pidfd_send_signal: 'Linux 5.1; signals go by pid',
  pidfd_getfd: 'Linux 5.6; a seccomp agent needs it',
  openat2: 'Linux 5.6; paths in the container are resolved step by step',
  close_range: 'Linux 5.9; descriptors are closed one by one',
  faccessat2: 'Linux 5.8; access is judged by the permission bits',
  open_tree: 'Linux 5.2; bind mounts go by path, and there are no id-mapped ones',
  move_mount: 'Linux 5.2; bind mounts go by path',
  fsopen: "Linux 5.2; the host's procfs is used where a private one is better",
  mount_setattr: 'Linux 5.12; no id-mapped mounts, no recursive read-only mounts',
  seccomp_notify: 'Linux 5.0; no SCMP_ACT_NOTIFY',
  bpf: 'no device rules on cgroup v2',
  keyctl: 'no session keyring of its own for a container',
};

/** For whom a refusal for want of privileges is as it should be. */
const PRIVILEGED: readonly string[] = ['fsopen', 'bpf', 'open_tree', 'move_mount', 'mount_setattr'];

export function systemCallChecks(
  answers: readonly { readonly name: string; readonly code: string }[],
  root: boolean,
): Check[] {
  const checks: Check[] = [];
  const there: string[] = [];
  for (const { name, code } of answers) {
    const filtered = code === 'EPERM' && (root || !PRIVILEGED.includes(name));
    if (code !== 'ENOSYS' && !filtered) {
      there.push(name);
      continue;
    }
    const without = WITHOUT[name];
    checks.push({
      area: AREA,
      name,
      grade: without === undefined ? 'missing' : 'limited',
      ...(without === undefined ? { needed: true } : {}),
      reason: `${filtered ? 'refused by a filter or for want of a capability' : 'not in this kernel'}: ${without ?? 'nothing starts without it'}`,
      mend: filtered ? 'a seccomp profile, or privileges, that allow it' : 'a newer kernel',
    });
  }
  return [{ area: AREA, name: 'system calls', grade: 'good', reason: there.join(' ') }, ...checks];
}

function seccompCheck(patient: Patient): Check {
  const { native } = patient;
  const { actions } = native.seccompSupport();
  const base = { area: AREA, name: 'seccomp' };
  if (actions.length === 0) {
    return {
      ...base,
      grade: 'missing',
      reason: 'the kernel has no filters: config.json with linux.seccomp is refused',
      mend: 'a kernel with CONFIG_SECCOMP_FILTER',
    };
  }
  const absent = ['SCMP_ACT_LOG', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_NOTIFY'].filter(
    (name) => !actions.includes(name),
  );
  const library = `libseccomp ${native.seccompVersion()}`;
  if (absent.length === 0) {
    return { ...base, grade: 'good', reason: `${library}, all actions` };
  }
  return {
    ...base,
    grade: 'limited',
    reason: `${library}; not in this kernel: ${absent.join(' ')}`,
    mend: 'a newer kernel',
  };
}

/** memfd_create(2): vm.memfd_noexec 2 forbids to execute the helper's sealed copy. */
export function memfdCheck(setting: string | undefined): Check[] {
  if (setting?.trim() !== '2') return [];
  return [
    {
      area: AREA,
      name: 'vm.memfd_noexec',
      grade: 'missing',
      needed: true,
      reason: 'it is 2: the helper, which is executed from a sealed memfd, is refused',
      mend: 'sysctl -w vm.memfd_noexec=1',
    },
  ];
}

/** proc(5): with hidepid others' processes can't be seen. */
export function hidepidCheck(mountinfo: string, root: boolean): Check[] {
  const proc = mountLines(mountinfo).findLast(({ target }) => target === '/proc');
  const option = proc?.superOptions.find((text) => /^hidepid=(?!0$|off$)/.test(text));
  if (option === undefined) return [];
  return [
    {
      area: AREA,
      name: '/proc hidepid',
      grade: root ? 'good' : 'limited',
      reason: root
        ? `/proc is mounted with ${option}, which root is not subject to`
        : `/proc is mounted with ${option}: containers of other users look stopped`,
      ...(root ? {} : { mend: 'mount -o remount,hidepid=0 /proc' }),
    },
  ];
}

/** All of this area. */
export function kernelChecks(patient: Patient): Check[] {
  const { native, root } = patient;
  return [
    versionCheck(native.system().release),
    namespaceCheck(patient),
    userNamespaceCheck(patient),
    containerCheck(patient),
    ...systemCallChecks(native.systemCalls(), root),
    seccompCheck(patient),
    ...memfdCheck(textOf(native, '/proc/sys/vm/memfd_noexec')),
    ...hidepidCheck(patient.mountinfo, root),
  ];
}
