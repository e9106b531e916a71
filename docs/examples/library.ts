/**
 * The library at work: looks at a bundle, makes a container of it step by step, then waits for
 * others without holding up anything else.
 *
 *   npx tsc -p docs/examples
 *   bundles/prepare hello /tmp/bundle
 *   node dist/docs/examples/library.js /tmp/bundle /tmp/state
 */
import {
  create,
  eventsAsync,
  kill,
  OcirtError,
  openRuntime,
  plan,
  type Runtime,
  remove,
  runAsync,
  start,
  state,
  validate,
  waitAsync,
} from 'ocirt';

const [bundle = '.', root = '/run/ocirt-example'] = process.argv.slice(2);

const log = {
  error: (message: string) => console.error(message),
  warn: (message: string) => console.error(message),
  debug: () => {},
};
const runtime: Runtime = openRuntime({ root, log });
/** An ID of this run's own. */
const id = (name: string) => `${name}-${process.pid}`;

// Every fault of config.json, and nothing is touched.
const { valid, faults, warnings } = validate(runtime, { bundle });
for (const { pointer, message } of [...faults, ...warnings]) console.log(`${pointer}: ${message}`);
if (!valid) process.exit(1);

// What would be done, as data.
const planned = plan(runtime, { id: id('one'), bundle });
console.log(
  `a plan of ${planned.plan.steps.length} steps, the last: ${planned.plan.steps.at(-1)?.op}`,
);

// A life, step by step. What takes milliseconds is synchronous.
const { pid } = create(runtime, { id: id('one'), bundle });
console.log(`one is ${state(runtime, id('one')).status}, process ${pid}`);
start(runtime, id('one'));
const end = await waitAsync(runtime, id('one'));
console.log(`one has ended with ${end.exitCode}, and is ${state(runtime, id('one')).status}`);
remove(runtime, { id: id('one') });

// Two at once, while a timer goes on.
let ticks = 0;
const timer = setInterval(() => ticks++, 5);
const codes = await Promise.all(
  ['two', 'three'].map((name) => runAsync(runtime, { id: id(name), bundle })),
);
clearInterval(timer);
console.log(`two and three: ${codes.join(', ')}; ${ticks > 0 ? 'the timer went on' : 'no tick'}`);

// What a container uses, as it happens, until enough is known. This one is created and never started.
create(runtime, { id: id('four'), bundle });
for await (const event of eventsAsync(runtime, id('four'), { intervalMs: 100 })) {
  if (event.type !== 'stats') continue;
  console.log(`four has ${event.data.pids.current} process`);
  break;
}
kill(runtime, { id: id('four'), signal: 9 });
console.log(`four has ended with ${(await waitAsync(runtime, id('four'))).exitCode}`);
remove(runtime, { id: id('four') });

// Errors have a code that stays, and the place that is at fault.
try {
  start(runtime, id('five'));
} catch (error) {
  if (!(error instanceof OcirtError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
