/** config.linux.seccomp -> what libseccomp is asked for. config-linux.md, "Seccomp". */
import type { SeccompAction, SeccompRequest } from '../native/binding.js';
import type { Seccomp, SeccompArg } from '../spec/config.gen.js';
import { SECCOMP_ARCH } from '../spec/names.gen.js';
import { invalid } from './builder.js';
import type { PlanWarning } from './plan.js';

type ActionKind = SeccompAction['kind'];

/**
 * SCMP_ACT_KILL is the old name of killing the thread. `highest`: of the errno (MAX_ERRNO) or the
 * message to the tracer (16 bits) that the action takes; absent: it takes none.
 */
const ACTIONS: Readonly<Record<string, { readonly kind: ActionKind; readonly highest?: number }>> =
  {
    SCMP_ACT_KILL: { kind: 'kill_thread' },
    SCMP_ACT_KILL_PROCESS: { kind: 'kill_process' },
    SCMP_ACT_KILL_THREAD: { kind: 'kill_thread' },
    SCMP_ACT_TRAP: { kind: 'trap' },
    SCMP_ACT_ERRNO: { kind: 'errno', highest: 4095 },
    SCMP_ACT_TRACE: { kind: 'trace', highest: 65535 },
    SCMP_ACT_ALLOW: { kind: 'allow' },
    SCMP_ACT_LOG: { kind: 'log' },
    SCMP_ACT_NOTIFY: { kind: 'notify' },
  };

type Operator = SeccompRequest['rules'][number]['args'][number]['op'];

const OPERATORS: Readonly<Record<string, Operator>> = {
  SCMP_CMP_NE: 'ne',
  SCMP_CMP_LT: 'lt',
  SCMP_CMP_LE: 'le',
  SCMP_CMP_EQ: 'eq',
  SCMP_CMP_GE: 'ge',
  SCMP_CMP_GT: 'gt',
  SCMP_CMP_MASKED_EQ: 'masked_eq',
};

const ARCHITECTURES: readonly string[] = SECCOMP_ARCH;

/** libseccomp's name of an architecture: the specification's without the prefix, in lower case. */
export function libseccompName(architecture: string): string {
  return architecture.slice('SCMP_ARCH_'.length).toLowerCase();
}

/**
 * SECCOMP_FILTER_FLAG_* of seccomp(2). TSYNC synchronises threads; the helper has but one, so it
 * is done by doing nothing.
 */
const FLAGS: Readonly<Record<string, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG: 0x02,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 0x04,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 0x20,
};

/** SECCOMP_FILTER_FLAG_NEW_LISTENER: set where a rule asks the agent, never by the config. */
export const NEW_LISTENER = 0x08;
/** Of seccomp(2): taken only beside NEW_LISTENER. */
const WAIT_KILLABLE = FLAGS.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ?? 0;

const EPERM = 1;
const ENOSYS = 38;
const ARGUMENTS = 6;

/** Names for `features`. */
export function knownSeccomp(): {
  actions: string[];
  operators: string[];
  archs: string[];
  flags: string[];
} {
  return {
    actions: Object.keys(ACTIONS).sort(),
    operators: Object.keys(OPERATORS).sort(),
    archs: [...ARCHITECTURES].sort(),
    flags: Object.keys(FLAGS).sort(),
  };
}

export interface SeccompPlan {
  readonly request: SeccompRequest;
  /** For seccomp(2); NEW_LISTENER is among them where an agent is asked. */
  readonly flags: number;
  readonly warnings: readonly PlanWarning[];
}

function action(
  name: string,
  errnoRet: number | undefined,
  at: string,
  key: string,
): SeccompAction {
  const entry = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (entry === undefined) throw invalid(at, `unknown seccomp action "${name}"`);
  const { highest } = entry;
  if (highest === undefined) {
    // "When the action doesn't support an errno, the runtime MUST print and error and fail."
    if (errnoRet !== undefined) {
      throw invalid(
        at.replace(/[^/]*$/, key),
        `${key} is not possible with the seccomp action ${name}`,
      );
    }
    return { kind: entry.kind, value: 0 };
  }
  const value = errnoRet ?? EPERM;
  if (value < 0 || value > highest) {
    throw invalid(at.replace(/[^/]*$/, key), `${key} ${value} is no errno (0 to ${highest})`);
  }
  return { kind: entry.kind, value };
}

