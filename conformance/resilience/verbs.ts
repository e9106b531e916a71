/** The verbs that faults are injected into: what each needs, and what must be true after it. */
import { cpSync } from 'node:fs';
import type { Container, Sandbox } from '../lib/sandbox.js';

export interface Verb {
  readonly name: string;
  /** Makes what the verb is to work on. */
  readonly prepare: (s: Sandbox, container: Container) => Promise<void>;
  readonly words: (s: Sandbox, container: Container) => string[];
  /**
   * A failure leaves nothing: the verb is a transaction. Of the others a failure may leave the
   * container as it was or as the verb would have made it.
   */
  readonly undoes?: boolean;
  /** Calls that are left out. */
  readonly spared?: readonly string[];
  /** What a failed verb must not have done: the container is still there. */
  readonly keeps?: boolean;
}

/**
 * In the foreground write(2) tells us of a SIGCHLD through a pipe of our own, which has room, and
 * wait4(2) has the child that it tells of: were they to fail, nothing could be told.
 */
const FOREGROUND: readonly string[] = ['write', 'wait4'];

/** The container of a verb's tests, and beside its bundle another for `run`, whose process ends. */
export function containerOf(s: Sandbox): Container {
  const container = s.container((config) => {
    config.process.args = ['/payload', 'pause'];
  });
  const ending = `${container.bundle}-true`;
  cpSync(container.bundle, ending, { recursive: true });
  const config = s.readConfig(ending);
  config.process.args = ['/payload', 'exit', '0'];
  s.writeConfig(ending, config);
  return container;
}

const nothing = async (): Promise<void> => {};

function create(container: Container): void {
  container.must('create', ['--bundle', container.bundle]);
}

async function running(_: Sandbox, container: Container): Promise<void> {
  create(container);
  container.must('start');
  await container.until('running');
}

async function stopped(s: Sandbox, container: Container): Promise<void> {
  await running(s, container);
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
}

export const VERBS: readonly Verb[] = [
  {
    name: 'create',
    prepare: nothing,
    words: (s, { id, bundle }) => ['create', '--bundle', bundle, '--pid-file', s.path('pid'), id],
    undoes: true,
  },
  {
    name: 'start',
    prepare: async (_, container) => create(container),
    words: (_, { id }) => ['start', id],
    keeps: true,
  },
  {
    name: 'run',
    prepare: nothing,
    words: (_, { id, bundle }) => ['run', '--bundle', `${bundle}-true`, id],
    undoes: true,
    spared: FOREGROUND,
  },
  {
    name: 'exec',
    prepare: running,
    words: (_, { id }) => ['exec', id, '/payload', 'exit', '0'],
    keeps: true,
    spared: FOREGROUND,
  },
  {
    name: 'state',
    prepare: running,
    words: (_, { id }) => ['state', id],
    keeps: true,
  },
  {
    name: 'list',
    prepare: running,
    words: () => ['list'],
    keeps: true,
  },
  {
    name: 'ps',
    prepare: running,
    words: (_, { id }) => ['ps', '--format', 'json', id],
    keeps: true,
  },
  {
    name: 'pause',
    prepare: running,
    words: (_, { id }) => ['pause', id],
    keeps: true,
  },
  {
    name: 'resume',
    prepare: async (s, container) => {
      await running(s, container);
      container.must('pause');
    },
    words: (_, { id }) => ['resume', id],
    keeps: true,
  },
  {
    name: 'update',
    prepare: running,
    words: (_, { id }) => ['update', '--pids-limit', '50', id],
    keeps: true,
  },
  {
    name: 'events --stats',
    prepare: running,
    words: (_, { id }) => ['events', '--stats', id],
    keeps: true,
  },
  {
    name: 'kill',
    prepare: running,
    words: (_, { id }) => ['kill', id, 'KILL'],
    keeps: true,
  },
  {
    name: 'delete',
    prepare: stopped,
    words: (_, { id }) => ['delete', id],
  },
  {
    name: 'delete --force',
    prepare: running,
    words: (_, { id }) => ['delete', '--force', id],
  },
];
