/** What an ordinary user needs beside the kernel: ids, their helpers, a runtime folder, a network. */
import { CLONE } from '../../native/constants.js';
import { parsePasswd } from '../state.js';
import { type Check, findProgram, isThere, type Patient, textOf } from './check.js';
import { trial } from './trial.js';

const AREA = 'rootless';
const WANTED_IDS = 65_536;

/** Ranges of subuid(5) that a user has, by name or number. */
export function subordinateIds(
  text: string,
  name: string | undefined,
  uid: number,
): { readonly first: number; readonly size: number }[] {
  return text.split('\n').flatMap((line) => {
    const [owner, first, size] = line.split(':');
    if (owner !== name && owner !== String(uid)) return [];
    const range = { first: Number(first), size: Number(size) };
    return range.first > 0 && range.size > 0 ? [range] : [];
  });
}

function userName(patient: Patient): string | undefined {
  const names = parsePasswd(textOf(patient.native, '/etc/passwd') ?? '');
  return names.get(patient.identity.uid) ?? patient.environment.USER;
}

/** The ranges of both files, and one mapped for real by newuidmap(1) and newgidmap(1). */
function idChecks(patient: Patient): Check[] {
  const { native, identity } = patient;
  const name = userName(patient);
  const who = name ?? String(identity.uid);
  const checks: Check[] = [];
  const ranges = (['subuid', 'subgid'] as const).map((file) => {
    const found = subordinateIds(textOf(native, `/etc/${file}`) ?? '', name, identity.uid);
    const size = found.reduce((sum, range) => sum + range.size, 0);
    const option = file === 'subuid' ? '--add-subuids' : '--add-subgids';
    checks.push({
      area: AREA,
      name: file,
      grade: size === 0 ? 'missing' : size < WANTED_IDS ? 'limited' : 'good',
      reason:
        size === 0
          ? `/etc/${file} has nothing for ${who}: containers have one user only`
          : `${size} ids from ${found[0]?.first}`,
      ...(size < WANTED_IDS ? { mend: `usermod ${option} 100000-165535 ${who} (as root)` } : {}),
    });
    return found[0];
  });
  const helpers = ['newuidmap', 'newgidmap'].map((helper) => findProgram(patient, helper));
  const [newuidmap, newgidmap] = helpers;
  const base = { area: AREA, name: 'newuidmap, newgidmap' };
  if (newuidmap === undefined || newgidmap === undefined) {
    return [
      ...checks,
      {
        ...base,
        grade: 'missing',
        reason: 'not installed: containers have one user only',
        mend: 'apt install uidmap (as root)',
      },
    ];
  }
  const [uids, gids] = ranges;
  if (uids === undefined || gids === undefined) return checks;
  const failure = trial(
    native,
    CLONE.NEWUSER,
    {
      uidMap: `0 ${identity.euid} 1\n1 ${uids.first} ${uids.size}\n`,
      gidMap: `0 ${identity.egid} 1\n1 ${gids.first} ${gids.size}\n`,
      denySetgroups: false,
      newuidmap,
      newgidmap,
    },
    [],
  );
  return [
    ...checks,
    failure === undefined
      ? { ...base, grade: 'good', reason: 'the ids were mapped' }
      : {
          ...base,
          grade: 'missing',
          reason: failure.reason,
          mend: `chmod u+s ${newuidmap} ${newgidmap} (as root)`,
        },
  ];
}

function runtimeFolder(patient: Patient): Check {
  const folder = patient.environment.XDG_RUNTIME_DIR ?? '';
  const base = { area: AREA, name: 'XDG_RUNTIME_DIR' };
  if (folder !== '' && isThere(patient.native, folder)) {
    return { ...base, grade: 'good', reason: folder };
  }
  return {
    ...base,
    grade: 'limited',
    reason: folder === '' ? 'not set: states need --root' : `${folder} is not there`,
    mend: 'log in by way of pam_systemd, or loginctl enable-linger and export XDG_RUNTIME_DIR=/run/user/$(id -u)',
  };
}

/** slirp4netns(1) or passt(1) connect a user's network namespace; both by way of /dev/net/tun. */
function networkCheck(patient: Patient): Check {
  const { native } = patient;
  const base = { area: AREA, name: 'network' };
  const found = ['pasta', 'slirp4netns'].filter((name) => findProgram(patient, name) !== undefined);
  if (found.length === 0) {
    return {
      ...base,
      grade: 'limited',
      reason: 'neither pasta nor slirp4netns: containers have a loopback device only',
      mend: 'apt install passt slirp4netns (as root)',
    };
  }
  try {
    native.close([native.open('/dev/net/tun', ['readwrite'])]);
    return { ...base, grade: 'good', reason: found.join(', ') };
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'cannot be opened';
    return {
      ...base,
      grade: 'limited',
      reason: `${found.join(', ')}; but /dev/net/tun: ${code}`,
      mend: code === 'ENOENT' ? 'modprobe tun (as root)' : 'chmod 0666 /dev/net/tun (as root)',
    };
  }
}

/** All of this area; nothing for root. */
export function rootlessChecks(patient: Patient): Check[] {
  if (patient.root) return [];
  return [...idChecks(patient), runtimeFolder(patient), networkCheck(patient)];
}
