/**
 * What holds for the plan of any configuration: the order of what closes a container is its
 * security. PROPERTY_RUNS says how many configurations are tried (docs/security.md has the threats).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCgroup } from '../cgroup/compile.js';
import type { CgroupFacts } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import type { Config } from '../spec/config.gen.js';
import { ConfigError, loadConfig } from '../spec/load.js';
import { compileCreate } from './compile.js';
import { compileExec } from './compile-exec.js';
import type { Plan, Step, StepOp } from './plan.js';
import { arbitraryConfig } from './testing/arbitrary.js';
import { createInput, FACTS, HYBRID, V1, V2 } from './testing/fixtures.js';

const numRuns = Number(process.env.PROPERTY_RUNS ?? 1000);
const check = <T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, predicate), { numRuns });

function planOf(config: Config, cgroup: CgroupFacts): Plan {
  const facts = { ...FACTS, cgroup };
  return compileCreate({
    ...createInput(),
    config,
    facts,
    cgroup: compileCgroup({
      facts: cgroup,
      linux: config.linux ?? {},
      id: 'c1',
      rootless: false,
      inUserNamespace: false,
    }),
  });
}

const anyPlan = fc
  .tuple(arbitraryConfig, fc.constantFrom(HYBRID, V1, V2))
  .map(([config, cgroup]) => ({ config, plan: planOf(config, cgroup) }));

const ops = (plan: Plan): StepOp[] => plan.steps.map(({ op }) => op);

/** The place of the one step of a kind; -1 where there is none. */
function placeOf(plan: Plan, op: StepOp): number {
  const places = ops(plan).flatMap((each, index) => (each === op ? [index] : []));
  assert.ok(places.length <= 1, `${op} comes ${places.length} times`);
  return places[0] ?? -1;
}

const ROOT: readonly StepOp[] = ['pivot', 'move_root', 'chroot'];
const rootPlace = (plan: Plan): number => ops(plan).findIndex((op) => ROOT.includes(op));

test('what the generator makes is valid', () => {
  check(arbitraryConfig, (config) => {
    const { config: loaded } = loadConfig(JSON.stringify(config));
    assert.equal(loaded.ociVersion, '1.3.0');
  });
});

test('a valid configuration compiles, and the same way each time', () => {
  check(anyPlan, ({ config, plan }) => {
    assert.ok(plan.steps.length > 10);
    assert.deepEqual(planOf(config, HYBRID), planOf(config, HYBRID));
  });
});

test('the root is entered once, and nothing after that names a path of the host', () => {
  const hostNames = (step: Step): boolean =>
    ['root', 'propagation'].includes(step.op) || (step.op === 'bind' && step.source !== undefined);
  check(anyPlan, ({ plan }) => {
    const root = rootPlace(plan);
    assert.ok(root > 0);
    assert.equal(ops(plan).filter((op) => ROOT.includes(op)).length, 1);
    assert.deepEqual(plan.steps.slice(root).filter(hostNames), []);
  });
});

test('mounts, devices and masks are made before the root is entered, masks after mounts', () => {
  const made: readonly StepOp[] = ['mount', 'bind', 'device', 'symlink', 'directory', 'console'];
  check(anyPlan, ({ plan }) => {
    const root = rootPlace(plan);
    const lastMade = ops(plan).findLastIndex((op) => made.includes(op));
    assert.ok(lastMade < root);
    for (const op of ['mask', 'readonly_paths', 'root_readonly'] as const) {
      const place = placeOf(plan, op);
      if (place >= 0) assert.ok(place > lastMade && place < root, op);
    }
  });
});

test('masked and read-only paths, and a read-only root, are all in the plan', () => {
  check(anyPlan, ({ config, plan }) => {
    const paths = (op: 'mask' | 'readonly_paths'): string[] =>
      plan.steps.flatMap((step) => (step.op === op ? [...step.paths] : []));
    assert.deepEqual(paths('mask'), config.linux?.maskedPaths ?? []);
    assert.deepEqual(paths('readonly_paths'), config.linux?.readonlyPaths ?? []);
    assert.equal(ops(plan).includes('root_readonly'), config.root?.readonly === true);
  });
});

test('rights go in order: the bounding set, the user, the capabilities, and then the program', () => {
  check(anyPlan, ({ config, plan }) => {
    const order = (['bounding_caps', 'user', 'caps', 'exec'] as const).map((op) => {
      const places = ops(plan).flatMap((each, index) => (each === op ? [index] : []));
      assert.ok(places.length > 0, op);
      return { first: places[0] as number, last: places.at(-1) as number };
    });
    for (const [index, { last }] of order.slice(0, -1).entries()) {
      assert.ok(last < (order[index + 1]?.last ?? -1));
    }
    const exec = plan.steps.at(-1);
    assert.equal(exec?.op, 'exec');
    if (config.process?.noNewPrivileges) assert.ok(placeOf(plan, 'no_new_privs') >= 0);
  });
});

