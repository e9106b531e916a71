/**
 * Moves network devices of the host to a container's network namespace, with their permanent
 * addresses, and back where the container comes to nothing. What becomes of them afterwards is the
 * namespace's matter (config-linux.md, "Namespace Lifecycle and Container Termination").
 */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { NetworkAddress, NetworkLink } from '../native/network.js';
import type { NetDevice } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { wrap } from './errors.js';

/** <linux/if_addr.h> */
const IFA_F_PERMANENT = 0x80;
/**
 * Flags that whoever made the address has set: NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE,
 * MCAUTOJOIN. The others are the kernel's.
 */
const SETTABLE = 0x02 | 0x10 | 0x100 | 0x200 | 0x400;
/** <linux/rtnetlink.h> */
const RT_SCOPE_UNIVERSE = 0;
/** The runtime's own namespace, for the operations. */
const OWN = -1;

/** The addresses that go along: permanent ones of global scope. */
export function keptAddresses(addresses: readonly NetworkAddress[]): NetworkAddress[] {
  return addresses
    .filter(({ flags, scope }) => flags & IFA_F_PERMANENT && scope === RT_SCOPE_UNIVERSE)
    .map((address) => ({ ...address, flags: address.flags & SETTABLE }));
}

interface Place {
  /** Descriptor of a network namespace, or OWN. */
  readonly namespace: number;
  readonly index: number;
}

interface Moved {
  readonly device: NetDevice;
  readonly place: Place;
  readonly up: boolean;
  readonly addresses: readonly NetworkAddress[];
}

/** The devices of one container that is being created. */
export class NetDevices {
  readonly #runtime: Runtime;
  readonly #moved: Moved[] = [];
  #container = -1;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Moves them to the network namespace of a process. */
  move(devices: readonly NetDevice[], pid: number): void {
    const { native } = this.#runtime;
    this.#container = native.open(`/proc/${pid}/ns/net`, ['read']);
    for (const device of devices) {
      try {
        this.#moveOne(device);
      } catch (error) {
        throw wrap(
          error,
          'net-device-failed',
          `unable to start container process: unable to move network device "${device.name}"`,
          {
            pointer: device.at,
            step: 'network',
            hint: 'a network device is moved by who has CAP_NET_ADMIN on the host',
          },
        );
      }
    }
  }

  #moveOne(device: NetDevice): void {
    const { native, log } = this.#runtime;
    const link = native.networkLinks(OWN).find(({ name }) => name === device.name);
    if (link === undefined) throw refused(device, 'there is no such device on the host');
    const there = native.networkLinks(this.#container);
    if (there.some(({ name }) => name === device.inside)) {
      throw refused(
        device,
        `a network device named "${device.inside}" is in the container already`,
      );
    }
    const addresses = keptAddresses(native.networkAddresses(OWN, link.index));
    native.moveNetworkLink(OWN, link.index, this.#container, device.inside);
    const arrived = arrival(native, this.#container, there);
    if (arrived === undefined) throw refused(device, 'it did not arrive in the container');
    const place = { namespace: this.#container, index: arrived.index };
    this.#moved.push({ device, place, up: link.up, addresses });
    equip(native, place, addresses, true);
    log.debug(`network device ${device.name} is ${arrived.name} in the container`);
  }

  /** Takes them back to the host, as they were. Returns what went wrong with that. */
  restore(): unknown[] {
    const { native } = this.#runtime;
    const problems: unknown[] = [];
    if (this.#moved.length === 0) return problems;
    let host: number;
    try {
      host = native.open('/proc/self/ns/net', ['read']);
    } catch (error) {
      return [error];
    }
    for (const { device, place, up, addresses } of this.#moved.reverse()) {
      try {
        const before = native.networkLinks(OWN);
        native.moveNetworkLink(place.namespace, place.index, host, device.name);
        const back = arrival(native, OWN, before);
        if (back !== undefined) {
          equip(native, { namespace: OWN, index: back.index }, addresses, up);
        }
      } catch (error) {
        problems.push(error);
      }
    }
    native.close([host]);
    return problems;
  }

  close(): void {
    if (this.#container >= 0) this.#runtime.native.close([this.#container]);
    this.#container = -1;
  }
}

function refused(device: NetDevice, why: string): OcirtError {
  return new OcirtError(
    'net-device-failed',
    `unable to start container process: unable to move network device "${device.name}": ${why}`,
    { pointer: device.at, step: 'network' },
  );
}

/** The device that was not there before: it may have another name, and another index. */
function arrival(
  native: Binding,
  namespace: number,
  before: readonly NetworkLink[],
): NetworkLink | undefined {
  const known = new Set(before.map(({ index }) => index));
  return native.networkLinks(namespace).find(({ index }) => !known.has(index));
}

function equip(
  native: Binding,
  { namespace, index }: Place,
  addresses: readonly NetworkAddress[],
  up: boolean,
): void {
  for (const address of addresses) native.addNetworkAddress(namespace, index, address);
  if (up) native.raiseNetworkLink(namespace, index);
}
