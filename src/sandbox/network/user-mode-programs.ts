/** Which of the programs for who is not root are there, the better one first. */
import { spawnSync } from 'node:child_process';
import { findProgram } from './programs.js';
import type { UserModeProgram } from './types.js';

/**
 * pasta is faster, and what podman takes. But through the published ports of an old one nobody is
 * heard who speaks first from within (a mail or ssh server), as in Debian 12, whose pasta does not
 * know its own version.
 */
const GOOD_PASTA = 2024;

/** The year in `pasta 0.0~git20250503.587980c-2` or `pasta 2025_05_03.587980c`; undefined: it says none. */
export function pastaYear(version: string): number | undefined {
  const [, year] = /(20\d\d)_?[01]\d_?[0-3]\d/.exec(version) ?? [];
  return year === undefined ? undefined : Number(year);
}

/** Those that are installed. Of one program its version is asked for, but only if there is a choice. */
export function userModePrograms(): { program: UserModeProgram; path: string }[] {
  const [pasta, slirp4netns] = [findProgram('pasta'), findProgram('slirp4netns')];
  const slirp =
    slirp4netns === undefined ? [] : [{ program: 'slirp4netns' as const, path: slirp4netns }];
  if (pasta === undefined) return slirp;
  const own = { program: 'pasta' as const, path: pasta };
  if (slirp.length === 0) return [own];
  const { stdout } = spawnSync(pasta, ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10_000,
  });
  return (pastaYear(stdout ?? '') ?? 0) >= GOOD_PASTA ? [own, ...slirp] : [...slirp, own];
}
