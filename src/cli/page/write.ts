/** `plan --html FILE`: reads the traces, writes the page. */
import { OcirtError } from '../../errors.js';
import { absolutePath } from '../../runtime/bundle.js';
import type { Runtime } from '../../runtime/context.js';
import { errnoText } from '../../runtime/errno.js';
import type { Prepared } from '../../runtime/prepare.js';
import { planPage } from './page.js';
import { readTimings } from './timings.js';

/**
 * Writes a plan as a page.
 *
 * @param file is written over where it is there
 * @param traces files of --trace-timing; none: the page has no times
 * @throws OcirtError `trace-invalid`, `page-failed`
 */
export function writePage(
  { native }: Runtime,
  file: string,
  traces: readonly string[],
  { id, plan, cgroup, bundle }: Prepared & { readonly id: string },
): void {
  const texts = native.readFiles(traces.map((name) => absolutePath(native, name)));
  const read = traces.map((name, index) => {
    const text = texts[index];
    if (typeof text === 'string') return { file: name, text };
    throw new OcirtError('trace-invalid', `${name}: no such file or directory`, { path: name });
  });
  const page = planPage({
    id,
    plan,
    cgroup,
    config: bundle.config,
    text: bundle.text,
    bundle: bundle.path,
    ...(read.length === 0 ? {} : { timings: readTimings(plan, read) }),
  });
  const path = absolutePath(native, file);
  const [failure] = native.writeFiles([{ path, data: page, create: 0o644, truncate: true }]);
  if (failure === undefined) return;
  const { syscall, errno, code } = failure;
  throw new OcirtError('page-failed', `unable to write the page: ${errnoText(errno)}`, {
    syscall,
    errno: code,
    path,
  });
}
