/** Plans as text: for people, and as JSON. */
import type { CgroupPlan } from '../cgroup/types.js';
import type { Plan } from '../plan/plan.js';

/**
 * JSON text of plain data, and a line's end. Integers keep all digits; bytes are hexadecimal.
 *
 * @param indent 0: all on one line
 */
export function toJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => {
      // JSON.stringify has no way to write a number that is not a double.
      if (typeof item === 'bigint') return `\u0000${item}\u0000`;
      if (item instanceof Uint8Array) return hex(item);
      return item;
    },
    indent,
  );
  return `${text.replace(/"\\u0000(-?\d+)\\u0000"/g, '$1')}\n`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** One field of a step, short. */
function fieldText(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(fieldText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${fieldText(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** The fields of a step or resource, short, on one line. @param left names of those to leave out */
export function fields(entry: object, left: readonly string[]): string {
  return Object.entries(entry)
    .filter(([key, value]) => !left.includes(key) && value !== undefined)
    .map(([key, value]) => `${key}=${fieldText(value)}`)
    .join(' ');
}

/**
 * Everything that would be done, in order, a line each, and what it would warn of; behind '#' what
 * asked for it.
 */
export function planTable(plan: Plan, cgroup: CgroupPlan): string {
  const lines: string[] = [];
  const place = (at: string): string => (at === '' ? '' : `  # ${at}`);
  const groups: string[] = [];
  for (const directory of cgroup.directories) groups.push(`host    mkdir ${directory}`);
  for (const write of [...cgroup.enableControllers, ...cgroup.limits]) {
    groups.push(`host    write ${JSON.stringify(write.data)} to ${write.path}${place(write.at)}`);
  }
  // A unit of systemd takes a process first.
  if (cgroup.systemd === null) lines.push(...groups.splice(0));
  for (const resource of plan.resources) {
    lines.push(
      `host    open ${resource.kind} ${fields(resource, ['kind', 'at'])}${place(resource.at)}`,
    );
  }
  lines.push(`host    spawn ${fields(plan.spawn, [])}`);
  if (cgroup.systemd !== null) {
    const { unit, user, properties } = cgroup.systemd;
    lines.push(`host    start unit ${unit}${user ? " of the user's systemd" : ''}`);
    for (const { name, value, at } of properties) {
      lines.push(`host    property ${name}=${fieldText(value)}${place(at)}`);
    }
  }
  lines.push(...groups);
  if (plan.commit.oomScoreAdj !== undefined) {
    lines.push(`host    oom_score_adj ${plan.commit.oomScoreAdj}`);
  }
  for (const [index, step] of plan.steps.entries()) {
    const detail = fields(step, ['op', 'at']);
    const number = String(index).padStart(3);
    lines.push(`init ${number} ${step.op}${detail === '' ? '' : ` ${detail}`}${place(step.at)}`);
  }
  for (const limit of plan.commit.rlimits) {
    lines.push(`host    rlimit ${fields(limit, ['at'])} (at ready)${place(limit.at)}`);
  }
  for (const { at, message } of [...plan.warnings, ...cgroup.warnings]) {
    lines.push(`warning ${message}${place(at)}`);
  }
  return `${lines.join('\n')}\n`;
}
