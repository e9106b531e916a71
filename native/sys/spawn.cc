#include "sys/spawn.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/raw_syscall.h"
#include "sys/scheduling.h"
#include "sys/sealed_init.h"
#include "sys/signal_pipe.h"
#include "sys/spawn_child.h"
#include "sys/syscalls.h"
#include "sys/thread_namespaces.h"
#include "sys/undumpable.h"
#include "sys/unix_socket.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

namespace ocirt {
namespace {

constexpr uint64_t kIntoCgroup = 0x200000000;

// The whole of struct clone_args up to `cgroup` (Linux 5.7); older headers have less of it.
struct CloneArgs {
  alignas(8) uint64_t flags = 0;
  uint64_t pidfd = 0;
  uint64_t child_tid = 0;
  uint64_t parent_tid = 0;
  uint64_t exit_signal = 0;
  uint64_t stack = 0;
  uint64_t stack_size = 0;
  uint64_t tls = 0;
  uint64_t set_tid = 0;
  uint64_t set_tid_size = 0;
  uint64_t cgroup = 0;
};
constexpr size_t kCloneArgsV0 = 64;  // up to tls: Linux 5.3

// The child's stack, with a page below it that faults.
class Stack {
 public:
  Stack()
      : base_(::mmap(nullptr, kSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (*this) ::mprotect(bottom(), size(), PROT_READ | PROT_WRITE);
  }
  ~Stack() {
    if (*this) ::munmap(base_, kSize);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  explicit operator bool() const { return base_ != MAP_FAILED; }
  char* bottom() const { return static_cast<char*>(base_) + kGuard; }
  static constexpr size_t size() { return kSize - kGuard; }

 private:
  static constexpr size_t kGuard = 64 * 1024;  // the largest page size
  static constexpr size_t kSize = kGuard + 64 * 1024;
  void* base_;
};

// Kills and reaps the child unless it is released. Declared after what the child uses, and so
// destroyed before it.
class ChildGuard {
 public:
  explicit ChildGuard(pid_t pid) : pid_(pid) {}
  ~ChildGuard() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, __WALL) < 0 && errno == EINTR) continue;
  }
  ChildGuard(const ChildGuard&) = delete;
  ChildGuard& operator=(const ChildGuard&) = delete;
  void release() { pid_ = -1; }

 private:
  pid_t pid_;
};

struct Cloned {
  pid_t pid = -1;
  UniqueFd pidfd;
  bool in_cgroup = false;
};

// Whether the calling thread can wait for the child's exec.
bool waits_for(const SpawnRequest& request) {
  return !request.mapping && !request.seen_by_others;
}

void enter_child(void* plan) {
  run_spawn_child(*static_cast<const ChildPlan*>(plan));
}

// With CLONE_VFORK the calling thread waits until the child has left its memory. That is for the
// OOM killer, which ends all who share the memory of a process it has chosen, but chooses none that
// is in a vfork: the child is in its v2 memory cgroup before it executes, whose limit may be too
// low for that. Where id maps are to be written meanwhile the caller can't wait, and the child is
// born in no cgroup.
//
// The ladder: clone3 into the cgroup (5.7), clone3 (5.3), clone.
Result<Cloned> clone_child(const SpawnRequest& request, const Stack& stack, ChildPlan& plan) {
  Cloned out;
  int pidfd = -1;
  CloneArgs args;
  args.flags = request.clone_flags | CLONE_PIDFD;
  if (!request.seen_by_others) args.flags |= CLONE_VM;
  if (waits_for(request)) args.flags |= CLONE_VFORK;
  args.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<uint64_t>(stack.bottom());
  args.stack_size = Stack::size();

  // Blocked for the clone, so that no handler of the host runs on the child's side.
  SignalMask all;
  long pid = -ENOSYS;
  const char* call = "clone3";
  bool into_cgroup = request.cgroup >= 0 && waits_for(request);
  if (into_cgroup) {
    args.flags |= kIntoCgroup;
    args.cgroup = static_cast<uint64_t>(request.cgroup);
    pid = raw_clone(SYS_clone3, raw_argument(&args), sizeof args, 0, enter_child, &plan);
    out.in_cgroup = pid > 0;
    args.flags &= ~kIntoCgroup;
    args.cgroup = 0;
  }
  bool unknown = !into_cgroup || pid == -E2BIG || pid == -EINVAL;
  if (pid < 0 && unknown) {
    pid = raw_clone(SYS_clone3, raw_argument(&args), kCloneArgsV0, 0, enter_child, &plan);
  }
  if (pid == -ENOSYS) {
    call = "clone";
    pid = raw_clone(SYS_clone, raw_argument(args.flags | SIGCHLD),
                    raw_argument(stack.bottom() + Stack::size()), raw_argument(&pidfd), enter_child,
                    &plan);
  }
  if (pid < 0) return make_error(call, static_cast<int>(-pid));
  out.pid = static_cast<pid_t>(pid);
  // clone(2) before 5.2 takes no notice of CLONE_PIDFD.
  out.pidfd.reset(pidfd >= 0 ? pidfd : sys_pidfd_open(out.pid));
  return out;
}

// Success is the end of the stream: the exec has closed the child's end. By then the child has left
// our memory (the kernel switches it before it closes descriptors), so its stack can go.
Status await_exec(int report_fd) {
  ChildReport report{};
  ssize_t n;
  do {
    n = ::read(report_fd, &report, sizeof report);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return {};
  if (n != sizeof report) return make_error("read", n < 0 ? errno : EIO, {}, "the helper's report");
  return make_error(stage_syscall(report.stage), report.errnum, {}, "starting the helper");
}

Status join_cgroup(int directory, pid_t pid) {
  UniqueFd procs(::openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC));
  if (!procs) return sys_error("openat", "cgroup.procs");
  return write_once(procs.get(), std::to_string(pid), "cgroup.procs");
}

// All of them, or none where one can't be opened.
std::vector<UniqueFd> open_tasks(const std::vector<std::string>& files) {
  std::vector<UniqueFd> out;
  for (const std::string& file : files) {
    out.emplace_back(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!out.back()) return {};
  }
  return out;
}

unsigned descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 65536));
}

}  // namespace

