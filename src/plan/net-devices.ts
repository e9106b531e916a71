/** linux.netDevices: network devices of the host that the container gets. config-linux.md. */
import type { Linux } from '../spec/config.gen.js';
import { invalid, pointer } from './builder.js';
import type { NamespaceSet } from './namespaces.js';
import type { NetDevice } from './plan.js';

/** The devices, in the order of their names on the host. */
export function netDevices(linux: Linux | undefined, namespaces: NamespaceSet): NetDevice[] {
  const devices = Object.entries(linux?.netDevices ?? {});
  if (devices.length > 0 && !namespaces.has('network')) {
    throw invalid('/linux/netDevices', 'unable to move network devices without a NET namespace');
  }
  return devices
    .map(([name, device]) => ({
      at: pointer('linux', 'netDevices', name),
      name,
      inside: device.name === undefined || device.name === '' ? name : device.name,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
