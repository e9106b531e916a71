/**
 * containerd's CRI plugin, which Kubernetes calls: pods and containers of a runtime handler. The file
 * is long because all its checks share one daemon.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { cgroupMounts, cgroupV1, sleep, waitFor } from '../lib/host.js';
import { type Changes, type Cri, HANDLER, type Pod, startCri, startDaemon } from './cri.js';
import { checks, type World } from './engine.js';

let cri: Cri;
/** The pod of most checks, and a container in it. */
let pod: Pod;
let lasting: string;

const PROGRAMS = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'iptables'];
const check = checks('cri', PROGRAMS, async (world) => {
  cri = await startCri(world);
  pod = await cri.pod({ hostname: 'podhost' });
  lasting = await cri.run(pod);
});
after(() => cri?.close());

const V1_ONLY = cgroupV1() ? {} : { skip: 'looks at cgroup v1 files' };

/** Runs a script in a new container of the pod, to its end; its output, from the log. */
async function output(w: World, script: string, changes: Changes = {}, where = pod) {
  const id = await cri.run(where, `${script}\n`, { ...changes, log_path: 'output.log' });
  const status = await cri.ended(id);
  await cri.call('RemoveContainer', { container_id: id });
  const { name } = (where.config as { metadata: { name: string } }).metadata;
  const file = w.path('logs', name, 'output.log');
  // A line is: time, stream, F or P, text.
  const line = /^\S+ (stdout|stderr) [FP] (.*)$/;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  w.sh(`rm '${file}'`);
  return { status, lines: lines.map((text) => line.exec(text)?.[2] ?? '') };
}

const security = (security_context: object) => ({ linux: { security_context } });

check('the engine is ready, with its network', async () => {
  type Reply = { status: { conditions: { type: string; status: boolean }[] } };
  const { status } = await cri.call<Reply>('Status');
  const ready = status.conditions.filter((one) => one.status).map(({ type }) => type);
  assert.deepEqual(ready.sort(), ['NetworkReady', 'RuntimeReady']);
});

check('a pod of the handler: it is ready, and has an address', async () => {
  type Reply = {
    status: { state: string; runtime_handler: string; network: { ip: string } };
  };
  const { status } = await cri.call<Reply>('PodSandboxStatus', { pod_sandbox_id: pod.id });
  assert.equal(status.state, 'SANDBOX_READY');
  assert.equal(status.runtime_handler, HANDLER);
  assert.match(status.network.ip, /^10\.78\.0\.\d+$/);
});

check('a handler that is not configured is refused', async () => {
  await assert.rejects(cri.pod({}, {}, 'absent'), /absent/);
});

check('pods of two handlers run side by side', async () => {
  const other = await cri.pod({}, {}, 'runc');
  const id = await cri.run(other);
  assert.equal((await cri.exec(id, ['echo', 'of runc'])).out, 'of runc');
  assert.equal((await cri.exec(lasting, ['echo', 'of ours'])).out, 'of ours');
  await cri.remove(other);
});

check('the log has both streams, and the exit code is known', async (w) => {
  const { status, lines } = await output(w, 'echo one; echo two >&2; exit 7');
  assert.equal(status.exit_code, 7);
  assert.equal(status.reason, 'Error');
  assert.deepEqual(lines.sort(), ['one', 'two']);
});

check('what ends well is Completed', async (w) => {
  const { status } = await output(w, 'true');
  assert.deepEqual([status.exit_code, status.reason], [0, 'Completed']);
});

check('a created container has not begun; start begins it', async () => {
  const id = await cri.create(pod, ['sh', '-c', 'exit 4']);
  assert.equal((await cri.status(id)).state, 'CONTAINER_CREATED');
  await cri.start(id);
  assert.equal((await cri.ended(id)).exit_code, 4);
  await cri.call('RemoveContainer', { container_id: id });
});

check('a command that is not there is a StartError', async () => {
  for (const command of ['/nonexistent', 'nonexistent']) {
    const id = await cri.create(pod, [command]);
    await assert.rejects(cri.start(id), /no such file|executable file not found in \$PATH/);
    const { reason, exit_code } = await cri.status(id);
    assert.deepEqual([reason, exit_code], ['StartError', 128]);
    await cri.call('RemoveContainer', { container_id: id });
  }
});

check('ExecSync: output, exit code, standard error', async () => {
  const done = await cri.exec(lasting, ['sh', '-c', 'echo in; echo err >&2; exit 3']);
  assert.deepEqual(done, { exit: 3, out: 'in', err: 'err' });
});