Result<Spawned> spawn_init(const SpawnRequest& request) {
  Result<int> init = sealed_init();
  if (!init) return init.error();
  if (request.clone_flags & CLONE_NEWUSER) hide_from_namespaces(*init);
  Result<std::pair<UniqueFd, UniqueFd>> channel = socket_pair();
  if (!channel) return channel.error();
  OCIRT_TRY(lift(channel->first));
  OCIRT_TRY(lift(channel->second));
  Result<Pipe> gate = make_pipe();
  if (!gate) return gate.error();
  Result<Pipe> report = make_pipe();
  if (!report) return report.error();
  Stack stack;
  if (!stack) return sys_error("mmap");

  std::vector<int> keep = request.keep;
  keep.push_back(channel->second.get());
  std::vector<UniqueFd> tasks;
  if (!request.seen_by_others) tasks = open_tasks(request.tasks);
  bool joins = tasks.size() == request.tasks.size();
  // argv[1] is the channel, the others are what native/init/cgroups.h writes to.
  std::vector<std::string> numbers{std::to_string(channel->second.get())};
  for (const UniqueFd& fd : tasks) {
    keep.push_back(fd.get());
    numbers.push_back(std::to_string(fd.get()));
  }
  std::vector<const char*> argv{"ocirt:init"};
  for (const std::string& number : numbers) argv.push_back(number.c_str());
  argv.push_back(nullptr);
  const char* envp[] = {nullptr};
  bool gated = request.mapping.has_value();
  ChildPlan plan;
  plan.init = *init;
  plan.gate = gated ? gate->read.get() : -1;
  plan.gate_write = gate->write.get();
  plan.report = report->write.get();
  plan.new_user_namespace = (request.clone_flags & CLONE_NEWUSER) != 0;
  if (request.mapping) {
    plan.uid = request.mapping->uid;
    plan.gid = request.mapping->gid;
  }
  if (request.stdio) std::copy(request.stdio->begin(), request.stdio->end(), plan.stdio);
  plan.keep = keep.data();
  plan.keep_count = keep.size();
  plan.max_fds = descriptor_limit();
  plan.argv = argv.data();
  plan.envp = envp;

  Undumpable undumpable;

  ScopedAffinity affinity;
  if (!request.affinity.empty()) OCIRT_TRY(affinity.enter(request.affinity));
  ThreadNamespaces namespaces;
  for (int fd : request.born_in) OCIRT_TRY(namespaces.enter(fd));
  Result<Cloned> child = clone_child(request, stack, plan);
  Status back = namespaces.leave();
  if (!child) return child.error();
  ChildGuard guard(child->pid);
  if (!back) return back.error();

  // Only the child has these now: its end closes them, and so does ours for it.
  report->write.reset();
  channel->second.reset();
  if (request.cgroup >= 0 && !child->in_cgroup && waits_for(request)) {
    OCIRT_TRY(join_cgroup(request.cgroup, child->pid));
  }
  if (request.mapping) OCIRT_TRY(write_id_maps(child->pid, *request.mapping));
  // Our end for reading is still open: a child that has died meanwhile costs no SIGPIPE.
  if (gated) OCIRT_TRY(write_all(gate->write.get(), "1"));
  Status executed = await_exec(report->read.get());
  if (!executed) return executed.error();
  // A child that was killed before its exec closes the report as well: it shows as an end of the
  // channel, which the caller waits on next.
  guard.release();
  // A v2 cgroup beside id maps is the caller's matter.
  if (request.cgroup >= 0 && !waits_for(request)) joins = false;
  return Spawned{child->pid, std::move(child->pidfd), std::move(channel->first), joins};
}

}  // namespace ocirt
