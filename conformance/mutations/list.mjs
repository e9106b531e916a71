/**
 * The mitigations, each as a small edit of the source that takes it out, and the attacks that get
 * through then. `npm run test:mutations` does it; docs/security.md tells of each. It is long because it
 * is one table.
 *
 * @typedef {{ file: string, search: string, replace: string }} Edit `search` is there once
 * @typedef {{ name: string, edits: Edit[], tests: [file: string, name: string][] }} Mutation
 *   `tests`: files of conformance/security, or of another folder in conformance with its name, and what
 *   the names of the tests begin with
 */

/** The path of a test file of the list, without its ending. */
export const sourceOf = (file) => `conformance/${file.includes('/') ? file : `security/${file}`}`;

const spawnKeeps = {
  file: 'native/sys/spawn_child.cc',
  search: 'if (raw(SYS_close_range, 3, ~0u, kCloseRangeCloexec) < 0) {',
  replace: 'if (plan.max_fds == 0) {',
};

/** Descriptors are marked close-on-exec three times: in the spawn, at the plan, at the exec. */
const DESCRIPTORS = [
  spawnKeeps,
  {
    file: 'native/init/interpreter.cc',
    search: 'if (sys_close_range(3, ~0U, kCloseRangeCloexec) < 0) {',
    replace: 'if (kCloseRangeCloexec == 0) {',
  },
  {
    file: 'native/init/steps_program.cc',
    search: 'if (sys_close_range(first, ~0U, kCloseRangeCloexec) == 0) return;',
    replace: 'if (kCloseRangeCloexec != 0) return;',
  },
];

const falseNull = [
  {
    file: 'native/init/steps_protect.cc',
    search: 'null_.reset(open("/dev/null", O_PATH | O_CLOEXEC));',
    replace:
      'Result<UniqueFd> own = resolve_in_root(start.root, "/dev/null", O_PATH);\n      if (own) null_ = std::move(*own);',
  },
  {
    file: 'native/init/steps_protect.cc',
    search: 'if (!is_device(null_.get(), S_IFCHR, makedev(1, 3))) {',
    replace: 'if (null_.get() < 0) {',
  },
];

/** Where a /proc that is a link became procfs, its masks are on that mount all the same. */
const throughLinks = {
  file: 'native/init/steps_mount.cc',
  search: 'resolve_in_root(root, path, O_PATH | O_NOFOLLOW);',
  replace: 'resolve_in_root(root, path, O_PATH);',
};

const masksFromRoot = {
  file: 'native/init/mounting.cc',
  search: 'if (lies_in(cleaned, held->path)) {',
  replace: 'if (lies_in(cleaned, held->path) && held->path.empty()) {',
};

const environmentOfCaller = {
  file: 'native/sys/spawn.cc',
  search: 'plan.envp = envp;',
  replace: 'plan.envp = envp[0] == nullptr ? environ : envp;',
};

