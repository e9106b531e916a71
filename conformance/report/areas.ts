/**
 * What each test is about: an area of the table, and the section of the runtime specification that
 * the test's name is given. Tests of what the specification leaves open, such as the command line
 * that engines use, have an area and no section.
 */

export interface Place {
  readonly area: string;
  /** FILE#ANCHOR of the specification. */
  readonly section?: string;
}

type Rule = readonly [file: string, name: RegExp, area: string, section?: string];

const ANY = /^/;
const LINUX = 'config-linux.md';

/** By test file without its ending; the first whose pattern is in the test's name holds. */
const RULES: readonly Rule[] = [
  ['apparmor', ANY, 'process', 'config.md#linux-process'],
  ['attributes', /memoryPolicy/, 'process', `${LINUX}#memory-policy`],
  ['attributes', /SCHED_DEADLINE/, 'process', 'config.md#linux-process'],
  ['attributes', /sysctl/, 'namespaces', `${LINUX}#sysctl`],
  ['attributes', /^domainname/, 'namespaces', 'config.md#domainname'],
  ['attributes', /controller/, 'cgroups', `${LINUX}#control-groups`],
  ['attributes', ANY, 'mounts', 'config.md#linux-mount-options'],
  ['binds', /ro on|with /, 'mounts', 'config.md#linux-mount-options'],
  ['binds', ANY, 'mounts', 'config.md#mounts'],
  ['broken', ANY, 'errors', 'runtime.md#errors'],
  ['bundle-diff', ANY, "ocirt's command line"],
  ['bundle-registry', ANY, "ocirt's command line"],
  ['bundle-same', ANY, "ocirt's command line"],
  ['bundle-unpack', ANY, "ocirt's command line"],
  ['bundles', ANY, 'life cycle', 'bundle.md'],
  ['cgroups-v2', /given to the user|read-only/, 'cgroups', `${LINUX}#cgroup-ownership`],
  ['cgroups-v2', /io\.max/, 'cgroups', `${LINUX}#block-io`],
  ['cgroups-v2', ANY, 'cgroups', `${LINUX}#unified`],
  ['cgroups', /blkio|blockIO/i, 'cgroups', `${LINUX}#block-io`],
  ['cgroups', /^hugepage/, 'cgroups', `${LINUX}#huge-page-limits`],
  ['cgroups', /^pids/, 'cgroups', `${LINUX}#pids`],
  ['cgroups', /^memory/, 'cgroups', `${LINUX}#memory`],
  ['cgroups', /^cpu/, 'cgroups', `${LINUX}#cpu`],
  ['cgroups', /unified/, 'cgroups', `${LINUX}#unified`],
  ['cgroups', /cgroupsPath/, 'cgroups', `${LINUX}#cgroups-path`],
  ['cgroups', ANY, 'cgroups', `${LINUX}#control-groups`],
  ['checkpoint-refused', ANY, 'checkpoint'],
  ['checkpoint-options', ANY, 'checkpoint'],
  ['checkpoint', ANY, 'checkpoint'],
  ['cli', ANY, "runc's command line"],
  ['completion', ANY, "ocirt's command line"],
  ['crash', ANY, 'transactions', 'runtime.md#errors'],
  ['crun-options', ANY, "crun's command line"],
  ['devices', /cgroup|allow|deny|read may/, 'cgroups', `${LINUX}#allowed-device-list`],
  ['devices', /is a link to/, 'devices', 'runtime-linux.md#dev-symbolic-links'],
  ['devices', /default|is there, and/, 'devices', `${LINUX}#default-devices`],
  ['devices', ANY, 'devices', `${LINUX}#devices`],
  ['doctor', ANY, "ocirt's command line"],
  ['diagnose', ANY, 'diagnosis'],
  ['events', ANY, "runc's command line"],
  ['exec', ANY, 'exec'],
  ['fallbacks', /limit/, 'rootless', 'runtime.md#create'],
  ['fallbacks', ANY, 'rootless'],
  ['faults', ANY, 'errors', 'runtime.md#errors'],
  ['features', ANY, "runc's command line", 'features.md'],
  ['guide', ANY, 'life cycle'],
  ['hooks', ANY, 'hooks', 'config.md#posix-platform-hooks'],
  ['idmap', ANY, 'mounts', 'config.md#posix-platform-mounts'],
  ['intel-rdt', ANY, 'Intel RDT', `${LINUX}#intelrdt`],
  ['json', ANY, "ocirt's command line"],
  ['lifecycle', /^(list|ps|run|--root|orphans)/, "runc's command line"],
  ['lifecycle', /^state|^created, running/, 'life cycle', 'runtime.md#state'],
  ['lifecycle', /^start|does not run before/, 'life cycle', 'runtime.md#start'],
  ['lifecycle', /^kill/, 'life cycle', 'runtime.md#kill'],
  ['lifecycle', /^delete/, 'life cycle', 'runtime.md#delete'],
  ['lifecycle', ANY, 'life cycle', 'runtime.md#create'],
  ['log-service', ANY, "crun's command line"],
  ['masked-paths', /read-only/, 'masks', `${LINUX}#readonly-paths`],
  ['masked-paths', ANY, 'masks', `${LINUX}#masked-paths`],
  ['mount-paths', ANY, 'mounts', 'config.md#mounts'],
  ['mounts-running', ANY, "crun's command line"],
  ['mounts', /option|attribute|with /, 'mounts', 'config.md#linux-mount-options'],
  ['mounts', ANY, 'mounts', 'config.md#mounts'],
  ['namespaces', /sysctl/, 'namespaces', `${LINUX}#sysctl`],
  ['namespaces', /^hostname/, 'namespaces', 'config.md#hostname'],
  ['namespaces', /^domainname/, 'namespaces', 'config.md#domainname'],
  ['namespaces', /time namespace with/, 'namespaces', `${LINUX}#offset-for-time-namespace`],
  ['namespaces', /mappings|ranges/, 'namespaces', `${LINUX}#user-namespace-mappings`],
  ['namespaces', ANY, 'namespaces', `${LINUX}#namespaces`],
  ['net-devices', ANY, 'network devices', `${LINUX}#network-devices`],
  ['notify', ANY, "runc's command line"],
  ['older-kernels', ANY, 'older kernels'],
  ['pause', ANY, "runc's command line"],
  ['pidfd-socket', ANY, "runc's command line"],
  ['plan-page', ANY, "ocirt's command line"],
  ['privileges', /oomScoreAdj/, 'process', 'config.md#linux-process'],
  ['privileges', ANY, 'process', 'config.md#linux-process'],
  ['process-io', /descriptors/, 'process', 'runtime-linux.md#file-descriptors'],
  ['process-io', /keyring|exit status|signal|standard/, "runc's command line"],
  ['process-io', ANY, 'process', 'config.md#process'],
  ['process', /user|group|umask|ids/i, 'process', 'config.md#user'],
  ['process', /personality/, 'process', `${LINUX}#personality`],
  ['process', /scheduler|ioPriority|apparmor/, 'process', 'config.md#linux-process'],
  ['process', ANY, 'process', 'config.md#process'],
  ['root', /ropagation/, 'root', `${LINUX}#rootfs-mount-propagation`],
  ['root', ANY, 'root', 'config.md#root'],
  ['sandbox-lifetime', ANY, "ocirt's command line"],
  ['sandbox-readme', ANY, "ocirt's command line"],
  ['sandbox-root', ANY, "ocirt's command line"],
  ['sandbox', ANY, "ocirt's command line"],
  ['seccomp-notify', ANY, 'seccomp', `${LINUX}#the-container-process-state`],
  ['seccomp', ANY, 'seccomp', `${LINUX}#seccomp`],
  ['stats', ANY, "ocirt's command line"],
  ['systemd', ANY, 'systemd'],
  ['terminal', /consoleSize/, 'terminal', 'config.md#process'],
  ['terminal', ANY, 'terminal'],
  ['top', ANY, "ocirt's command line"],
  ['transaction', /hook/, 'transactions', 'config.md#posix-platform-hooks'],
  ['transaction', ANY, 'transactions', 'runtime.md#errors'],
  ['update-v2', ANY, 'update'],
  ['update', ANY, 'update'],
  ['wait', ANY, 'exit status'],
];

/** By how the name of a test file of engines begins. */
const ENGINES: readonly (readonly [start: string, area: string])[] = [
  ['podman-rootless', 'Podman, rootless'],
  ['podman', 'Podman'],
  ['buildah', 'Buildah'],
  ['containerd', 'containerd: ctr'],
  ['cri', 'containerd: CRI'],
  ['docker', 'Docker'],
  ['swarm', 'Docker Swarm'],
];

/**
 * @param file a test file without `.test.ts`, with its folder where that is not `runtime`. Throws where
 *   the table does not know it.
 */
export function placeOf(file: string, name: string): Place {
  // The specification has no section about attacks, or about what a host may lack.
  if (file.startsWith('security/')) return { area: 'security' };
  if (file.startsWith('resilience/')) return { area: 'resilience' };
  const engine = ENGINES.find(([start]) => file.startsWith(`engines/${start}`));
  if (engine !== undefined) return { area: engine[1] };
  const rule = RULES.find(([of, pattern]) => of === file && pattern.test(name));
  if (rule === undefined) throw new Error(`conformance/report/areas.ts has no area for ${file}`);
  const [, , area, section] = rule;
  return section === undefined ? { area } : { area, section };
}
