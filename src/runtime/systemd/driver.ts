/**
 * Cgroups made by systemd: what a container's life asks of it. The module is loaded only where it
 * is needed; src/runtime/context.ts has the interface.
 */
import { compileSystemd, compileSystemdUpdate } from '../../cgroup/systemd/plan.js';
import type { Property, SystemdFacts, SystemdPlan } from '../../cgroup/systemd/types.js';
import { type DBusValue, variant } from '../../dbus/values.js';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import type { SystemdDriver, SystemdUnit } from '../context.js';
import { busAddresses, outerUid } from './addresses.js';
import { type Bus, BusError, connectFirst } from './bus.js';

const ERRORS = 'org.freedesktop.systemd1.';
const AT = '/linux/cgroupsPath';
/** A scope of the same name that has failed is forgotten and made anew; one may just be ending. */
const ATTEMPTS = 5;
const PAUSE_MS = 100;

const toWire = ({ name, signature, value }: Property): DBusValue => [
  name,
  variant(signature, value),
];

/** Says which unit and what for. */
function refused(error: unknown, what: string, unit: string): OcirtError {
  if (!(error instanceof OcirtError)) throw error;
  const name = error instanceof BusError ? ` (${error.errorName})` : '';
  return new OcirtError(error.code, `${what} ${unit}: ${error.message}${name}`, {
    pointer: AT,
    cause: error,
    hint: error.hint,
  });
}

const isError = (error: unknown, name: string): boolean =>
  error instanceof BusError && error.errorName === `${ERRORS}${name}`;

/** The major number of a version such as "252.39-1~deb12u1" or "v257.1". */
function majorVersion(text: string): number {
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

/** A driver with no connection yet; it keeps one that it has made until `close`. */
export function createSystemdDriver(native: Binding): SystemdDriver {
  let connected: { readonly bus: Bus; readonly user: boolean } | undefined;

  const close = (): void => {
    connected?.bus.close();
    connected = undefined;
  };

  const open = (user: boolean): Bus => {
    if (connected?.user === user) return connected.bus;
    close();
    if (native.status('/run/systemd/system', false)?.type !== 'directory') {
      throw new OcirtError(
        'systemd-unreachable',
        'systemd cgroup flag passed, but systemd support for managing cgroups is not available',
        { hint: 'this host was not started by systemd: use cgroupfs' },
      );
    }
    const [uidMap] = native.readFiles(['/proc/self/uid_map']);
    const uid = user ? outerUid(uidMap ?? '', native.identity().euid) : undefined;
    const bus = connectFirst(native, busAddresses(native.environment([]), uid), user);
    connected = { bus, user };
    return bus;
  };

  /** What is asked once, from a new connection. */
  const facts = (user: boolean): SystemdFacts => {
    const bus = open(user);
    const [devices] = native.readFiles(['/proc/devices']);
    return {
      user,
      version: majorVersion(bus.property('Version')),
      // The system's is in charge of the whole tree.
      controlGroup: user ? bus.property('ControlGroup') : '',
      devices: devices ?? '',
    };
  };

  const forget = (bus: Bus, unit: string): void => {
    try {
      bus.manager('ResetFailedUnit', 's', [unit]);
    } catch (error) {
      // Nothing of it has failed: it is forgotten already.
      if (!(error instanceof BusError)) throw error;
    }
  };

  const startOnce = (bus: Bus, plan: SystemdPlan, pid: number): void => {
    const properties = [...plan.properties.map(toWire), ['PIDs', variant('au', [pid])]];
    const { result } = bus.job('StartTransientUnit', 'ssa(sv)a(sa(sv))', [
      plan.unit,
      'replace',
      properties,
      [],
    ]);
    if (result === 'done') return;
    forget(bus, plan.unit);
    throw new OcirtError('systemd-refused', `the job ended with "${result}"`);
  };

  return {
    close,

    compile: ({ user, v2, ...input }) => {
      if (user && !v2) {
        throw new OcirtError(
          'systemd-unsupported',
          'the systemd cgroup driver needs cgroup v2 for a user who is not root',
          { hint: 'use cgroupfs' },
        );
      }
      return compileSystemd({ ...input, v2, facts: facts(user) });
    },

    start(plan, pid) {
      const bus = open(plan.user);
      for (let attempt = 1; ; attempt++) {
        try {
          startOnce(bus, plan, pid);
          return;
        } catch (error) {
          if (!isError(error, 'UnitExists') || attempt === ATTEMPTS) {
            throw refused(error, 'unable to start unit', plan.unit);
          }
          forget(bus, plan.unit);
          native.sleep(PAUSE_MS);
        }
      }
    },

    stop({ unit, user }: SystemdUnit) {
      const bus = open(user);
      try {
        bus.job('StopUnit', 'ss', [unit, 'replace']);
      } catch (error) {
        // It ended by itself with its last process.
        if (!isError(error, 'NoSuchUnit')) throw refused(error, 'unable to stop unit', unit);
        return;
      }
      forget(bus, unit);
    },

    update({ unit, user }: SystemdUnit, change) {
      const bus = open(user);
      const { properties, warnings } = compileSystemdUpdate({ ...change, facts: facts(user) });
      if (properties.length === 0) return warnings;
      try {
        // Until the unit ends, and not for the next one of its name.
        bus.manager('SetUnitProperties', 'sba(sv)', [unit, true, properties.map(toWire)]);
      } catch (error) {
        throw refused(error, 'unable to set properties of unit', unit);
      }
      return warnings;
    },

    attach({ unit, user }: SystemdUnit, subgroup, pid) {
      try {
        open(user).manager('AttachProcessesToUnit', 'ssau', [unit, subgroup, [pid]]);
      } catch (error) {
        throw refused(error, `error adding pid ${pid} to unit`, unit);
      }
    },
  };
}