check('ExecSync of what is not there fails, and the container goes on', async () => {
  await assert.rejects(cri.exec(lasting, ['nonexistent']), /executable file not found in \$PATH/);
  assert.equal((await cri.exec(lasting, ['true'])).exit, 0);
});

check('ExecSync ends what takes too long', async (w) => {
  await assert.rejects(cri.exec(lasting, ['sleep', '4322'], 1), /timed? ?out|deadline/i);
  w.run(['pgrep', '-f', '^sleep 4322']).status(1);
});

check('ten executions at once', async () => {
  const all = Array.from({ length: 10 }, (_, number) =>
    cri.exec(lasting, ['sh', '-c', `echo n${number}; exit ${number}`]),
  );
  for (const [number, { exit, out }] of (await Promise.all(all)).entries()) {
    assert.deepEqual([exit, out], [number, `n${number}`]);
  }
});

check('statistics', async () => {
  type Value = { value: number };
  type Reply = {
    stats: { cpu: { usage_core_nano_seconds: Value }; memory: { working_set_bytes: Value } };
  };
  const { stats } = await cri.call<Reply>('ContainerStats', { container_id: lasting });
  assert.ok(stats.cpu.usage_core_nano_seconds.value > 0);
  assert.ok(stats.memory.working_set_bytes.value > 0);
});

check(
  'limits are in the cgroup, and an update changes them',
  async (w) => {
    const resources = {
      memory_limit_in_bytes: 64 << 20,
      cpu_shares: 333,
      cpu_quota: 50_000,
      cpu_period: 100_000,
      cpuset_cpus: '0',
    };
    const id = await cri.run(pod, undefined, { linux: { resources } });
    const is = (controller: string, file: string, value: string) => {
      const dir = path.join(cgroupMounts().get(controller) ?? '', w.cgroup, id);
      assert.equal(readFileSync(path.join(dir, file), 'utf8').trim(), value, file);
    };
    is('memory', 'memory.limit_in_bytes', '67108864');
    is('cpu', 'cpu.shares', '333');
    is('cpu', 'cpu.cfs_quota_us', '50000');
    is('cpuset', 'cpuset.cpus', '0');
    const linux = { memory_limit_in_bytes: 80 << 20, cpu_shares: 444 };
    await cri.call('UpdateContainerResources', { container_id: id, linux });
    is('memory', 'memory.limit_in_bytes', '83886080');
    is('cpu', 'cpu.shares', '444');
    await cri.call('RemoveContainer', { container_id: id });
  },
  V1_ONLY,
);

check('out of memory is OOMKilled, 137', async (w) => {
  const limits = { linux: { resources: { memory_limit_in_bytes: 32 << 20 } } };
  const script = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';
  const { status } = await output(w, script, limits);
  assert.deepEqual([status.reason, status.exit_code], ['OOMKilled', 137]);
});

check('stop lets a handler of SIGTERM end it', async (w) => {
  const id = await cri.run(pod, undefined, { log_path: 'stop.log' });
  const { name } = (pod.config as { metadata: { name: string } }).metadata;
  const log = w.path('logs', name, 'stop.log');
  await waitFor('the handler', () => readFileSync(log, 'utf8').includes('ready'));
  await cri.call('StopContainer', { container_id: id, timeout: 30 });
  assert.equal((await cri.status(id)).exit_code, 5);
  await cri.call('RemoveContainer', { container_id: id });
});

check('stop kills what ignores SIGTERM; remove ends what runs', async () => {
  const id = await cri.run(pod, 'trap "" TERM; while :; do sleep 0.1; done');
  await cri.call('StopContainer', { container_id: id, timeout: 0 });
  assert.equal((await cri.status(id)).exit_code, 137);
  await cri.call('RemoveContainer', { container_id: id });
  const other = await cri.run(pod);
  await cri.call('RemoveContainer', { container_id: other });
  await assert.rejects(cri.status(other), /not found/i);
});

check('the containers of a pod share net, ipc and uts, not pid', async () => {
  const id = await cri.run(pod);
  for (const type of ['net', 'ipc', 'uts', 'pid']) {
    const link = ['readlink', `/proc/self/ns/${type}`];
    const [one, two] = [await cri.exec(lasting, link), await cri.exec(id, link)];
    assert.equal(one.out === two.out, type !== 'pid', type);
  }
  assert.equal((await cri.exec(id, ['hostname'])).out, 'podhost');
  await cri.call('RemoveContainer', { container_id: id });
});

