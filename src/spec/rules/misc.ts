/** Rules of the rest: version, hooks, annotations, NUMA policy, RDT, personality, cgroup path. */
import { escapePointer } from '../json.js';
import { ABSOLUTE, countOfList, isAbsolute, LIST, type Rule } from './context.js';
import { checkBandwidthLine } from './formats.js';

/** https://semver.org, version 2.0.0. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

/** The newest minor version of the specification that is implemented. */
const NEWEST_MINOR = 3;

export const version: Rule = ({ config, findings }) => {
  const found = config.ociVersion;
  const match = SEMVER.exec(found);
  if (match === null) {
    findings.fault('/ociVersion', 'not a SemVer 2.0.0 version', found, 'such as 1.3.0');
  } else if (match[1] !== '1') {
    const message = 'unsupported version of the specification';
    findings.fault('/ociVersion', message, found, `1.0.0 to 1.${NEWEST_MINOR}`);
  } else if (Number(match[2]) > NEWEST_MINOR) {
    const message = `newer than 1.${NEWEST_MINOR}: what only it knows is ignored`;
    findings.warn('/ociVersion', message, found, `1.0.0 to 1.${NEWEST_MINOR}`);
  }
};

export const hooks: Rule = ({ config, findings }) => {
  for (const [name, list] of Object.entries(config.hooks ?? {})) {
    // An unknown property of `hooks` can be anything.
    if (!Array.isArray(list)) continue;
    list.forEach((hook, i) => {
      if (typeof hook?.path !== 'string' || hook.path === '' || isAbsolute(hook.path)) return;
      const at = `/hooks/${escapePointer(name)}/${i}/path`;
      findings.fault(at, 'the path of a hook must be absolute', hook.path, ABSOLUTE);
    });
  }
};

export const annotations: Rule = ({ config, findings }) => {
  if (config.annotations === undefined || !Object.hasOwn(config.annotations, '')) return;
  findings.fault('/annotations/', 'an annotation without a name', undefined, 'a name');
};

export const cgroupsPath: Rule = ({ config, findings }) => {
  const path = config.linux?.cgroupsPath;
  if (path === undefined || !path.split('/').includes('..')) return;
  findings.fault('/linux/cgroupsPath', 'must not lead upwards', path, 'a path without ".."');
};

/** set_mempolicy(2): which modes take nodes. */
const NODELESS = ['MPOL_DEFAULT', 'MPOL_LOCAL'];
const NODES_NEEDED = [
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED_MANY',
];

export const memoryPolicy: Rule = ({ config, findings }) => {
  const policy = config.linux?.memoryPolicy;
  if (policy === undefined) return;
  const at = '/linux/memoryPolicy';
  const list = policy.nodes?.trim() ?? '';
  const count = list === '' ? 0 : countOfList(list);
  if (count === null) {
    findings.fault(`${at}/nodes`, 'invalid memory policy nodes', policy.nodes, LIST);
  } else if (count > 0 && NODELESS.includes(policy.mode)) {
    const message = `memory policy mode requires 0 nodes but got ${count}`;
    findings.fault(`${at}/nodes`, message, policy.nodes, 'nothing');
  } else if (count === 0 && NODES_NEEDED.includes(policy.mode)) {
    const message = 'memory policy mode requires at least one node but got 0';
    findings.fault(`${at}/nodes`, message, policy.nodes, LIST);
  }
  const last = policy.flags?.lastIndexOf('MPOL_F_STATIC_NODES') ?? -1;
  const other = policy.flags?.lastIndexOf('MPOL_F_RELATIVE_NODES') ?? -1;
  if (last !== -1 && other !== -1) {
    const message = 'MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other';
    findings.fault(`${at}/flags/${Math.max(last, other)}`, message, undefined, 'one of them');
  }
};

export const intelRdt: Rule = ({ config, findings }) => {
  const rdt = config.linux?.intelRdt;
  if (rdt === undefined) return;
  const at = '/linux/intelRdt';
  const { closID, l3CacheSchema, memBwSchema } = rdt;
  if (closID === '.' || closID === '..' || (closID !== '/' && closID?.includes('/'))) {
    const message = `invalid intelRdt.ClosID ${JSON.stringify(closID)}`;
    findings.fault(`${at}/closID`, message, undefined, 'a name without slashes, or /');
  }
  if (memBwSchema !== undefined) checkBandwidthLine(findings, `${at}/memBwSchema`, memBwSchema);
  if (
    l3CacheSchema !== undefined &&
    (!l3CacheSchema.startsWith('L3') || l3CacheSchema.includes('\n'))
  ) {
    const message = 'not a line that starts with L3:';
    findings.warn(`${at}/l3CacheSchema`, message, l3CacheSchema, 'one line, from L3: on');
  }
  rdt.schemata?.forEach((line, i) => {
    if (!line.includes('\n')) return;
    findings.fault(`${at}/schemata/${i}`, 'more than one line', line, 'one line');
  });
};

export const personality: Rule = ({ config, findings }) => {
  config.linux?.personality?.flags?.forEach((flag, i) => {
    const message = 'personality flags are not supported, and ignored';
    findings.warn(`/linux/personality/flags/${i}`, message, flag, 'none');
  });
};