/** @type {Mutation[]} */
export const MUTATIONS = [
  {
    name: 'descriptors of the caller are not closed',
    edits: DESCRIPTORS,
    tests: [
      ['processes', 'CVE-2016-9962'],
      ['descriptors', 'CVE-2024-21626: what the caller has open'],
      ['environment', 'what waits for start has no folder of the host open'],
    ],
  },
  {
    name: 'the helper can be looked into',
    edits: [
      {
        file: 'native/init/context.cc',
        search: 'prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);',
        replace: 'prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);',
      },
    ],
    tests: [['processes', 'who execs into a created container']],
  },
  {
    name: 'the spawn can be traced through a new user namespace',
    edits: [
      {
        file: 'native/sys/undumpable.h',
        search: 'if (::geteuid() == 0) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);',
        replace: '',
      },
    ],
    tests: [
      ['processes', 'a user namespace gives root of another container'],
      ['processes', 'a joined pid namespace gives root without capabilities'],
    ],
  },
  {
    name: 'the process in the user namespace of a mount can be traced through that',
    edits: [
      {
        file: 'native/sys/id_mapped_tree.cc',
        search: '  Undumpable undumpable;\n',
        replace: '',
      },
    ],
    tests: [['processes', 'the ids of a mount']],
  },
  {
    name: 'the helper in a new user namespace can be looked into by who owns that',
    edits: [
      {
        file: 'native/sys/spawn.cc',
        search: 'if (request.clone_flags & CLONE_NEWUSER) hide_from_namespaces(*init);',
        replace: '',
      },
    ],
    tests: [['processes', 'a user namespace with its own ids']],
  },
  {
    name: 'the owner of the helper is in the new user namespace',
    edits: [
      {
        file: 'native/sys/sealed_init.cc',
        search: 'if (::fchmod(init, 0111) == 0) (void)!::fchown(init, kNobody, kNobody);',
        replace: 'if (::fchmod(init, 0111) == 0) (void)kNobody;',
      },
    ],
    tests: [['processes', "a user namespace with the host's ids"]],
  },
  {
    name: 'the child is in its memory cgroup before its exec, and the caller does not wait as in a vfork',
    edits: [
      {
        file: 'native/sys/spawn_child.cc',
        search: '  if (plan.gate >= 0) wait_for_gate(plan);\n',
        replace: `  for (const char* const* word = plan.argv + 2; *word != nullptr; word++) {
    long fd = 0;
    for (const char* digit = *word; *digit != 0; digit++) fd = fd * 10 + *digit - '0';
    raw(SYS_write, fd, "0", 1L);
  }
  if (plan.gate >= 0) wait_for_gate(plan);
`,
      },
      {
        file: 'native/sys/spawn.cc',
        search: 'if (waits_for(request)) args.flags |= CLONE_VFORK;',
        replace: '',
      },
    ],
    tests: [['processes', 'a memory limit of']],
  },
  {
    name: 'the memfd of the helper is not sealed',
    edits: [
      {
        file: 'native/sys/sealed_init.cc',
        search: 'F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;',
        replace: 'F_SEAL_SEAL;',
      },
    ],
    tests: [
      ['processes', 'CVE-2019-5736: a process that comes in'],
      ['processes', 'CVE-2019-5736: what /proc/self/exe is'],
    ],
  },
  {
    name: 'nobody asks whether the working directory is in the root',
    edits: [
      spawnKeeps,
      {
        file: 'native/init/steps_program.cc',
        search: "if (buffer[0] != '/') {",
        replace: "if (buffer[0] == '\\0') {",
      },
      {
        file: 'src/plan/compile.ts',
        search: "if (cwd !== '/') builder.add({ op: 'directory',",
        replace: "if (cwd === '') builder.add({ op: 'directory',",
      },
    ],
    tests: [
      ['descriptors', 'CVE-2024-21626: exec in a working directory'],
      ['descriptors', 'CVE-2024-21626: no working directory of a new container'],
    ],
  },
  {
    name: '/dev/null is given to the user as other standard streams are',
    edits: [
      {
        file: 'native/init/steps_credentials.cc',
        search: 'if (status.st_uid == uid || is_device(fd, S_IFCHR, makedev(1, 3))) continue;',
        replace: 'if (status.st_uid == uid || is_device(fd, S_IFBLK, makedev(1, 3))) continue;',
      },
    ],
    tests: [['descriptors', 'standard streams belong to the user']],
  },
  {
    name: 'anything may be mounted on /proc',
    edits: [
      {
        file: 'native/init/mounting.cc',
        search: 'return std::string_view(cleaned).substr(1) == name;',
        replace: 'return std::string_view(cleaned) == name;',
      },
    ],
    tests: [['procfs', 'CVE-2019-16884: a folder on /proc is no /proc']],
  },
  {
    name: 'anything may be mounted in /proc, by a link',
    edits: [
      {
        file: 'native/init/mounting.cc',
        search: 'if (cleaned == allowed) return {};',
        replace: 'if (cleaned != allowed) return {};',
      },
    ],
    tests: [['procfs', '... and so it is through a link to /proc/1/attr']],
  },
  {
    name: 'anything may be mounted in /proc, by its name',
    edits: [
      {
        file: 'src/plan/mounts.ts',
        search: "if (target.startsWith('/proc/') && !PROC_TARGETS.includes(target)) {",
        replace: "if (target.startsWith('/proc//') && !PROC_TARGETS.includes(target)) {",
      },
      {
        file: 'native/init/mounting.cc',
        search: 'if (cleaned == allowed) return {};',
        replace: 'if (cleaned != allowed) return {};',
      },
    ],
    tests: [['procfs', 'CVE-2019-16884: a mount of type tmpfs on /proc/1/attr']],
  },
  {
    name: 'procfs and sysfs are mounted through links',
    edits: [throughLinks],
    tests: [
      ['procfs', 'CVE-2019-19921, CVE-2023-27561'],
      ['procfs', 'CVE-2023-28642: a /sys that is a link'],
    ],
  },
  {
    name: 'read-only paths are left as they are',
    edits: [
      {
        file: 'native/init/steps_protect.cc',
        search: 'return bind_readonly(start.root, target->get(), target->get(), true, start.path);',
        replace:
          'return start.path.empty() ? bind_readonly(start.root, target->get(), target->get(), true, start.path) : Status();',
      },
    ],
    tests: [
      ['procfs', 'CVE-2023-28642: masks and read-only paths'],
      ['masks', 'readonlyPaths with dots in it'],
    ],
  },
  {
    name: 'parameters are written through any /proc, whatever is mounted on it',
    edits: [
      {
        file: 'native/init/mounting.cc',
        search: 'if (cleaned == allowed) return {};',
        replace: 'if (cleaned != allowed) return {};',
      },
      {
        file: 'native/init/steps_procfs.cc',
        search:
          'Result<int> proc = procfs_of(context);\n  if (!proc) return proc.error();\n  return write_in_procfs',
        replace:
          'context.proc.reset();\n  Result<int> proc = procfs_of(context);\n  if (!proc) return proc.error();\n  return write_in_procfs',
      },
      {
        file: 'native/sys/procfs.cc',
        search: 'UniqueFd proc = open_private();',
        replace: 'UniqueFd proc = open_private();\n  proc.reset();',
      },
      {
        file: 'native/sys/procfs.cc',
        search: 'how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;',
        replace: 'how.resolve = 0;',
      },
    ],
    tests: [['procfs', 'CVE-2025-52881: a kernel parameter is not written to what']],
  },
  {
    name: 'the kernel resolves paths as everywhere else',
    edits: [
      {
        file: 'native/path/resolve.cc',
        search: 'how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;',
        replace: 'how.resolve = 0;',
      },
      {
        file: 'native/path/resolve.cc',
        search: 'long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);',
        replace:
          'long fd = syscall(SYS_openat2, root, path == "/" ? "." : path.c_str() + 1, &how, sizeof how);',
      },
    ],
    tests: [
      [
        'mount-targets',
        'CVE-2019-18837, CVE-2024-45310: a file at an absolute link to what is there',
      ],
      [
        'mount-targets',
        'CVE-2019-18837, CVE-2024-45310: a tmpfs at a link upwards to what is there',
      ],
      ['mount-targets', 'a mount through a magic link'],
      ['mount-targets', 'tmpcopyup of a link to the host'],
      ['races', 'CVE-2021-30465: a tmpfs mounted at the place'],
      ['races', 'CVE-2021-30465: a folder mounted at the place'],
    ],
  },
  {
    name: 'what is missing is made where links lead',
    edits: [
      {
        file: 'native/path/walk.cc',
        search: 'UniqueFd fd(openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));',
        replace: 'UniqueFd fd(openat(here(), name.c_str(), O_PATH | O_CLOEXEC));',
      },
    ],
    tests: [
      ['mount-targets', 'CVE-2019-18837, CVE-2024-45310: a folder above an absolute link'],
      ['mount-targets', 'CVE-2019-18837, CVE-2024-45310: a tmpfs above a link upwards'],
      ['mount-targets', 'a /dev that is an absolute link to the host gets no devices'],
      ['mount-targets', 'a device at a link upwards to the host'],
      ['races', 'CVE-2024-45310: a folder that is missing'],
      ['races', 'CVE-2024-45310: a file that is missing'],
    ],
  },
  {
    name: 'a volume that the host opened stays a peer of its mount',
    edits: [
      {
        file: 'native/init/steps_bind.cc',
        search: 'if (!source.hosts) return {};',
        replace: 'if (source.hosts) return {};',
      },
    ],
    tests: [
      ['propagation', 'what one with a user namespace mounts'],
      ['propagation', 'what one whose volume is id-mapped mounts'],
    ],
  },
  {
    name: 'a file system is mounted on a name that was looked at before',
    edits: [
      {
        file: 'native/init/steps_mount.cc',
        search:
          'OCIRT_TRY(mount_on(target->fd.get(), step["source"].as_string(), type, step["flags"].as_uint(),\n                     data, path));',
        replace:
          'if (::mount(step["source"].as_string().c_str(), (context.root_path + path).c_str(), type.c_str(),\n              step["flags"].as_uint(), data.c_str()) < 0)\n    return sys_error("mount", path);',
      },
    ],
    tests: [['races', 'CVE-2021-30465: a tmpfs mounted at the place']],
  },
  {
    name: 'the length of a message has 16 bits',
    edits: [
      {
        file: 'native/core/channel.cc',
        search: 'auto length = static_cast<uint32_t>(frame.size() - sizeof(uint32_t));',
        replace: 'uint32_t length = static_cast<uint16_t>(frame.size() - sizeof(uint32_t));',
      },
    ],
    tests: [['input', 'CVE-2021-43784: an environment of']],
  },
  {
    name: 'what is permitted is inheritable as well',
    edits: [
      {
        file: 'native/init/steps_credentials.cc',
        search: 'step["inheritable"].as_uint()));',
        replace: 'step["permitted"].as_uint()));',
      },
    ],
    tests: [
      ['capabilities', 'CVE-2022-24769'],
      ['capabilities', 'CVE-2025-27612: a process.json of exec'],
    ],
  },
  {
    name: 'exec --cap adds to the inheritable ones',
    edits: [
      {
        file: 'src/runtime/exec-process.ts',
        search: '    permitted: add(old?.permitted),',
        replace: '    permitted: add(old?.permitted),\n    inheritable: add(old?.inheritable),',
      },
    ],
    tests: [['capabilities', 'CVE-2022-29162, CVE-2022-27650']],
  },
  {
    name: 'inheritable capabilities of the caller stay',
    edits: [
      {
        file: 'native/sys/caps.cc',
        search: '  if (syscall(SYS_capset, &header, data) < 0) return sys_error("capset");',
        replace:
          '  __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {};\n  syscall(SYS_capget, &header, now);\n  for (int half = 0; half < 2; half++) data[half].inheritable |= now[half].inheritable;\n  if (syscall(SYS_capset, &header, data) < 0) return sys_error("capset");',
      },
    ],
    tests: [
      ['capabilities', 'CVE-2025-27612: what the caller can inherit'],
      ['capabilities', 'CVE-2025-27612: what the caller of exec can inherit'],
      ['capabilities', 'a process without capabilities'],
    ],
  },
  {
    name: 'supplementary groups of the caller stay',
    edits: [
      {
        file: 'native/init/steps_credentials.cc',
        search: 'if (setgroups(0, nullptr) < 0 && errno != EPERM) return sys_error("setgroups");',
        replace: '',
      },
      {
        file: 'native/init/steps_credentials.cc',
        search: 'if (step.has("groups")) {',
        replace: 'if (step["groups"].as_array().size() > 1000) {',
      },
    ],
    tests: [
      ['capabilities', "supplementary groups of the caller are not the container's, user 0"],
      ['capabilities', "supplementary groups of the caller are not the container's, user 1000"],
      ['capabilities', 'supplementary groups are those of config.json'],
    ],
  },
  {
    name: 'cgroups are mounted writable',
    edits: [
      {
        file: 'src/plan/mounts-cgroup.ts',
        search: 'flags: flags | (readonly ? MS.RDONLY : 0),',
        replace: 'flags,',
      },
      {
        file: 'src/plan/mounts-cgroup.ts',
        search: '...(attributes === undefined ? {} : { attributes }),',
        replace: '...(attributes?.set === undefined ? {} : {}),',
      },
      {
        file: 'src/plan/mounts-cgroup.ts',
        search: 'flags: options.flags,',
        replace: 'flags: options.flags & ~MS.RDONLY,',
      },
    ],
    tests: [
      ['cgroupfs', 'CVE-2023-25809: with a new cgroup namespace'],
      ['cgroupfs', 'CVE-2023-25809: with no cgroup namespace'],
    ],
  },
  {
    name: "the null device of the mask is the container's own",
    edits: falseNull,
    tests: [
      ['masks', 'CVE-2025-31133: a /dev/null that is no device'],
      ['races', 'CVE-2025-31133, CVE-2025-62161'],
    ],
  },
  {
    name: "the null device of the mask is the container's own, and it may be a link",
    edits: [
      ...falseNull,
      {
        file: 'native/sys/device.cc',
        search: 'if (!same_device(status, node.type, node.number)) {',
        replace:
          'if (S_ISLNK(status.st_mode)) return {};\n  if (!same_device(status, node.type, node.number)) {',
      },
    ],
    tests: [['masks', 'CVE-2025-31133, CVE-2025-62161: a /dev/null that is a link to a file']],
  },
  {
    name: "the mask is the host's own node, for the container to change",
    edits: [
      {
        file: 'native/init/steps_protect.cc',
        search: 'return bind_readonly(start.root, null_.get(), target, false, start.path);',
        replace: 'return bind_by_path(null_.get(), target, false, start.path);',
      },
    ],
    tests: [['masks', 'CVE-2025-31133: a mask cannot be written to']],
  },
  {
    name: 'masks and read-only paths are put on a link, not on what it leads to',
    edits: [
      {
        file: 'native/init/steps_protect.cc',
        search:
          'Status cover(const Start& start) {\n    Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH);',
        replace:
          'Status cover(const Start& start) {\n    Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH | O_NOFOLLOW);',
      },
      {
        file: 'native/init/steps_protect.cc',
        search:
          'Status protect(const Start& start) {\n  Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH);',
        replace:
          'Status protect(const Start& start) {\n  Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH | O_NOFOLLOW);',
      },
    ],
    tests: [
      ['masks', 'maskedPaths with a link at its end'],
      ['masks', 'readonlyPaths with a link at its end'],
      ['masks', 'a masked folder through a link'],
    ],
  },
  {
    name: 'masks are looked up in the root, whatever has become of the mount they are for',
    edits: [masksFromRoot],
    tests: [['steps', 'CVE-2019-19921: a /proc that is a folder, and then a link']],
  },
  {
    name: 'procfs is mounted through links, and its masks are looked up in the root',
    edits: [throughLinks, masksFromRoot],
    tests: [['steps', 'CVE-2019-19921: a /proc that is a link, and then a folder']],
  },
  {
    name: 'the terminal is mounted where /dev/console leads',
    edits: [
      {
        file: 'native/init/steps_console.cc',
        search:
          'UniqueFd target(\n      openat(place->directory.get(), place->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));',
        replace:
          'Result<UniqueFd> followed = make_file_in_root(root, kPath, 0666);\n  if (!followed) return followed.error();\n  UniqueFd target = std::move(*followed);',
      },
    ],
    tests: [
      ['console', 'CVE-2025-52565: a /dev/console that is a link to a file of the image'],
      ['races', 'CVE-2025-52565'],
    ],
  },
  {
    name: 'ids are numbers as JavaScript reads them',
    edits: [
      {
        file: 'src/runtime/exec-process.ts',
        search: 'if (!/^\\d+$/.test(text) || id > MAX_ID) {',
        replace: 'if (Number.isNaN(id) || id > MAX_ID) {',
      },
    ],
    tests: [
      ['users', 'exec --user: a name or a number'],
      ['users', 'exec --additional-gids'],
    ],
  },
  {
    name: 'the helper has the environment of the caller',
    edits: [environmentOfCaller],
    tests: [['environment', 'what waits for start has nothing of the caller']],
  },
  {
    name: 'the process has the environment of the caller',
    edits: [
      environmentOfCaller,
      {
        file: 'native/init/steps_program.cc',
        search: 'execve(path.c_str(), argv.data(), envp.data());',
        replace: 'execve(path.c_str(), argv.data(), envp.empty() ? envp.data() : environ);',
      },
    ],
    tests: [['environment', "the caller's environment is not the process's"]],
  },
  {
    name: 'hooks have the environment of the caller beside theirs',
    edits: [
      {
        file: 'src/runtime/hooks.ts',
        search: 'env: hook.env ?? environment(),',
        replace: 'env: [...environment(), ...(hook.env ?? [])],',
      },
    ],
    tests: [['environment', 'hooks have the environment and the descriptors']],
  },
  {
    name: 'any id is the name of a folder',
    edits: [
      {
        file: 'src/state/id.ts',
        search: "if (!SHAPE.test(id) || id === '.' || id === '..') {",
        replace: "if (SHAPE.test('/') && id !== '') {",
      },
    ],
    tests: [
      ['names', 'an id that is no plain name'],
      ['names', 'state: no id leads out'],
    ],
  },
  {
    name: 'a path of a cgroup is joined as it is',
    edits: [
      // In front of it, a rule refuses such a path.
      {
        file: 'src/spec/rules/misc.ts',
        search: "if (path === undefined || !path.split('/').includes('..')) return;",
        replace: "if (path === undefined || path !== '') return;",
      },
      {
        file: 'src/cgroup/path.ts',
        search: "const inner = cleanAbsolute(wanted === '' ? id : wanted);",
        replace: "const inner = wanted === '' ? id : wanted;",
      },
      // What is not below a mount would be cut at its length: other folders of that mount were made.
      {
        file: 'src/cgroup/path.ts',
        search: '  const rest = directory\n',
        replace: '  if (!directory.startsWith(mountpoint)) return [];\n  const rest = directory\n',
      },
    ],
    tests: [['names', 'a cgroupsPath that goes upwards to what looks like a cgroup']],
  },
  {
    name: 'exec --cgroup may climb',
    edits: [
      {
        file: 'src/cgroup/sub.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source
        search: 'if (path !== base && !path.startsWith(`${base}/`)) throw',
        replace: 'if (path === base) throw',
      },
    ],
    tests: [['names', 'exec --cgroup does not lead out']],
  },
  {
    name: 'a created container keeps its mounts open until it waits',
    edits: [
      {
        file: 'native/init/steps_talk.cc',
        search: '  context.held.clear();\n',
        replace: '',
      },
    ],
    tests: [['steps', 'a container that can be started holds none of its mounts open']],
  },
  {
    name: 'delete takes whoever has the ID',
    edits: [
      {
        file: 'src/runtime/delete.ts',
        search: 'if (only !== undefined && !remains && !isSameContainer(record, only)) return;',
        replace: 'if (only !== undefined && remains) return;',
      },
    ],
    tests: [
      ['resilience/succession', 'run, when another has deleted its container'],
      ['resilience/succession', 'a poststart hook that fails too late'],
    ],
  },
  {
    name: 'who has waited for a lock takes it for its own',
    edits: [
      {
        file: 'src/state/lock.ts',
        search: '      if (!isCurrent()) throw notFound(id);\n',
        replace: '',
      },
    ],
    tests: [
      ['resilience/succession', "ocirt's own: a delete that waits until another has deleted"],
    ],
  },
  {
    name: 'delete kills whoever is in the cgroup',
    edits: [
      {
        file: 'src/runtime/delete.ts',
        search: 'if (ended && record.cgroup.systemd === undefined) {',
        replace: 'if (ended && record.cgroup.systemd !== undefined) {',
      },
    ],
    tests: [['resilience/succession', 'delete ends no process of another container']],
  },
];
