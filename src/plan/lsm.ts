/** AppArmor profile and SELinux labels. */
import type { Linux, Process } from '../spec/config.gen.js';
import { invalid, type PlanBuilder } from './builder.js';
import type { HostFacts } from './input.js';
import type { Step } from './plan.js';

/**
 * What the process becomes at its exec.
 *
 * @throws OcirtError where the host lacks the module: a container without the confinement that
 *   was asked for must not start.
 */
export function lsmSteps(builder: PlanBuilder, process: Process, facts: HostFacts): Step[] {
  const steps: Step[] = [];
  const profile = process.apparmorProfile ?? '';
  if (profile !== '') {
    const at = '/process/apparmorProfile';
    if (facts.apparmor) {
      steps.push({ op: 'lsm', at, attribute: 'apparmor/exec', value: `exec ${profile}` });
    } else if (profile === 'unconfined') {
      builder.warn(at, 'apparmor is not enabled on this host: nothing confines the process');
    } else {
      throw invalid(
        at,
        `unable to apply apparmor profile "${profile}": apparmor is not enabled on this host`,
      );
    }
  }
  const label = process.selinuxLabel ?? '';
  if (label !== '') {
    steps.push({ op: 'lsm', at: '/process/selinuxLabel', attribute: 'exec', value: label });
  }
  return steps;
}

/** The session keyring, so that the process has none of the caller's keys; with its label. */
export function keyringSteps(process: Process, facts: HostFacts, id: string): Step[] {
  const label = process.selinuxLabel ?? '';
  if (label !== '' && !facts.selinux) {
    throw invalid(
      '/process/selinuxLabel',
      'selinux label is specified in config, but selinux is disabled or not supported',
    );
  }
  const keyring: Step = { op: 'keyring', at: '', name: `_ses.${id}` };
  if (label === '') return [keyring];
  const at = '/process/selinuxLabel';
  return [
    { op: 'lsm', at, attribute: 'keycreate', value: label },
    keyring,
    { op: 'lsm', at, attribute: 'keycreate', value: '' },
  ];
}

/** config.linux.mountLabel, or '' (with a warning) where no SELinux is there to understand it. */
export function mountLabel(
  builder: PlanBuilder,
  linux: Linux | undefined,
  facts: HostFacts,
): string {
  const label = linux?.mountLabel ?? '';
  if (label === '' || facts.selinux) return label;
  builder.warn('/linux/mountLabel', 'selinux is not enabled on this host: the label is not used');
  return '';
}
