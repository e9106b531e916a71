import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { SIGNALS } from '../../plan/signals.js';
import { errnoOf } from '../../runtime/errors.js';
import { formatSeconds } from '../../runtime/time.js';
import { usageOfAll } from '../../runtime/usage.js';
import { parseDuration } from '../duration.js';
import { choiceOf, FORMAT } from '../options.js';
import { toJson } from '../plan-text.js';
import {
  clampOffset,
  pictureText,
  plainHeader,
  plainLines,
  roomFor,
  type View,
} from '../top/frame.js';
import { pressKeys } from '../top/keys.js';
import { type Row, rowsOf, type Sample, SORT_KEYS, type SortKey, sortRows } from '../top/sample.js';
import { Screen } from '../top/screen.js';
import type { Context, OptionValues, Verb } from '../verb.js';

const STDOUT = 1;
const { floor, max, min } = Math;
/** Rates take two samples: the second comes this soon, if the interval is not shorter. */
const FIRST_WAIT_MS = 500;
/** Room for IDs in lines: those that are longer push the rest to the right. */
const ID_WIDTH = 12;

interface Settings {
  readonly intervalMs: number;
  /** Infinity: until it is ended. */
  readonly count: number;
  readonly sort: SortKey;
  readonly format: 'table' | 'json';
}

function settingsOf(options: OptionValues): Settings {
  const intervalMs = parseDuration(options.text('interval') ?? '', 'interval');
  if (!(intervalMs > 0)) throw new OcirtError('usage', 'duration interval must be greater than 0');
  const given = options.text('sort');
  const sort = SORT_KEYS.find((key) => key === given);
  if (sort === undefined) {
    throw new OcirtError('usage', `invalid value "${given}" for flag -sort`, {
      hint: `one of ${SORT_KEYS.join(', ')}`,
    });
  }
  const once = options.flag('once') === true;
  const count = once ? 1 : (options.count('count') ?? Number.POSITIVE_INFINITY);
  if (count < 1) throw new OcirtError('usage', 'count must be greater than 0');
  return {
    intervalMs: max(1, Math.ceil(intervalMs)),
    count,
    sort,
    format: choiceOf(options, ['table', 'json']),
  };
}

/** Looks at the containers, time and again. */
class Sampler {
  readonly #context: Context;
  #last: Sample | undefined;
  /** Of the last look: what could not be read. */
  message = '';

  constructor(context: Context) {
    this.#context = context;
  }

