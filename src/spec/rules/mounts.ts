/** Rules of mounts (config.md, "Mounts") and device nodes (config-linux.md, "Devices"). */
import type { Mount } from '../config.gen.js';
import type { Advice } from '../faults.js';
import { ABSOLUTE, type Context, isAbsolute, lacks, type Rule } from './context.js';
import { checkMappings } from './namespaces.js';

export const mounts: Rule = (context) => {
  context.config.mounts?.forEach((mount, i) => {
    checkMount(context, mount, `/mounts/${i}`);
  });
};

const BIND = ['bind', 'rbind'];
const BIND_FORGOTTEN: Advice = {
  code: 'bind-option-missing',
  hint: 'to mount a folder or file of the host, put "bind" (or "rbind", with what is mounted below it) into the options',
};
const IDMAP = ['idmap', 'ridmap'];

function checkMount(context: Context, mount: Mount, at: string): void {
  const { findings } = context;
  const options = mount.options ?? [];
  const bind = options.some((option) => BIND.includes(option));
  if (!isAbsolute(mount.destination)) {
    const message = 'relative destination path is **deprecated**, using it as relative to /';
    findings.warn(`${at}/destination`, message, mount.destination, ABSOLUTE);
  }
  const remount = options.includes('remount');
  if (!remount && (bind || mount.type === 'bind')) {
    if (mount.source === undefined) {
      findings.fault(
        `${at}/source`,
        'a bind mount needs a source',
        undefined,
        'a path on the host',
      );
    }
  } else if (mount.type === undefined && !remount) {
    const message = 'a mount that is no bind mount needs a type';
    const advice = isAbsolute(mount.source ?? '') ? BIND_FORGOTTEN : undefined;
    findings.fault(
      `${at}/type`,
      message,
      undefined,
      'a file system type, or the option bind',
      advice,
    );
  } else if (mount.type === 'none' && !remount) {
    // "none" is no file system: it stands beside the option bind, where the type counts for nothing.
    const message = 'a mount of type "none" without the option bind or rbind';
    findings.fault(`${at}/options`, message, undefined, 'bind or rbind', BIND_FORGOTTEN);
  }
  checkIdMapped(context, mount, at, bind && !remount);
}

function checkIdMapped(context: Context, mount: Mount, at: string, bind: boolean): void {
  const { findings } = context;
  const { uidMappings, gidMappings } = mount;
  checkMappings(findings, `${at}/uidMappings`, uidMappings ?? []);
  checkMappings(findings, `${at}/gidMappings`, gidMappings ?? []);
  const option = mount.options?.findIndex((name) => IDMAP.includes(name)) ?? -1;
  const mapped = uidMappings !== undefined || gidMappings !== undefined;
  if (!mapped && option === -1) return;
  const where = option === -1 ? at : `${at}/options/${option}`;
  if (!bind) {
    const message = 'id-mapped mounts are only supported for bind-mounts';
    findings.fault(where, message, undefined, 'the option bind or rbind beside it');
    return;
  }
  if (mapped) {
    for (const key of ['uidMappings', 'gidMappings'] as const) {
      if ((mount[key] ?? []).length > 0) continue;
      const message = 'id-mapped mounts must have both uid and gid mappings specified';
      findings.fault(`${at}/${key}`, message, mount[key], 'at least one mapping');
    }
  } else if (lacks(context, 'user')) {
    const message =
      'an id-mapped mount without mappings takes those of the user namespace, and there is none';
    findings.fault(where, message, undefined, 'uidMappings and gidMappings, or a user namespace');
  }
}

/** Linux has 12 bits for the major and 20 for the minor number. */
const MAX_MAJOR = 2 ** 12 - 1;
const MAX_MINOR = 2 ** 20 - 1;

export const devices: Rule = ({ config, findings }) => {
  const seen = new Map<string, string>();
  config.linux?.devices?.forEach((device, i) => {
    const at = `/linux/devices/${i}`;
    if (!isAbsolute(device.path)) {
      findings.fault(`${at}/path`, 'must be an absolute path', device.path, ABSOLUTE);
    }
    const isNumbered = device.type !== 'p';
    for (const [key, most] of [
      ['major', MAX_MAJOR],
      ['minor', MAX_MINOR],
    ] as const) {
      const value = device[key];
      if (!isNumbered) continue;
      if (value === undefined) {
        const message = `a device that is no pipe needs a ${key} number`;
        findings.fault(`${at}/${key}`, message, undefined, `from 0 to ${most}`);
      } else if (value < 0 || value > most) {
        findings.fault(`${at}/${key}`, `no such ${key} number`, value, `from 0 to ${most}`);
      }
    }
    const type = device.type === 'u' ? 'c' : device.type;
    const identity = isNumbered ? `${type} ${device.major}:${device.minor}` : type;
    const other = seen.get(device.path);
    if (other !== undefined && other !== identity) {
      findings.fault(`${at}/path`, 'two different devices at this path', device.path, 'one');
    }
    seen.set(device.path, identity);
  });
};