test('the last capabilities are those of the configuration, and no more', () => {
  const BITS: Readonly<Record<string, bigint>> = {
    CAP_CHOWN: 0n,
    CAP_KILL: 5n,
    CAP_SETUID: 7n,
    CAP_NET_RAW: 13n,
    CAP_SYS_ADMIN: 21n,
  };
  const mask = (names: readonly string[] = []): bigint =>
    names.reduce((sum, name) => sum | (1n << (BITS[name] as bigint)), 0n);
  check(anyPlan, ({ config, plan }) => {
    const wanted = config.process?.capabilities;
    const last = plan.steps.findLast((step) => step.op === 'caps');
    assert.ok(last?.op === 'caps');
    assert.equal(BigInt(last.effective), mask(wanted?.effective));
    assert.equal(BigInt(last.permitted), mask(wanted?.permitted));
    assert.equal(BigInt(last.inheritable), mask(wanted?.inheritable));
    assert.equal(BigInt(last.ambient), mask(wanted?.ambient));
    const bounding = plan.steps.find((step) => step.op === 'bounding_caps');
    assert.ok(bounding?.op === 'bounding_caps');
    assert.equal(BigInt(bounding.mask), mask(wanted?.bounding));
  });
});

test('the filter of system calls comes after all that it might forbid', () => {
  // What comes between it and the program: hooks, which it is for as well (as with runc), and the
  // end of the capabilities that had to be kept to install it.
  const after: readonly StepOp[] = ['hook', 'caps', 'exec'];
  check(anyPlan, ({ config, plan }) => {
    const place = placeOf(plan, 'seccomp');
    assert.equal(place >= 0, config.linux?.seccomp !== undefined);
    if (place < 0) return;
    for (const op of ops(plan).slice(place + 1)) assert.ok(after.includes(op), op);
  });
});

test('nothing of the container runs before the host has said so', () => {
  check(anyPlan, ({ plan }) => {
    const ready = placeOf(plan, 'ready');
    const start = placeOf(plan, 'wait_start');
    assert.ok(ready >= 0 && start > ready);
    for (const [index, step] of plan.steps.entries()) {
      if (step.op === 'hook' && step.name === 'startContainer') assert.ok(index > start);
      if (step.op === 'hook' && step.name === 'createContainer') assert.ok(index < rootPlace(plan));
      if (step.op === 'exec') assert.ok(index > start);
    }
  });
});

test('every step says what asked for it, and every number of a resource is one', () => {
  check(anyPlan, ({ config, plan }) => {
    for (const step of [...plan.steps, ...plan.resources]) {
      assert.ok(step.at === '' || resolves(config, step.at), `${JSON.stringify(step)}`);
    }
    for (const step of plan.steps) {
      if (!('resource' in step) || step.resource === undefined) continue;
      assert.ok(step.resource >= 0 && step.resource < plan.resources.length);
    }
  });
});

/** Whether a JSON pointer leads somewhere in the configuration, or to what is left out of it. */
function resolves(config: Config, pointer: string): boolean {
  let at: unknown = config;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    // A default: the part that is missing asked for it by not being there.
    if (at === undefined) return true;
  }
  return true;
}

test('exec joins before it does anything else, and ends with the same order of rights', () => {
  const namespaces = fc.subarray(['user', 'ipc', 'uts', 'network', 'pid', 'mount', 'cgroup']);
  check(fc.tuple(arbitraryConfig, namespaces), ([config, joined]) => {
    const plan = compileExec({
      config,
      process: config.process as NonNullable<Config['process']>,
      facts: FACTS,
      id: 'c1',
      pid: 77,
      namespaces: joined,
      preserveFds: 0,
      console: false,
      noNewKeyring: false,
    });
    const list = ops(plan);
    if (joined.length > 0) assert.ok(list.indexOf('join') <= 2);
    const rights = (['bounding_caps', 'user', 'caps', 'exec'] as const).map((op) =>
      list.lastIndexOf(op),
    );
    assert.ok(rights.every((place, index) => place > (rights[index - 1] ?? 0)));
    assert.equal(list.at(-1), 'exec');
    assert.ok(!list.includes('wait_start'));
  });
});

/** A configuration in which one thing is another value, is missing, or stands twice. */
const mutated = fc
  .tuple(arbitraryConfig, fc.nat(), fc.anything({ maxDepth: 2 }), fc.boolean())
  .map(([config, where, value, remove]) => {
    const copy = structuredClone(config) as unknown as Record<string, unknown>;
    const places: [Record<string, unknown>, string][] = [];
    const visit = (at: unknown): void => {
      if (typeof at !== 'object' || at === null) return;
      for (const key of Object.keys(at)) {
        places.push([at as Record<string, unknown>, key]);
        visit((at as Record<string, unknown>)[key]);
      }
    };
    visit(copy);
    const [owner, key] = places[where % places.length] as [Record<string, unknown>, string];
    if (remove) delete owner[key];
    else owner[key] = value;
    return copy;
  });

test('a changed configuration loads and compiles, or is refused with the place', () => {
  check(mutated, (config) => {
    let text: string | undefined;
    try {
      text = JSON.stringify(config);
    } catch {
      // A bigint, which JSON has not.
    }
    fc.pre(text !== undefined);
    try {
      planOf(loadConfig(text as string).config, HYBRID);
    } catch (error) {
      if (error instanceof ConfigError) {
        assert.ok(error.faults.length > 0);
        for (const { pointer } of error.faults) assert.match(pointer, /^(\/|$)/);
        return;
      }
      assert.ok(error instanceof OcirtError, `${String(error)}\n${(error as Error).stack}`);
      assert.notEqual(error.code, '');
    }
  });
});

test('any text is a configuration or a clear error', () => {
  check(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (text) => {
    try {
      loadConfig(text);
      assert.fail('it was taken');
    } catch (error) {
      assert.ok(error instanceof OcirtError || error instanceof ConfigError, String(error));
    }
  });
});
