/** What each reporting verb of the payload program prints; see conformance/payload. */

export interface Failure {
  errno: string;
}

export interface FileFacts {
  type: 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';
  /** Four octal digits. */
  mode: string;
  uid: number;
  gid: number;
  size: number;
  inode: number;
  device: number;
  major: number;
  minor: number;
}

export interface MountFacts {
  id: number;
  parent: number;
  device: string;
  root: string;
  target: string;
  options: string[];
  /** shared:N, master:N ... */
  optional: string[];
  type: string;
  source: string;
  superOptions: string[];
}

export interface TerminalFacts {
  tty: boolean;
  name?: string;
  rows?: number;
  columns?: number;
  uid?: number;
  gid?: number;
  onlcr?: boolean;
}

type Outcome = 'ok' | Failure;

export interface Reports {
  cat: string | Failure;
  ls: string[];
  stat: FileFacts & Partial<Failure>;
  readlink: string | Failure;
  open: Outcome;
  read: number | Failure;
  mknod: { mknod: 'ok'; open: Outcome } | Failure;
  mkdir: Outcome;
  remove: Outcome;
  chown: Outcome;
  chmod: Outcome;
  access: Outcome;
  xattr: string | Failure;
  statfs: { type: number; bytes: number; free: number };
  mountinfo: MountFacts[];
  mount: Outcome;
  umount: Outcome;
  id: {
    uid: number;
    euid: number;
    suid: number;
    gid: number;
    egid: number;
    sgid: number;
    groups: number[];
  };
  caps: {
    effective: string;
    permitted: string;
    inheritable: string;
    bounding: string;
    ambient: string;
    securebits: number;
  };
  flags: {
    noNewPrivileges: number;
    seccomp: number;
    dumpable: number;
    keepCaps: number;
    deathSignal: number;
    subreaper: number;
  };
  env: string[];
  cwd: string | Failure;
  pid: { pid: number; parent: number; group: number; session: number };
  umask: string;
  fds: { fd: number; link: string }[];
  signals: { blocked: number[]; ignored: number[] };
  status: string | null;
  rlimits: Record<string, { soft: string; hard: string }>;
  sched: { policy: number; priority: number; nice: number };
  ioprio: { class: number; level: number };
  affinity: number[];
  personality: number;
  oom: number;
  mempolicy: { mode: number; nodes: number };
  ns: Record<'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts', string>;
  uname: { hostname: string; domainname: string; machine: string };
  clocks: { monotonic: number; boottime: number; realtime: number };
  links: Record<string, { up: boolean }>;
  devices: Record<string, { up: boolean; mtu: number; mac: string; addresses: string[] }>;
  keyring: { id: number; description: string };
  syscall: { result: number } | Failure;
  tty: {
    stdin: TerminalFacts;
    stdout: TerminalFacts;
    stderr: TerminalFacts;
    controlling: boolean;
    foreground: boolean;
  };
}

type VerbOf<Line extends string> = Line extends `${infer Verb} ${string}` ? Verb : Line;

/** The reports of lines such as 'id' or 'stat /dev/null', in order. */
export type Reported<Lines extends readonly string[]> = {
  [K in keyof Lines]: VerbOf<Lines[K]> extends keyof Reports ? Reports[VerbOf<Lines[K]>] : never;
};

/** The payload's arguments for these lines; a line is split at its spaces. */
export function reportArgs(lines: readonly string[]): string[] {
  return ['report', ...lines.flatMap((line, at) => [...(at > 0 ? [','] : []), ...line.split(' ')])];
}
