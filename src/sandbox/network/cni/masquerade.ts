/**
 * The NAT rules of a container whose device or namespace is gone.
 *
 * The bridge plugin finds them by the addresses that the device has when it is told DEL. Where there
 * is no device any more it leaves them: a container may have taken it away itself, if it may.
 */
import { networkFailed } from '../errors.js';
import { findProgram } from '../programs.js';
import { run } from '../run.js';
import type { CniRecord } from '../types.js';

/** A rule that leads to the container's own chain. */
export interface Rule {
  readonly source: string;
  readonly chain: string;
}

/** What the plugin writes into its rules. */
const commentOf = ({ network, id }: Pick<CniRecord, 'network' | 'id'>) =>
  `name: "${network}" id: "${id}"`;

/** Finds the rules of a container in what `iptables -S POSTROUTING` prints. */
export function findRules(text: string, record: Pick<CniRecord, 'network' | 'id'>): Rule[] {
  const comment = `--comment "${commentOf(record).replaceAll('"', '\\"')}"`;
  return text
    .split('\n')
    .filter((line) => line.includes(comment))
    .flatMap((line) => {
      const [, source, chain] = /^-A POSTROUTING -s (\S+) .* -j (CNI-[0-9a-f]+)$/.exec(line) ?? [];
      return source === undefined || chain === undefined ? [] : [{ source, chain }];
    });
}

/** Takes them away, if there are any. @throws OcirtError `network-failed` */
export async function removeMasquerade(record: CniRecord): Promise<void> {
  const program = findProgram('iptables');
  // It was there when the rules were made.
  if (program === undefined) return;
  const nat = async (...args: string[]) => {
    const outcome = await run(program, ['-w', '-t', 'nat', ...args]);
    if (outcome.code === 0) return outcome.stdout;
    throw networkFailed(`iptables ${args.join(' ')}: ${outcome.stderr.trim()}`);
  };
  for (const { source, chain } of findRules(await nat('-S', 'POSTROUTING'), record)) {
    const comment = ['-m', 'comment', '--comment', commentOf(record)];
    await nat('-D', 'POSTROUTING', '-s', source, ...comment, '-j', chain);
    await nat('-F', chain);
    await nat('-X', chain);
  }
}
