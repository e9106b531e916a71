/** What the caller may do: capabilities, limits, security modules; and systemd. */
import { capabilityBit } from '../../plan/capabilities.js';
import { NAME } from '../../version.js';
import { messageOf } from '../errors.js';
import { busAddresses, outerUid } from '../systemd/addresses.js';
import { connectFirst } from '../systemd/bus.js';
import { type Check, isThere, type Patient, textOf } from './check.js';

const AREA = 'privileges';

/** What root's runtime does with a capability; `needed`: nothing goes without it. */
const CAPABILITIES: readonly (readonly [name: string, without: string, needed?: true])[] = [
  ['CAP_SYS_ADMIN', 'namespaces and mounts', true],
  ['CAP_SETUID', "the container's user", true],
  ['CAP_SETGID', "the container's group", true],
  ['CAP_SETPCAP', "the container's capabilities"],
  ['CAP_MKNOD', 'devices are bound from the host instead of made'],
  ['CAP_NET_ADMIN', 'network devices, and the loopback device'],
  ['CAP_SYS_CHROOT', 'joining mount namespaces'],
  ['CAP_DAC_OVERRIDE', 'images and cgroups of other users'],
  ['CAP_CHOWN', 'terminals and tmpfs of other users'],
  ['CAP_FOWNER', 'modes of files of other users'],
  ['CAP_KILL', 'ending processes of other users'],
  ['CAP_SYS_PTRACE', 'namespaces of processes of other users'],
  [
    'CAP_SYS_RESOURCE',
    'hard limits can not be raised, and oom_score_adj not lowered: containers that ask for it are refused (docker --privileged, too)',
  ],
  ['CAP_BPF', 'device rules on cgroup v2, without CAP_SYS_ADMIN'],
  ['CAP_CHECKPOINT_RESTORE', 'checkpoint and restore, without CAP_SYS_ADMIN'],
];

/** @param lastCap the highest capability that the kernel knows */
export function capabilityChecks(bounding: bigint, effective: bigint, lastCap: number): Check[] {
  const absent = CAPABILITIES.filter(([name]) => {
    const bit = capabilityBit(name) ?? 0n;
    return bit < 1n << BigInt(lastCap + 1) && ((bounding & bit) === 0n || (effective & bit) === 0n);
  });
  if (absent.length === 0) {
    return [{ area: AREA, name: 'capabilities', grade: 'good', reason: 'all that are used' }];
  }
  return absent.map(([name, without, needed]) => ({
    area: AREA,
    name,
    grade: needed === true ? 'missing' : 'limited',
    ...(needed === true ? { needed } : {}),
    reason: `root is without it: ${without}`,
    mend: `run ${NAME} where root has it: a container needs it among its own (--cap-add ${name.slice(4)}), a service in CapabilityBoundingSet=`,
  }));
}

/** Engines ask for these hard limits without being asked. */
const WANTED_LIMITS: readonly (readonly [line: string, flag: string, wanted: number])[] = [
  ['Max open files', 'nofile', 1_048_576],
  ['Max processes', 'nproc', 1_048_576],
];

/** @param limits /proc/self/limits */
export function limitChecks(limits: string, mayRaise: boolean): Check[] {
  if (mayRaise) return [];
  return WANTED_LIMITS.flatMap(([name, flag, wanted]) => {
    const line = limits.split('\n').find((text) => text.startsWith(name));
    const [, , hard] = /^Max \w+ \w*\s+(\S+)\s+(\S+)/.exec(line ?? '') ?? [];
    if (hard === undefined || hard === 'unlimited' || Number(hard) >= wanted) return [];
    return [
      {
        area: AREA,
        name: `hard limit ${flag}`,
        grade: 'limited' as const,
        reason: `${hard}, and it can't be raised: Podman and Buildah ask for ${wanted}`,
        mend: `default_ulimits = ["${flag}=${hard}:${hard}"] in containers.conf, or a higher limit in limits.conf(5)`,
      },
    ];
  });
}

function securityModules({ native }: Patient): Check[] {
  const apparmor = (textOf(native, '/sys/module/apparmor/parameters/enabled') ?? '').startsWith(
    'Y',
  );
  const enforce = textOf(native, '/sys/fs/selinux/enforce');
  return [
    {
      area: AREA,
      name: 'AppArmor',
      grade: apparmor ? 'good' : 'limited',
      reason: apparmor ? 'on' : 'off: a config.json with an apparmorProfile is refused',
      ...(apparmor ? {} : { mend: 'boot with apparmor=1 security=apparmor, if the kernel has it' }),
    },
    {
      area: AREA,
      name: 'SELinux',
      grade: enforce === undefined ? 'limited' : 'good',
      reason:
        enforce === undefined
          ? 'off: labels in config.json are refused'
          : enforce === '1'
            ? 'on, enforcing'
            : 'on, permissive',
    },
  ];
}

/** A connection, made for real. */
function systemdCheck(patient: Patient): Check {
  const { native, root, identity, environment } = patient;
  const base = { area: 'systemd', name: root ? 'systemd' : "the user's systemd" };
  if (!isThere(native, '/run/systemd/system')) {
    return {
      ...base,
      grade: 'limited',
      reason: 'this host was not started by systemd: --systemd-cgroup is refused, cgroupfs serves',
    };
  }
  const uidMap = textOf(native, '/proc/self/uid_map') ?? '';
  const uid = root ? undefined : outerUid(uidMap, identity.euid);
  try {
    const bus = connectFirst(native, busAddresses(environment, uid), !root);
    try {
      return { ...base, grade: 'good', reason: `version ${bus.property('Version')} answers` };
    } finally {
      bus.close();
    }
  } catch (error) {
    return {
      ...base,
      grade: 'limited',
      reason: `${messageOf(error)}: --systemd-cgroup is refused`,
      mend: root
        ? 'systemctl start dbus'
        : 'loginctl enable-linger, and export XDG_RUNTIME_DIR=/run/user/$(id -u)',
    };
  }
}

const SYS_RESOURCE = 1n << 24n;

/** All of these areas. */
export function privilegeChecks(patient: Patient): Check[] {
  const { native, identity, root } = patient;
  const bounding = BigInt(identity.boundingCaps);
  const effective = BigInt(identity.effectiveCaps);
  const limits = textOf(native, '/proc/self/limits') ?? '';
  return [
    ...(root ? capabilityChecks(bounding, effective, identity.lastCap) : []),
    ...limitChecks(limits, (effective & SYS_RESOURCE) !== 0n),
    ...securityModules(patient),
    systemdCheck(patient),
  ];
}
