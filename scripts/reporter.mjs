// A reporter for node:test that says one JSON object a line for each test that has ended, for
// scripts/test.mjs:
//
//   {"name", "outcome": "passed" | "failed" | "skipped", "reason", "error", "milliseconds"}
//
// What only groups tests is left out: a suite, and a test that failed because of a test inside it.
import { inspect } from 'node:util';

/** What went wrong, without the frames of Node.js itself. */
export function errorText(error) {
  const cause = error?.cause ?? error;
  const text =
    cause instanceof Error ? (cause.stack ?? String(cause)) : inspect(cause, { depth: 4 });
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*(node:internal|node:async_hooks)/.test(line))
    .join('\n');
}

/** The line for a test that has ended, or undefined for what only groups. */
export function lineOf(kind, data, name) {
  if (data.details?.type === 'suite' && data.details?.error?.failureType !== 'hookFailed') return;
  const milliseconds = data.details?.duration_ms;
  if (data.skip !== undefined && data.skip !== false) {
    return { name, outcome: 'skipped', reason: reasonOf(data.skip), milliseconds };
  }
  if (data.todo !== undefined && data.todo !== false) {
    return { name, outcome: 'skipped', reason: `to do: ${reasonOf(data.todo)}`, milliseconds };
  }
  if (kind === 'test:pass') return { name, outcome: 'passed', milliseconds };
  if (data.details?.error?.failureType === 'subtestsFailed') return;
  return { name, outcome: 'failed', error: errorText(data.details?.error), milliseconds };
}

const reasonOf = (value) => (typeof value === 'string' ? value : '');

export default async function* reporter(source) {
  // Children end before their parents: the names of those around are learnt when they start.
  const open = [];
  for await (const event of source) {
    if (event.type === 'test:start') {
      open.length = event.data.nesting;
      open[event.data.nesting] = event.data.name;
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const around = open.slice(0, event.data.nesting);
    const line = lineOf(event.type, event.data, [...around, event.data.name].join(' > '));
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}