  look(): Row[] {
    const { runtime, globals } = this.#context;
    const atNs = BigInt(runtime.native.clock().monotonicNs);
    this.message = '';
    const containers = usageOfAll(runtime, globals.rootGiven, (message) => {
      this.message = message;
    });
    const sample = { atNs, containers };
    const rows = rowsOf(this.#last, sample);
    this.#last = sample;
    return rows;
  }
}

function nowMs(native: Binding): number {
  return floor(Number(BigInt(native.clock().monotonicNs) / 1_000_000n));
}

/** What a row is as JSON; `usage` is that of `stats`. */
function rowDocument({ id, status, created, usage, ...rates }: Row, time: string): object {
  return { time, id, status, created, ...rates, usage };
}

/** For a pipe or a file: lines, and a header before the first. */
function printLines(context: Context, settings: Settings): void {
  const { native, log } = context.runtime;
  const sampler = new Sampler(context);
  const told = new Set<string>();
  const complain = (): void => {
    if (sampler.message === '' || told.has(sampler.message)) return;
    told.add(sampler.message);
    log.warn(sampler.message);
  };
  sampler.look();
  complain();
  let wait = min(settings.intervalMs, FIRST_WAIT_MS);
  if (settings.format === 'table') native.write(STDOUT, plainHeader(ID_WIDTH));
  for (let left = settings.count; left > 0; left--) {
    const gone = native.awaitDescriptors([{ fd: STDOUT, until: 'ended' }], wait);
    if (gone.length > 0) return;
    wait = settings.intervalMs;
    const rows = sortRows(sampler.look(), settings.sort);
    complain();
    const time = formatSeconds(native.clock().realtimeNs);
    const text =
      settings.format === 'json'
        ? rows.map((row) => toJson(rowDocument(row, time), 0)).join('')
        : plainLines(rows, time, ID_WIDTH);
    if (text !== '') native.write(STDOUT, text);
  }
}

/** Ctrl-C is a key to end it with, and no failure. */
function exitCode(signal: number): number {
  return signal === 0 || signal === SIGNALS.INT ? 0 : 128 + signal;
}

/** For a terminal. @returns the exit code */
function showScreen(context: Context, settings: Settings): number {
  const { native } = context.runtime;
  const sampler = new Sampler(context);
  // An error of the first look is told on the screen that is there.
  let rows = sampler.look();
  let view: View = { sort: settings.sort, reverse: false, offset: 0 };
  const colors = (native.environment(['NO_COLOR']).NO_COLOR ?? '') === '';
  const screen = new Screen(native);
  try {
    let next = nowMs(native) + min(settings.intervalMs, FIRST_WAIT_MS);
    let left = settings.count;
    for (;;) {
      const size = screen.size();
      view = { ...view, offset: clampOffset(view.offset, rows.length, size) };
      const time = `${formatSeconds(native.clock().realtimeNs).slice(11, 19)}Z`;
      const { intervalMs } = settings;
      const { message } = sampler;
      screen.draw(pictureText({ rows, view, time, intervalMs, size, colors, message }));
      const woken = screen.wait(max(0, next - nowMs(native)));
      if (woken.why === 'end') return exitCode(woken.signal);
      if (woken.why === 'keys') {
        const pressed = pressKeys(woken.keys, view, roomFor(size));
        if (pressed === undefined) return 0;
        view = pressed;
      }
      if (nowMs(native) < next) continue;
      if (left-- <= 0) return 0;
      rows = sampler.look();
      next = nowMs(native) + settings.intervalMs;
    }
  } finally {
    screen.close();
  }
}

export const top: Verb = {
  name: 'top',
  usage: '',
  summary: 'show all containers and what they use, as it changes',
  description:
    'On a terminal a table that is kept up to date; "q" ends it, and the last line names the other\n' +
    'keys. Into a pipe or a file a line for each container and interval. Shares are of one processor\n' +
    '(CPU%), of the memory limit (MEM%), of the periods of the quota that were throttled (THR%), and\n' +
    'of the last ten seconds in which something waited (pCPU, pMEM, pI/O). "-" is what the kernel\n' +
    'does not count, or not yet.',
  options: [
    {
      name: 'interval',
      argument: 'DURATION',
      description: 'time between two looks, such as 500ms or 5s',
      default: '2s',
    },
    { name: 'count', short: 'n', argument: 'N', description: 'end after so many looks' },
    { name: 'once', description: 'print the table once, also on a terminal' },
    {
      name: 'sort',
      argument: 'KEY',
      description:
        "what is greatest comes first: 'cpu', 'memory', 'pids', 'io', 'pressure'; or 'id'",
      default: 'cpu',
      choices: SORT_KEYS,
    },
    FORMAT,
  ],
  minArguments: 0,
  maxArguments: 0,
  run(context, options) {
    const settings = settingsOf(options);
    const { native } = context.runtime;
    const { TERM = 'dumb' } = native.environment(['TERM']);
    const draws =
      settings.format === 'table' &&
      options.flag('once') !== true &&
      TERM !== 'dumb' &&
      native.isTerminal(STDOUT);
    try {
      if (draws) return showScreen(context, settings);
      printLines(context, settings);
    } catch (error) {
      // Nobody reads any more.
      if (!['EPIPE', 'EIO'].includes(errnoOf(error))) throw error;
    }
    return 0;
  },
};
