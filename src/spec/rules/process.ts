/** Rules of the process (config.md, "Process"); for exec's process.json too. */
import type { Capabilities, Process, Scheduler } from '../config.gen.js';
import type { Findings } from '../faults.js';
import { ABSOLUTE, checkList, isAbsolute } from './context.js';

/** @param at the process's own pointer: /process, or '' for a process.json. */
export function checkProcess(process: Process, at: string, findings: Findings): void {
  checkArguments(process, at, findings);
  checkEnvironment(process, at, findings);
  checkRlimits(process, at, findings);
  if (process.capabilities !== undefined) {
    checkCapabilities(process.capabilities, `${at}/capabilities`, findings);
  }
  if (process.scheduler !== undefined) {
    checkScheduler(process.scheduler, `${at}/scheduler`, findings);
  }
  const affinity = process.execCPUAffinity;
  checkList(findings, `${at}/execCPUAffinity/initial`, affinity?.initial);
  checkList(findings, `${at}/execCPUAffinity/final`, affinity?.final);
}

function checkArguments({ args, cwd }: Process, at: string, findings: Findings): void {
  const allowed = 'a program and its arguments';
  if (args === undefined || args.length === 0) {
    findings.fault(`${at}/args`, 'args must not be empty', args, allowed);
  } else if (args[0] === '') {
    findings.fault(`${at}/args/0`, 'the program to execute has no name', args[0], allowed);
  }
  if (cwd !== undefined && cwd !== '' && !isAbsolute(cwd)) {
    findings.fault(`${at}/cwd`, 'Cwd must be an absolute path', cwd, ABSOLUTE);
  }
}

function checkEnvironment({ env }: Process, at: string, findings: Findings): void {
  env?.forEach((entry, i) => {
    const equals = entry.indexOf('=');
    if (equals > 0) return;
    const problem = equals === 0 ? 'name cannot be empty' : "missing '='";
    findings.fault(
      `${at}/env/${i}`,
      `invalid environment variable: ${problem}`,
      entry,
      'NAME=VALUE',
    );
  });
}

function checkRlimits({ rlimits }: Process, at: string, findings: Findings): void {
  const seen = new Set<string>();
  rlimits?.forEach(({ type, soft, hard }, i) => {
    if (seen.has(type)) {
      findings.fault(`${at}/rlimits/${i}/type`, 'the same rlimit twice', type, 'each type once');
    }
    seen.add(type);
    if (soft > hard) {
      const message = `the soft limit is above the hard limit of ${hard}`;
      findings.fault(`${at}/rlimits/${i}/soft`, message, soft, `at most ${hard}`);
    }
  });
}

/**
 * What the kernel would refuse to grant is a warning, not a fault: "Runtimes SHOULD NOT fail"
 * (config.md, "Linux Process").
 */
function checkCapabilities(sets: Capabilities, at: string, findings: Findings): void {
  const permitted = new Set(sets.permitted);
  const inheritable = new Set(sets.inheritable);
  sets.effective?.forEach((name, i) => {
    if (permitted.has(name)) return;
    const message = 'a capability that is not permitted can not be effective';
    findings.warn(`${at}/effective/${i}`, message, name, 'capabilities of the permitted set');
  });
  sets.ambient?.forEach((name, i) => {
    if (permitted.has(name) && inheritable.has(name)) return;
    const missing = permitted.has(name) ? 'inheritable' : 'permitted';
    const message = `can't raise ambient capability ${name}: it is not ${missing}`;
    findings.warn(`${at}/ambient/${i}`, message, name, 'permitted and inheritable capabilities');
  });
}

/** As sched_setattr(2) has it. */
function checkScheduler(scheduler: Scheduler, at: string, findings: Findings): void {
  const { policy, nice, priority } = scheduler;
  if (policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH') {
    if (nice !== undefined && (nice < -20 || nice > 19)) {
      const message = `invalid scheduler.nice: ${nice} when scheduler.policy is ${policy}`;
      findings.fault(`${at}/nice`, message, nice, 'from -20 to 19');
    }
  }
  if (policy === 'SCHED_FIFO' || policy === 'SCHED_RR') {
    if (priority === undefined || priority < 1 || priority > 99) {
      const message = `${policy} needs a priority from 1 to 99`;
      findings.fault(`${at}/priority`, message, priority, 'from 1 to 99');
    }
  } else if (priority !== undefined && priority !== 0) {
    const message = 'scheduler.priority can only be specified for SchedFIFO or SchedRR policy';
    findings.fault(`${at}/priority`, message, priority, 'nothing, or 0');
  }
  if (policy === 'SCHED_DEADLINE') {
    checkDeadline(scheduler, at, findings);
    return;
  }
  for (const name of ['runtime', 'deadline', 'period'] as const) {
    const value = scheduler[name];
    if (value === undefined || Number(value) === 0) continue;
    const message =
      'scheduler runtime/deadline/period can only be specified for SchedDeadline policy';
    findings.fault(`${at}/${name}`, message, value, 'nothing, or 0');
  }
}

/** sched(7): runtime <= deadline <= period, where a period of 0 is the deadline. */
function checkDeadline(scheduler: Scheduler, at: string, findings: Findings): void {
  const { runtime = 0, deadline = 0, period = 0 } = scheduler;
  if (runtime < 1024) {
    findings.fault(`${at}/runtime`, 'too short for the kernel', scheduler.runtime, 'at least 1024');
  } else if (runtime > deadline) {
    const message = 'the runtime is longer than the deadline';
    findings.fault(`${at}/runtime`, message, runtime, `at most ${deadline}`);
  }
  if (Number(period) !== 0 && deadline > period) {
    const message = 'the deadline is longer than the period';
    findings.fault(`${at}/deadline`, message, deadline, `at most ${period}`);
  }
}