function condition(arg: SeccompArg, at: string): SeccompRequest['rules'][number]['args'][number] {
  const op = Object.hasOwn(OPERATORS, arg.op) ? OPERATORS[arg.op] : undefined;
  if (op === undefined) throw invalid(`${at}/op`, `unknown seccomp operator "${arg.op}"`);
  if (arg.index >= ARGUMENTS) {
    throw invalid(`${at}/index`, `a system call has ${ARGUMENTS} arguments: no index ${arg.index}`);
  }
  return { index: arg.index, op, value: arg.value, valueTwo: arg.valueTwo ?? 0 };
}

/**
 * The request for `buildSeccomp`, and the flags of the step.
 *
 * @throws OcirtError `invalid-config` for what is unknown, and for an agent that nobody names.
 */
export function compileSeccomp(seccomp: Seccomp): SeccompPlan {
  const at = '/linux/seccomp';
  const warnings: PlanWarning[] = [];
  const defaultAction = action(
    seccomp.defaultAction,
    seccomp.defaultErrnoRet,
    `${at}/defaultAction`,
    'defaultErrnoRet',
  );
  if (defaultAction.kind === 'notify') {
    throw invalid(`${at}/defaultAction`, 'SCMP_ACT_NOTIFY cannot be used as default action');
  }
  const architectures = (seccomp.architectures ?? []).map((name, index) => {
    if (!ARCHITECTURES.includes(name)) {
      throw invalid(`${at}/architectures/${index}`, `unknown seccomp architecture "${name}"`);
    }
    return libseccompName(name);
  });
  let flags = 0;
  if (seccomp.flags === undefined) {
    // De facto: a profile without the key does not ask for the slow speculation barrier.
    flags = FLAGS.SECCOMP_FILTER_FLAG_SPEC_ALLOW ?? 0;
  } else {
    seccomp.flags.forEach((name, index) => {
      const bit = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
      if (bit === undefined)
        throw invalid(`${at}/flags/${index}`, `unknown seccomp flag "${name}"`);
      flags |= bit;
    });
  }
  const rules: SeccompRequest['rules'][number][] = [];
  (seccomp.syscalls ?? []).forEach((rule, index) => {
    const here = `${at}/syscalls/${index}`;
    const ruleAction = action(rule.action, rule.errnoRet, `${here}/action`, 'errnoRet');
    const args = (rule.args ?? []).map((arg, n) => condition(arg, `${here}/args/${n}`));
    // What the default does anyway: libseccomp refuses such a rule.
    if (ruleAction.kind === defaultAction.kind && ruleAction.value === defaultAction.value) return;
    const indices = new Set(args.map((arg) => arg.index));
    if (indices.size === args.length) {
      rules.push({ names: rule.names, action: ruleAction, args });
    } else {
      // Several conditions on one argument can't be had in one rule: any of them is enough.
      for (const arg of args) rules.push({ names: rule.names, action: ruleAction, args: [arg] });
    }
  });
  const notifies = rules.some((rule) => rule.action.kind === 'notify');
  const hasListener = (seccomp.listenerPath ?? '') !== '';
  const warn = (key: string, message: string) => warnings.push({ at: `${at}/${key}`, message });
  if (notifies) {
    if (!hasListener) {
      throw invalid(
        `${at}/listenerPath`,
        'seccomp listenerPath is not set, and SCMP_ACT_NOTIFY needs it',
      );
    }
    flags |= NEW_LISTENER;
  } else {
    if (hasListener) {
      warn('listenerPath', 'listenerPath is ignored: no rule has the action SCMP_ACT_NOTIFY');
    }
    if (flags & WAIT_KILLABLE) {
      flags &= ~WAIT_KILLABLE;
      warn(
        'flags',
        'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is ignored: no rule has the action SCMP_ACT_NOTIFY',
      );
    }
  }
  // A call that is newer than the profile was not thought of when it was written: ENOSYS lets the
  // C library fall back, where EPERM would look like a refusal. Not where it is allowed anyway.
  const permissive = ['allow', 'log', 'trace'].includes(defaultAction.kind);
  const already = defaultAction.kind === 'errno' && defaultAction.value === ENOSYS;
  return {
    request: { defaultAction, architectures, rules, enosysForNewer: !permissive && !already },
    flags,
    warnings,
  };
}
