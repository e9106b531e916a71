/** The table of verbs: what the general help needs, and where the rest is loaded from. */
import type { Verb } from './verb.js';

export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the verb; only the one that was asked for is. */
  load(): Promise<Verb>;
}

export const VERBS: readonly VerbEntry[] = [
  {
    name: 'bundle',
    summary: 'make a bundle from an image, an archive or options; what changed in it',
    load: async () => (await import('./verbs/bundle.js')).bundle,
  },
  {
    name: 'checkpoint',
    summary: 'save the processes of a running container',
    load: async () => (await import('./verbs/checkpoint.js')).checkpoint,
  },
  {
    name: 'completion',
    summary: 'print a script that completes command lines',
    load: async () => (await import('./verbs/completion.js')).completion,
  },
  {
    name: 'create',
    summary: 'create a container',
    load: async () => (await import('./verbs/create.js')).create,
  },
  {
    name: 'delete',
    summary: 'delete a container and all that was made for it',
    load: async () => (await import('./verbs/delete.js')).remove,
  },
  {
    name: 'doctor',
    summary: 'say what this host can do, why not, and what mends it',
    load: async () => (await import('./verbs/doctor.js')).doctor,
  },
  {
    name: 'events',
    summary: 'print statistics and OOM events of a container, as JSON',
    load: async () => (await import('./verbs/events.js')).events,
  },
  {
    name: 'exec',
    summary: 'run another process in a container',
    load: async () => (await import('./verbs/exec.js')).exec,
  },
  {
    name: 'features',
    summary: 'print what this runtime supports, as JSON',
    load: async () => (await import('./verbs/features.js')).features,
  },
  {
    name: 'kill',
    summary: "send a signal to a container's first process",
    load: async () => (await import('./verbs/kill.js')).kill,
  },
  {
    name: 'list',
    summary: 'list the containers of a root',
    load: async () => (await import('./verbs/list.js')).list,
  },
  {
    name: 'mounts',
    summary: 'add mounts to a running container, or remove them',
    load: async () => (await import('./verbs/mounts.js')).mounts,
  },
  {
    name: 'pause',
    summary: 'suspend all processes of a container',
    load: async () => (await import('./verbs/pause.js')).pause,
  },
  {
    name: 'plan',
    summary: 'print what create would do, and do nothing',
    load: async () => (await import('./verbs/plan.js')).plan,
  },
  {
    name: 'ps',
    summary: 'show the processes of a container',
    load: async () => (await import('./verbs/ps.js')).ps,
  },
  {
    name: 'restore',
    summary: 'make a container again from its checkpoint',
    load: async () => (await import('./verbs/restore.js')).restore,
  },
  {
    name: 'resume',
    summary: 'resume a paused container',
    load: async () => (await import('./verbs/resume.js')).resume,
  },
  {
    name: 'run',
    summary: 'create and start a container',
    load: async () => (await import('./verbs/run.js')).run,
  },
  {
    name: 'sandbox',
    summary: 'run a command in a container that is made for it',
    load: async () => (await import('./verbs/sandbox.js')).sandbox,
  },
  {
    name: 'spec',
    summary: 'write a config.json to start from',
    load: async () => (await import('./verbs/spec.js')).spec,
  },
  {
    name: 'start',
    summary: 'start a created container',
    load: async () => (await import('./verbs/start.js')).start,
  },
  {
    name: 'state',
    summary: 'print the state of a container, as JSON',
    load: async () => (await import('./verbs/state.js')).state,
  },
  {
    name: 'stats',
    summary: 'show what containers have used: time, memory, pids, I/O',
    load: async () => (await import('./verbs/stats.js')).stats,
  },
  {
    name: 'top',
    summary: 'show all containers and what they use, as it changes',
    load: async () => (await import('./verbs/top.js')).top,
  },
  {
    name: 'update',
    summary: 'change the limits of a container',
    load: async () => (await import('./verbs/update.js')).update,
  },
  {
    name: 'validate',
    summary: 'check the config.json of a bundle',
    load: async () => (await import('./verbs/validate.js')).validate,
  },
  {
    name: 'wait',
    summary: "wait for the end of a container's first process, and print its exit status",
    load: async () => (await import('./verbs/wait.js')).wait,
  },
];
