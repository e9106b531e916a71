/**
 * One call of the interface in a process of its own, so that tests can have it in other namespaces, and
 * kill it.
 *
 *   node driver.js attach '{"options": {...}, "target": {...}}'    prints the record
 *   node driver.js check | detach RECORD
 *   node driver.js sweep
 *
 * A refusal is printed as {"code", "message", "hint"}, with status 1.
 */
import { writeFileSync } from 'node:fs';
import type { OcirtError } from '../../../errors.js';
import {
  type AttachTarget,
  attach,
  check,
  detach,
  type NetworkOptions,
  type NetworkRecord,
  networkConfig,
  parseNetwork,
  sweepNetworks,
} from '../index.js';

const [word, text = ''] = process.argv.slice(2);
try {
  if (word === 'attach') {
    const { options, target } = JSON.parse(text) as {
      options: Partial<NetworkOptions>;
      target: AttachTarget;
    };
    const request = parseNetwork({ publish: [], dns: [], rootless: false, ...options });
    const { files } = networkConfig(request, target.name);
    writeFileSync(`${target.folder}/hosts`, files.hosts);
    writeFileSync(`${target.folder}/resolv.conf`, files.resolvConf ?? '');
    console.log(JSON.stringify(await attach(request, target)));
  } else if (word === 'sweep') {
    await sweepNetworks();
  } else {
    const record = JSON.parse(text) as NetworkRecord;
    await (word === 'check' ? check(record) : detach(record));
  }
} catch (error) {
  const { code, message, hint, cleanup = [], stack } = error as OcirtError;
  const failures = cleanup.map((one) => (one as Error).message);
  console.log(JSON.stringify({ code, message, hint, cleanup: failures, stack }));
  process.exitCode = 1;
}
