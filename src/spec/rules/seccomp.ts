/** Rules of seccomp (config-linux.md, "Seccomp"). */
import type { SeccompAction } from '../config.gen.js';
import type { Findings } from '../faults.js';
import type { Rule } from './context.js';

const NOTIFY = 'SCMP_ACT_NOTIFY';

export const seccomp: Rule = ({ config, findings }) => {
  const filter = config.linux?.seccomp;
  if (filter === undefined) return;
  const at = '/linux/seccomp';
  if (filter.defaultAction === NOTIFY) {
    const message = `${NOTIFY} cannot be used as default action`;
    findings.fault(`${at}/defaultAction`, message, undefined, 'another action');
  } else {
    checkErrno(findings, `${at}/defaultErrnoRet`, filter.defaultAction, filter.defaultErrnoRet);
  }
  let notifies = false;
  filter.syscalls?.forEach((rule, i) => {
    const where = `${at}/syscalls/${i}`;
    if (rule.action === NOTIFY) notifies = true;
    rule.names.forEach((name, j) => {
      if (name === '') {
        findings.fault(`${where}/names/${j}`, 'a system call without a name', name, 'a name');
      }
      if (rule.action === NOTIFY && name === 'write') {
        // As runc refuses it; an error of the last steps is reported with it (native/init).
        const message = `${NOTIFY} cannot be used for the write syscall`;
        findings.fault(`${where}/names/${j}`, message, undefined, 'another action for it');
      }
    });
    checkErrno(findings, `${where}/errnoRet`, rule.action, rule.errnoRet);
  });
  if (notifies && filter.listenerPath === undefined) {
    const message = `seccomp listenerPath is not set, and ${NOTIFY} needs it`;
    findings.fault(`${at}/listenerPath`, message, undefined, 'the path of a socket');
  }
  if (filter.listenerMetadata !== undefined && filter.listenerPath === undefined) {
    const message = 'listenerMetadata must not be set without listenerPath';
    findings.fault(`${at}/listenerMetadata`, message, undefined, 'nothing');
  }
};

/** The highest number that each action with one can give back: MAX_ERRNO, and 16 bits. */
const HIGHEST: { readonly [action in SeccompAction]?: number } = {
  SCMP_ACT_ERRNO: 4095,
  SCMP_ACT_TRACE: 65535,
};

function checkErrno(
  findings: Findings,
  pointer: string,
  action: SeccompAction,
  errno: number | undefined,
): void {
  if (errno === undefined) return;
  const highest = HIGHEST[action];
  if (highest === undefined) {
    findings.fault(pointer, `${action} returns no errno`, errno, 'nothing');
  } else if (errno > highest) {
    findings.fault(pointer, 'no such errno', errno, `at most ${highest}`);
  }
}
