// Reads the Test Anything Protocol, as much of it as our own programs and the upstream validation
// programs print.

/**
 * The tests of a TAP text, how many its plan says, and whether it is whole: as many as that. Lines of
 * comment after a test are its details.
 */
export function parseTap(text) {
  const tests = [];
  let planned;
  for (const line of text.split('\n')) {
    const plan = /^1\.\.(\d+)/.exec(line);
    if (plan !== null) planned = (planned ?? 0) + Number(plan[1]);
    const test = /^(not )?ok\b(?: (\d+))?(?: -)? ?(.*?)(?: ?# SKIP:? ?(.*))?$/i.exec(line);
    if (test !== null) {
      const [, not, , name, reason] = test;
      const outcome = reason !== undefined ? 'skipped' : not ? 'failed' : 'passed';
      tests.push({ name, outcome, reason, error: '' });
    } else if (line.startsWith('# ') && tests.length > 0) {
      tests.at(-1).error += `${line.slice(2)}\n`;
    }
  }
  return { tests, planned, complete: planned === tests.length };
}
