// The processes that tests have left: children of the subreaper above them.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Whether our parent is a subreaper of ours: only then are its other children what tests left. */
export function underSubreaper() {
  return /\/ocirt-payload( \(deleted\))?$/.test(readlinkSync(`/proc/${process.ppid}/exe`));
}

/** Children of the process `parent` but the one `spared`, as 'PID COMMAND'. */
export function children(parent, spared) {
  const found = [];
  for (const task of readdirSync(`/proc/${parent}/task`)) {
    let pids = [];
    try {
      pids = readFileSync(join(`/proc/${parent}/task`, task, 'children'), 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number);
    } catch {
      continue;
    }
    for (const pid of pids) {
      if (pid === spared) continue;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        if (/\) [ZX] /.test(stat)) continue;
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        found.push(`${pid} ${command || stat.replace(/^\d+ \((.*)\) .*/s, '[$1]')}`);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  return found;
}
