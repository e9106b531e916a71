/** The options that checkpoint and restore have in common. */
import type { CommonFlags } from '../criu/options.js';
import { textOf } from './options.js';
import type { OptionSpec, OptionValues } from './verb.js';

export const CRIU_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'image-path',
    argument: 'DIR',
    description: 'where the images are (default: checkpoint in the current directory)',
  },
  {
    name: 'work-path',
    argument: 'DIR',
    description: 'where CRIU writes its log (default: where the images are)',
  },
  { name: 'tcp-established', description: 'allow open TCP connections' },
  { name: 'ext-unix-sk', description: 'allow unix sockets whose other end is outside' },
  { name: 'shell-job', description: "allow a terminal and a session that are the caller's" },
  { name: 'file-locks', description: 'keep file locks: nobody else may hold them' },
  {
    name: 'manage-cgroups-mode',
    argument: 'MODE',
    description: "what becomes of cgroups: 'soft' (the default), 'full', 'strict' or 'ignore'",
    choices: ['soft', 'full', 'strict', 'ignore'],
  },
  {
    name: 'network-lock',
    argument: 'METHOD',
    description: "what holds back packets meanwhile: 'iptables', 'nftables' or 'skip'",
    choices: ['iptables', 'nftables', 'skip'],
  },
  {
    name: 'empty-ns',
    argument: 'NAMESPACE',
    description: "leave a namespace empty: 'network', and that one is always",
    choices: ['network'],
    repeat: true,
  },
  { name: 'auto-dedup', description: 'keep no page twice in the images' },
];

/** The values, as the library takes them. */
export function criuFlags(options: OptionValues): CommonFlags {
  return {
    tcpEstablished: options.flag('tcp-established'),
    extUnixSk: options.flag('ext-unix-sk'),
    shellJob: options.flag('shell-job'),
    fileLocks: options.flag('file-locks'),
    autoDedup: options.flag('auto-dedup'),
    lazyPages: options.flag('lazy-pages'),
    manageCgroupsMode: textOf(options, 'manage-cgroups-mode'),
    networkLock: textOf(options, 'network-lock'),
    emptyNs: options.all('empty-ns'),
  };
}