check('a pod with one pid namespace for all its containers', async () => {
  const options = { namespace_options: { pid: 'POD' } };
  const shared = await cri.pod({}, { security_context: options });
  const first = await cri.run(shared, undefined, security(options));
  const second = await cri.run(shared, undefined, security(options));
  const link = ['readlink', '/proc/self/ns/pid'];
  assert.equal((await cri.exec(first, link)).out, (await cri.exec(second, link)).out);
  // All of the container ends with its first process, which isn't the namespace's.
  await cri.call('StopContainer', { container_id: first, timeout: 0 });
  assert.equal((await cri.exec(second, ['echo', 'on'])).out, 'on');
  await cri.remove(shared);
});

check('a container in the pid namespace of another', async () => {
  const options = { namespace_options: { pid: 'TARGET', target_id: lasting } };
  const id = await cri.run(pod, undefined, security(options));
  const link = ['readlink', '/proc/self/ns/pid'];
  assert.equal((await cri.exec(id, link)).out, (await cri.exec(lasting, link)).out);
  await cri.call('RemoveContainer', { container_id: id });
});

check('a pod in the namespaces of the node', async (w) => {
  const options = { namespace_options: { network: 'NODE', pid: 'NODE', ipc: 'NODE' } };
  const host = await cri.pod({}, { security_context: options });
  const id = await cri.run(host, undefined, security(options));
  for (const type of ['net', 'pid', 'ipc']) {
    const own = w.sh(`readlink /proc/self/ns/${type}`).text;
    assert.equal((await cri.exec(id, ['readlink', `/proc/self/ns/${type}`])).out, own, type);
  }
  await cri.remove(host);
});

const SERVES = 'mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www';

check('a pod reaches another, and the node a port of it', async (w) => {
  const ports = [{ container_port: 80, host_port: 8088, host_ip: '127.0.0.1' }];
  const server = await cri.pod({ port_mappings: ports });
  await cri.run(server, SERVES);
  type Reply = { status: { network: { ip: string } } };
  const { status } = await cri.call<Reply>('PodSandboxStatus', { pod_sandbox_id: server.id });
  const get = ['timeout', '2', 'wget', '-q', '-O-', `http://${status.network.ip}/`];
  let page = '';
  for (let turn = 0; page !== 'page' && turn < 30; turn++) {
    page = (await cri.exec(lasting, get)).out;
    if (page === '') await sleep(200);
  }
  assert.equal(page, 'page');
  // The plugin sends to a port of the node's own address only from outside: the rule is there.
  w.sh('iptables-save -t nat').says(/dport 8088 .*DNAT --to-destination 10\.78\.0\.\d+:80/);
  await cri.remove(server);
  assert.notEqual((await cri.exec(lasting, get)).exit, 0);
});

check('sysctls and names of servers are those of the pod', async () => {
  const linux = { sysctls: { 'net.ipv4.ip_unprivileged_port_start': '77' } };
  const dns = { dns_config: { servers: ['10.1.2.3'], searches: ['here'] } };
  const tuned = await cri.pod(dns, { cgroup_parent: cgroupOf(pod), ...linux });
  const id = await cri.run(tuned);
  const files = ['/proc/sys/net/ipv4/ip_unprivileged_port_start', '/etc/resolv.conf'];
  const { out } = await cri.exec(id, ['cat', ...files]);
  assert.match(out, /^77\n/);
  assert.match(out, /search here\nnameserver 10\.1\.2\.3/);
  await cri.remove(tuned);
});

const cgroupOf = ({ config }: Pod): string =>
  (config as { linux: { cgroup_parent: string } }).linux.cgroup_parent;

check('user, groups, working directory, environment', async (w) => {
  const changes = {
    working_dir: '/tmp',
    envs: [{ key: 'A', value: 'b c' }],
    ...security({ run_as_user: { value: 1000 }, supplemental_groups: [77] }),
  };
  const { lines } = await output(w, 'id -u; id -G; pwd; echo "$A"', changes);
  assert.deepEqual(lines, ['1000', '1000 77 2000', '/tmp', 'b c']);
});

const status = (field: string) => `sed -n "s/^${field}:.//p" /proc/self/status`;

check('capabilities: the default, added and dropped', async (w) => {
  const caps = async (capabilities: object) =>
    (await output(w, status('CapEff'), security({ capabilities }))).lines[0];
  assert.equal(await caps({}), '00000000a80425fb');
  const change = { drop_capabilities: ['ALL'], add_capabilities: ['NET_ADMIN'] };
  assert.equal(await caps(change), '0000000000001000');
});

