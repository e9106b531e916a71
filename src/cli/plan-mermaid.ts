/** Plans as a Mermaid flowchart: what a Markdown viewer draws. */
import type { CgroupPlan } from '../cgroup/types.js';
import type { Plan, Step, StepOp } from '../plan/plan.js';
import { fields } from './plan-text.js';

const LONGEST_LABEL = 90;

/** What a reader wants to see together; a step that is in none of them stays with its neighbour. */
const GROUPS: readonly { readonly title: string; readonly ops: readonly StepOp[] }[] = [
  {
    title: 'namespaces and identity',
    ops: ['open_proc', 'keyring', 'session', 'join', 'unshare', 'fork', 'identity'],
  },
  {
    title: 'namespaces and identity',
    ops: ['time_namespace', 'loopback', 'hostname', 'domainname'],
  },
  {
    title: 'root file system',
    ops: ['propagation', 'overlay', 'root', 'mount', 'bind', 'directory'],
  },
  { title: 'root file system', ops: ['symlink', 'device', 'console', 'readonly_late'] },
  { title: 'protection', ops: ['readonly_paths', 'mask', 'root_readonly', 'sysctl'] },
  { title: 'entering the root', ops: ['pivot', 'move_root', 'chroot'] },
  { title: 'process', ops: ['scheduler', 'io_priority', 'affinity', 'memory_policy', 'lsm'] },
  { title: 'process', ops: ['personality', 'umask', 'no_new_privs', 'bounding_caps', 'user'] },
  { title: 'process', ops: ['caps', 'cwd', 'environment', 'find_executable', 'ready'] },
  { title: 'at start', ops: ['wait_start', 'seccomp', 'exec'] },
];

/** Text inside the quotes of a label: Mermaid reads `#name;` as a character, and HTML as HTML. */
function escapeLabel(text: string): string {
  const short = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  return short
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('`', '#96;')
    .replaceAll('\n', ' ');
}

class Chart {
  readonly #lines: string[] = ['flowchart TD'];
  #last: string | undefined;
  #count = 0;

  /** Opens a group of nodes, which `close` ends. */
  open(title: string): void {
    this.#lines.push(`  subgraph g${this.#count++}["${escapeLabel(title)}"]`);
  }

  close(): void {
    this.#lines.push('  end');
  }

  /** A node behind the last one. @returns its name */
  node(label: string, shape: '[]' | '()' = '[]'): string {
    const name = `n${this.#count++}`;
    const [left, right] = shape === '[]' ? ['[', ']'] : ['([', '])'];
    this.#lines.push(`    ${name}${left}"${escapeLabel(label)}"${right}`);
    if (this.#last !== undefined) this.#lines.push(`    ${this.#last} --> ${name}`);
    this.#last = name;
    return name;
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** What the runtime itself does before the helper runs, in order. */
function hostNodes(chart: Chart, plan: Plan, cgroup: CgroupPlan): void {
  const groups = [
    ...cgroup.directories.map((directory) => `mkdir ${directory}`),
    ...[...cgroup.enableControllers, ...cgroup.limits].map(
      ({ data, path }) => `write ${data.trim()} to ${path}`,
    ),
  ];
  const { systemd } = cgroup;
  if (systemd === null) for (const label of groups.splice(0)) chart.node(label);
  for (const resource of plan.resources) {
    chart.node(`open ${resource.kind} ${fields(resource, ['kind', 'at'])}`);
  }
  chart.node('spawn the helper', '()');
  if (systemd !== null) chart.node(`start unit ${systemd.unit}`);
  for (const label of groups) chart.node(label);
  if (plan.commit.oomScoreAdj !== undefined) {
    chart.node(`oom_score_adj ${plan.commit.oomScoreAdj}`);
  }
}

/** What a reader wants to see a step under; undefined: it stays with its neighbour. */
export function groupOf(step: Step): string | undefined {
  return GROUPS.find(({ ops }) => ops.includes(step.op))?.title;
}

/** A flowchart of everything that would be done, in order. */
export function planMermaid(plan: Plan, cgroup: CgroupPlan): string {
  const chart = new Chart();
  chart.open('ocirt');
  hostNodes(chart, plan, cgroup);
  chart.close();
  let group: string | undefined;
  for (const step of plan.steps) {
    const next = groupOf(step) ?? group ?? 'helper';
    if (next !== group) {
      if (group !== undefined) chart.close();
      chart.open(next);
      group = next;
    }
    if (step.op === 'ready') {
      for (const limit of plan.commit.rlimits) {
        chart.node(`ocirt sets rlimit ${fields(limit, ['at'])}`);
      }
    }
    const detail = fields(step, ['op', 'at']);
    const waits = ['sync', 'ready', 'wait_start'].includes(step.op);
    chart.node(`${step.op}${detail === '' ? '' : ` ${detail}`}`, waits ? '()' : '[]');
  }
  if (group !== undefined) chart.close();
  return chart.text();
}
