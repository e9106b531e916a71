/** Programs that work together with the runtime, and engines: are they there, do they know ocirt? */
import { NAME } from '../../version.js';
import { type Check, findProgram, isThere, type Patient, textOf } from './check.js';

const AREA = 'programs';

interface Program {
  readonly names: readonly string[];
  readonly without: string;
  readonly package: string;
}

const PROGRAMS: readonly Program[] = [
  { names: ['criu'], without: 'no checkpoint and restore', package: 'criu' },
  { names: ['ps'], without: `"${NAME} ps" prints JSON only`, package: 'procps' },
  {
    names: ['fuse-overlayfs'],
    without: 'what overlayfs can not do, engines copy',
    package: 'fuse-overlayfs',
  },
];

function programChecks(patient: Patient): Check[] {
  return PROGRAMS.map(({ names, without, package: from }): Check => {
    const [name = ''] = names;
    const path = names.map((one) => findProgram(patient, one)).find((one) => one !== undefined);
    const base = { area: AREA, name };
    if (path !== undefined) return { ...base, grade: 'good', reason: path };
    return {
      ...base,
      grade: 'limited',
      reason: `not installed: ${without}`,
      mend: `apt install ${from}`,
    };
  });
}

const CNI_FOLDERS = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];

function networkPlugins(patient: Patient): Check {
  const { native } = patient;
  const base = { area: AREA, name: 'CNI plugins' };
  const folder = CNI_FOLDERS.find((path) => isThere(native, `${path}/bridge`));
  const netavark = ['/usr/lib/podman/netavark', '/usr/libexec/podman/netavark'].find((path) =>
    isThere(native, path),
  );
  if (folder !== undefined) return { ...base, grade: 'good', reason: folder };
  if (netavark !== undefined) return { ...base, grade: 'good', reason: `none, but ${netavark}` };
  return {
    ...base,
    grade: 'limited',
    reason: 'neither these nor netavark: engines give containers no network',
    mend: 'apt install containernetworking-plugins',
  };
}

interface Engine {
  readonly name: string;
  readonly program: string;
  /** Where it is configured; what ends in `/` is a folder of such files. */
  readonly files: (home: string) => readonly string[];
  /** What says that it knows ocirt. */
  readonly knows: RegExp;
  readonly mend: string;
}

const ENGINES: readonly Engine[] = [
  {
    name: 'Podman',
    program: 'podman',
    files: (home) => [
      '/usr/share/containers/containers.conf',
      '/etc/containers/containers.conf',
      '/etc/containers/containers.conf.d/',
      `${home}/.config/containers/containers.conf`,
      `${home}/.config/containers/containers.conf.d/`,
    ],
    knows: /^\s*(ocirt\s*=\s*\[|runtime\s*=\s*"[^"]*ocirt")/m,
    mend: 'runtime = "/usr/bin/ocirt" in [engine] of /etc/containers/containers.conf',
  },
  {
    name: 'containerd',
    program: 'containerd',
    files: () => ['/etc/containerd/config.toml', '/etc/containerd/conf.d/'],
    knows: /^\s*BinaryName\s*=\s*["'][^"']*ocirt["']/m,
    mend: 'a runtime of type io.containerd.runc.v2 with options.BinaryName = "/usr/bin/ocirt" in /etc/containerd/config.toml',
  },
  {
    name: 'Docker',
    program: 'dockerd',
    files: (home) => ['/etc/docker/daemon.json', `${home}/.config/docker/daemon.json`],
    knows: /"path"\s*:\s*"[^"]*ocirt"/,
    mend: '"runtimes": {"ocirt": {"path": "/usr/bin/ocirt"}} in /etc/docker/daemon.json, then systemctl reload docker',
  },
];

function engineFiles(patient: Patient, engine: Engine): string[] {
  const { native, environment } = patient;
  return engine.files(environment.HOME ?? '/root').flatMap((file) => {
    if (!file.endsWith('/')) return [file];
    try {
      return (native.readDirectory(file) ?? []).map((name) => file + name);
    } catch {
      return [];
    }
  });
}

/** Engines that are installed, and whether a configuration of theirs names ocirt. */
export function engineChecks(patient: Patient): Check[] {
  return ENGINES.flatMap((engine): Check[] => {
    if (findProgram(patient, engine.program) === undefined) return [];
    const base = { area: 'engines', name: engine.name };
    const file = engineFiles(patient, engine).find((path) =>
      engine.knows.test(textOf(patient.native, path) ?? ''),
    );
    if (file !== undefined) return [{ ...base, grade: 'good', reason: `${file} names ${NAME}` }];
    return [
      {
        ...base,
        grade: 'limited',
        reason: `no configuration of it names ${NAME}`,
        mend: engine.mend,
      },
    ];
  });
}

/** All of these areas. */
export function outerChecks(patient: Patient): Check[] {
  return [...programChecks(patient), networkPlugins(patient), ...engineChecks(patient)];
}
