/** What is decided about a container's unit of systemd. Plain data. */
import type { DBusValue } from '../../dbus/values.js';

/** A property of a unit, as org.freedesktop.systemd1(5) names and types it. */
export interface Property {
  readonly name: string;
  readonly signature: string;
  readonly value: DBusValue;
  /** JSON pointer of what asked for it; '' for what every container has. */
  readonly at: string;
}

/** What is known of the instance of systemd that makes the unit. */
export interface SystemdFacts {
  /** The instance of the user, and not the system's. */
  readonly user: boolean;
  /** The major version, such as 252. */
  readonly version: number;
  /** The cgroup that the instance is in charge of, below the mount; '' for the root. */
  readonly controlGroup: string;
  /** /proc/devices: names of device groups by type and major number. */
  readonly devices: string;
}

/** The unit of one container. */
export interface SystemdPlan {
  readonly unit: string;
  readonly user: boolean;
  /** Without PIDs, which are added when there is a process. */
  readonly properties: readonly Property[];
}
