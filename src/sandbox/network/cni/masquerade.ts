/**
 * The NAT rules of a container, where the plugin that made them leaves them.
 *
 * The bridge plugin finds them by the addresses that the device has when it is told DEL. Where there
 * is no device any more it leaves them: a container may have taken it away itself, if it may. And where its ADD
 * was killed before it had made the container's chain, its DEL fails for the lack of it.
 */
import { createHash } from 'node:crypto';
import { networkFailed } from '../errors.js';
import { findProgram } from '../programs.js';
import { run } from '../run.js';
import type { CniRecord } from '../types.js';

type Named = Pick<CniRecord, 'network' | 'id'>;

/** The container's own chain, as the plugins name it (their `utils.FormatChainName`). */
export function chainOf({ network, id }: Named): string {
  return `CNI-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 24)}`;
}

/** The addresses whose packets are led to a chain by what `iptables -S` prints. */
export function sourcesOf(text: string, chain: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, source, target] = /^-A POSTROUTING -s (\S+) .* -j (\S+)$/.exec(line) ?? [];
    return source !== undefined && target === chain ? [source] : [];
  });
}

/** iptables on the table of NAT. @throws OcirtError `network-failed` */
async function nat(program: string, ...args: string[]): Promise<string> {
  const outcome = await run(program, ['-w', '-t', 'nat', ...args]);
  if (outcome.code === 0) return outcome.stdout;
  throw networkFailed(`iptables ${args.join(' ')}: ${outcome.stderr.trim()}`);
}

const hasChain = (text: string, chain: string) => text.split('\n').includes(`-N ${chain}`);

/** Takes them away, if there are any. @throws OcirtError `network-failed` */
export async function removeMasquerade(record: Named): Promise<void> {
  const program = findProgram('iptables');
  // It was there when the rules were made.
  if (program === undefined) return;
  const chain = chainOf(record);
  const text = await nat(program, '-S');
  const comment = `name: "${record.network}" id: "${record.id}"`;
  for (const source of sourcesOf(text, chain)) {
    const words = ['-s', source, '-m', 'comment', '--comment', comment, '-j', chain];
    await nat(program, '-D', 'POSTROUTING', ...words);
  }
  if (!hasChain(text, chain)) return;
  await nat(program, '-F', chain);
  await nat(program, '-X', chain);
}

/** Makes the chain if there is none, so that DEL finds what it wants to take away. */
export async function ensureChain(record: CniRecord): Promise<void> {
  const program = findProgram('iptables');
  if (program === undefined || !record.list.plugins.some(({ ipMasq }) => ipMasq === true)) return;
  const chain = chainOf(record);
  if (!hasChain(await nat(program, '-S'), chain)) await nat(program, '-N', chain);
}
