import type { Diagnosis } from '../../runtime/doctor/check.js';
import { diagnose } from '../../runtime/doctor/doctor.js';
import { NAME } from '../../version.js';
import { FORMAT, formatOf } from '../options.js';
import type { Verb } from '../verb.js';

/** The widest name of a check that others are lined up with. */
const NAME_WIDTH = 22;

/** The findings for people: by area, a line each, and below what is not good what mends it. */
export function diagnosisText({ usable, checks }: Diagnosis): string {
  const lines: string[] = [];
  for (const area of new Set(checks.map((check) => check.area))) {
    lines.push(area);
    for (const { name, grade, reason, mend } of checks.filter((check) => check.area === area)) {
      lines.push(`  ${grade.padEnd(8)} ${name.padEnd(NAME_WIDTH)} ${reason}`);
      if (mend !== undefined) lines.push(`${' '.repeat(NAME_WIDTH + 12)}-> ${mend}`);
    }
  }
  lines.push('', usable ? `${NAME} can run containers here` : `${NAME} can't run containers here`);
  return `${lines.join('\n')}\n`;
}

export const doctor: Verb = {
  name: 'doctor',
  usage: '',
  summary: 'say what this host can do, why not, and what mends it',
  description:
    'Tries it for real and leaves nothing behind. The status is 1 only if no container can be run.',
  options: [FORMAT],
  minArguments: 0,
  maxArguments: 0,
  run({ runtime, print }, options) {
    const format = formatOf(options);
    const diagnosis = diagnose(runtime);
    print(format === 'json' ? `${JSON.stringify(diagnosis, null, 2)}\n` : diagnosisText(diagnosis));
    return diagnosis.usable ? 0 : 1;
  },
};
