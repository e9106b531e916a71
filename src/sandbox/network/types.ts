/** What is said about the network of a sandbox, before and after it is there. All of it is plain JSON. */

/** A port of the host that leads to one of the container. */
export interface PublishedPort {
  /** The host's address to listen on; absent: all of them. */
  readonly hostIP?: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** A way of giving the container an address on the network of a device of the host's. */
export interface LanAddress {
  /** `dhcp`, or an address with its prefix, such as 192.168.1.50/24. */
  readonly address: string;
  readonly gateway?: string;
}

/** The program that carries the packets of who is not root. */
export type UserModeProgram = 'pasta' | 'slirp4netns';

/** Which network, in the words of docs/networks.md. */
export type NetworkKind =
  | { readonly kind: 'none' }
  | { readonly kind: 'host' }
  /** `name`: that of the network; the bridge's is made of it. */
  | { readonly kind: 'bridge'; readonly name: string }
  | {
      readonly kind: 'macvlan' | 'ipvlan';
      /** The host's device. */
      readonly device: string;
      readonly lan: LanAddress;
    }
  /** A conflist of the administrator's. */
  | { readonly kind: 'conflist'; readonly name: string; readonly path: string }
  | { readonly kind: 'user-mode'; readonly program: UserModeProgram; readonly path: string };

/** A network that has been asked for, and checked as far as words can be. */
export interface NetworkRequest {
  readonly network: NetworkKind;
  readonly publish: readonly PublishedPort[];
  /** Addresses of resolvers that were asked for. */
  readonly dns: readonly string[];
  /** The host's own files, read when the request was made. */
  readonly host: HostFiles;
}

export interface HostFiles {
  /** /etc/resolv.conf; '' if there is none. */
  readonly resolvConf: string;
  /** What systemd-resolved knows beyond itself: /run/systemd/resolve/resolv.conf. */
  readonly upstream: string;
  /** /etc/hosts */
  readonly hosts: string;
}

/** What the runtime is to do about it before the container is made. */
export interface NetworkConfig {
  /** Whether the container gets a network namespace of its own. */
  readonly namespace: boolean;
  readonly files: {
    /** For /etc/resolv.conf; absent: the container has no use for one. */
    readonly resolvConf?: string;
    /** For /etc/hosts. */
    readonly hosts: string;
  };
  /** What the user should be told, such as that there is no resolver. */
  readonly warnings: readonly string[];
}

/** A container that is made and not started, to be attached. */
export interface AttachTarget {
  /** The container's name; for people, and in the name of what is made for it. */
  readonly name: string;
  /** Its first process. */
  readonly pid: number;
  /**
   * A folder of the container's, absolute, that lasts until `detach`. If the files of
   * `networkConfig` are in it as `hosts` and `resolv.conf`, what is only known now is written into
   * them, in place: the container sees it through its mounts.
   */
  readonly folder: string;
  /** Told what `detach` will need before anything is made, so that it is known if the caller is killed. */
  readonly onRecord?: (record: NetworkRecord) => void;
  /** How long each CNI plugin may take before it is ended, in milliseconds; a minute if absent. */
  readonly pluginTimeoutMs?: number;
}

/** A process, told from another one with the same number by its start time (proc_pid_stat(5)). */
export interface ProcessMark {
  readonly pid: number;
  readonly startTime: string;
}

/** What is known of an attached container, and all that `detach` needs. */
export type NetworkRecord = { readonly kind: 'none' | 'host' } | CniRecord | UserModeRecord;

export interface CniRecord {
  readonly kind: 'cni';
  /** CNI_CONTAINERID: never given twice. */
  readonly id: string;
  readonly network: string;
  readonly container: ProcessMark;
  /** The namespace, held by a mount; it may be gone. */
  readonly namespace: string;
  /** The bridge that goes with its last container; absent: none of ours. */
  readonly bridge?: string;
  /** The host's device of macvlan and ipvlan. */
  readonly device?: string;
  readonly ports: readonly PublishedPort[];
  readonly addresses: readonly string[];
  readonly gateway?: string;
  /** Its plugins have not all answered yet: one may run still, whoever has called it. */
  readonly adding?: true;
  /** The list that was run, and what it gave so far: DEL wants both. */
  readonly list: ConfigList;
  readonly result?: CniResult;
}

export interface UserModeRecord {
  readonly kind: 'user-mode';
  readonly program: UserModeProgram;
  /** Leads the process group of the program. */
  readonly process: ProcessMark;
  readonly ports: readonly PublishedPort[];
  readonly addresses: readonly string[];
  readonly gateway?: string;
}

/** A network configuration list: CNI 1.0, section 1. */
export interface ConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginConfig[];
}

export interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** The parts of a result (CNI 1.0, section 5) that are looked at; plugins get all of it. */
export interface CniResult {
  readonly ips?: readonly { readonly address: string; readonly gateway?: string }[];
  readonly dns?: {
    readonly nameservers?: readonly string[];
    readonly search?: readonly string[];
    readonly domain?: string;
    readonly options?: readonly string[];
  };
  readonly [key: string]: unknown;
}