check('read-only root, no new privileges, masked and read-only paths', async (w) => {
  const context = {
    readonly_rootfs: true,
    no_new_privs: true,
    masked_paths: ['/etc/passwd'],
    readonly_paths: ['/proc/sys'],
  };
  const script = `touch /x 2>/dev/null || echo read-only; ${status('NoNewPrivs')}
    wc -c </etc/passwd; echo x 2>/dev/null >/proc/sys/kernel/hostname || echo refused`;
  const { lines } = await output(w, script, security(context));
  assert.deepEqual(
    lines.filter((line) => !line.includes("can't create")),
    ['read-only', '1', '0', 'refused'],
  );
});

check('seccomp: the default, none, and a profile of a file', async (w) => {
  const mode = async (seccomp: object) =>
    (await output(w, status('Seccomp'), security({ seccomp }))).lines[0];
  assert.equal(await mode({ profile_type: 'RuntimeDefault' }), '2');
  assert.equal(await mode({ profile_type: 'Unconfined' }), '0');
  const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }];
  const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'];
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', architectures, syscalls };
  writeFileSync(w.path('seccomp.json'), JSON.stringify(profile));
  const seccomp = { profile_type: 'Localhost', localhost_ref: w.path('seccomp.json') };
  const { lines } = await output(w, 'mkdir /x', security({ seccomp }));
  assert.match(lines.join(), /not permitted/);
});

check('--privileged', async (w) => {
  const privileged = await cri.pod({}, { security_context: { privileged: true } });
  const script = 'test -c /dev/kmsg && mount -t tmpfs t /tmp && echo mounted';
  const { lines } = await output(w, script, security({ privileged: true }), privileged);
  assert.deepEqual(lines, ['mounted']);
  await cri.remove(privileged);
});

check('mounts, read-only and writable, and devices', async (w) => {
  mkdirSync(w.path('volume'), { recursive: true });
  writeFileSync(w.path('volume/file'), 'seen\n');
  const mount = (readonly: boolean) => ({
    mounts: [{ container_path: '/mnt', host_path: w.path('volume'), readonly }],
    devices: [{ container_path: '/dev/xnull', host_path: '/dev/null', permissions: 'rw' }],
  });
  const script = 'cat /mnt/file; touch /mnt/x 2>/dev/null || echo refused; echo >/dev/xnull';
  assert.deepEqual((await output(w, script, mount(true))).lines, ['seen', 'refused']);
  assert.deepEqual((await output(w, script, mount(false))).lines, ['seen']);
});

check('a terminal', async (w) => {
  const { lines } = await output(w, 'test -t 1 && tty', { tty: true });
  assert.match(lines[0] ?? '', /^\/dev\/pts\/0\r?$/);
});

check('a log that was moved away is begun anew', async (w) => {
  const id = await cri.run(pod, 'while :; do echo line; sleep 0.1; done', { log_path: 'a.log' });
  const { name } = (pod.config as { metadata: { name: string } }).metadata;
  const log = w.path('logs', name, 'a.log');
  await waitFor('a line', () => readFileSync(log, 'utf8').includes('line'));
  w.sh(`mv '${log}' '${log}.1'`);
  await cri.call('ReopenContainerLog', { container_id: id });
  await waitFor('a line in the new log', () => readFileSync(log, 'utf8').includes('line'));
  await cri.call('RemoveContainer', { container_id: id });
});

check('pods go on while containerd is restarted', async (w) => {
  w.sh('kill -9 $(cat /run/cri/pid)');
  await startDaemon(w);
  for (;;) {
    try {
      assert.equal((await cri.exec(lasting, ['echo', 'still here'])).out, 'still here');
      break;
    } catch (error) {
      // The plugin answers a little after the daemon.
      if (!/UNAVAILABLE|initialized|Unimplemented/i.test(String(error))) throw error;
      await sleep(100);
    }
  }
});

check('removing a pod ends what runs in it; in the end nothing is left', async (w) => {
  const { state } = await cri.status(lasting);
  assert.equal(state, 'CONTAINER_RUNNING');
  await cri.remove(pod);
  type Pods = { items: object[] };
  type Containers = { containers: object[] };
  assert.deepEqual((await cri.call<Pods>('ListPodSandbox')).items, []);
  assert.deepEqual((await cri.call<Containers>('ListContainers')).containers, []);
  w.sh('ls -A /run/containerd/runc/k8s.io 2>/dev/null | grep -vx @seccomp || :').says('');
  for (const mount of new Set(cgroupMounts().values())) {
    w.sh(`find ${path.join(mount, w.cgroup)} -mindepth 1 -type d 2>/dev/null || :`).says('');
  }
});
