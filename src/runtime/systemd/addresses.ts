/** Where an instance of systemd can be reached. Pure. */

export interface BusAddress {
  /** Of an AF_UNIX socket. */
  readonly path: string;
  /** systemd's own socket, without a bus between. */
  readonly direct: boolean;
}

const SYSTEM_BUS = '/run/dbus/system_bus_socket';
const SYSTEM_PRIVATE = '/run/systemd/private';

/** D-Bus Specification, "Server Addresses": "%XX" stands for any byte. */
function unescapeBytes(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/**
 * The paths in a list such as `unix:path=/run/user/1000/bus,guid=...;unix:abstract=...`. Those that
 * are none of a socket in the file system are passed over: systemd's bus always is one.
 */
export function socketPaths(list: string | undefined): string[] {
  return (list ?? '').split(';').flatMap((address) => {
    const path = /^unix:(?:.*,)?path=([^,]+)/.exec(address)?.[1];
    return path === undefined ? [] : [unescapeBytes(path)];
  });
}

/**
 * The addresses to try, the first first.
 *
 * @param uid the user's, as the host sees it; absent: the system's instance
 */
export function busAddresses(
  environment: Readonly<Record<string, string>>,
  uid?: number,
): BusAddress[] {
  const bus = (path: string): BusAddress => ({ path, direct: false });
  if (uid === undefined) {
    const given = socketPaths(environment.DBUS_SYSTEM_BUS_ADDRESS);
    return [
      ...(given.length > 0 ? given : [SYSTEM_BUS]).map(bus),
      { path: SYSTEM_PRIVATE, direct: true },
    ];
  }
  const runtime = environment.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  const paths = [...socketPaths(environment.DBUS_SESSION_BUS_ADDRESS), `${runtime}/bus`];
  return [...[...new Set(paths)].map(bus), { path: `${runtime}/systemd/private`, direct: true }];
}

/**
 * Who a user of a user namespace is outside of it.
 *
 * @param uidMap the text of /proc/self/uid_map
 */
export function outerUid(uidMap: string, uid: number): number {
  for (const line of uidMap.split('\n')) {
    const [inside = Number.NaN, outside = Number.NaN, size = 0] = line
      .trim()
      .split(/\s+/)
      .map(Number);
    if (uid >= inside && uid < inside + size) return outside + (uid - inside);
  }
  return uid;
}
