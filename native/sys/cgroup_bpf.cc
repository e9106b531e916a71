#include "sys/cgroup_bpf.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "core/unique_fd.h"

namespace ocirt {
namespace {

// The kernel takes fields it does not know as long as they are zero.
int bpf(int command, bpf_attr& attr) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attr, sizeof attr));
}

bpf_attr cleared() {
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  return attr;
}

template <typename T>
uint64_t address(T* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

// The verifier's reason: the last line of its log before the statistics ("processed N insns").
std::string verdict(std::string_view log) {
  log = log.substr(0, log.rfind("\nprocessed "));
  log = log.substr(0, log.find_last_not_of('\n') + 1);
  return std::string(log.substr(log.rfind('\n') + 1));
}

Result<UniqueFd> load_program(std::string_view program) {
  if (program.empty() || program.size() % sizeof(bpf_insn) != 0) {
    return make_error("bpf", EINVAL, {}, "not whole instructions");
  }
  // A copy: the bytes that were handed over have no alignment.
  std::vector<bpf_insn> instructions(program.size() / sizeof(bpf_insn));
  std::memcpy(instructions.data(), program.data(), program.size());
  std::vector<char> log;
  for (;;) {
    bpf_attr attr = cleared();
    attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attr.insns = address(instructions.data());
    attr.insn_cnt = static_cast<uint32_t>(instructions.size());
    // Calls no helper function that would need a GPL-compatible one.
    attr.license = address("Apache");
    if (!log.empty()) {
      attr.log_buf = address(log.data());
      attr.log_size = static_cast<uint32_t>(log.size());
      attr.log_level = 1;
    }
    UniqueFd fd(bpf(BPF_PROG_LOAD, attr));
    if (fd) return fd;
    int saved = errno;
    if (log.empty() && (saved == EINVAL || saved == EACCES)) {
      // Refused by the verifier: once more, for its reasons.
      log.resize(64 * 1024);
      continue;
    }
    return make_error("bpf BPF_PROG_LOAD", saved, {}, log.empty() ? "" : verdict(log.data()));
  }
}

// Programs attached to this very cgroup. Those that we may not touch (EPERM, EACCES: the LSM label
// of systemd's, say) are left: every attached program must allow, so theirs can only restrict more.
Result<std::vector<UniqueFd>> attached_programs(int cgroup) {
  std::vector<uint32_t> ids(64);
  bpf_attr query = cleared();
  for (int attempt = 0;; attempt++) {
    query = cleared();
    query.query.target_fd = static_cast<uint32_t>(cgroup);
    query.query.attach_type = BPF_CGROUP_DEVICE;
    query.query.prog_ids = address(ids.data());
    query.query.prog_cnt = static_cast<uint32_t>(ids.size());
    if (bpf(BPF_PROG_QUERY, query) == 0) break;
    // More than there was room for; prog_cnt says how many.
    if (errno != ENOSPC || attempt == 10) return sys_error("bpf BPF_PROG_QUERY");
    ids.resize(query.query.prog_cnt + 8);
  }
  ids.resize(query.query.prog_cnt);

  std::vector<UniqueFd> out;
  for (uint32_t id : ids) {
    bpf_attr attr = cleared();
    attr.prog_id = id;
    UniqueFd fd(bpf(BPF_PROG_GET_FD_BY_ID, attr));
    if (fd) {
      out.push_back(std::move(fd));
    } else if (errno != EPERM && errno != EACCES && errno != ENOENT) {
      return sys_error("bpf BPF_PROG_GET_FD_BY_ID");
    }
  }
  return out;
}

int attach(int cgroup, int program, int replaced) {
  bpf_attr attr = cleared();
  attr.target_fd = static_cast<uint32_t>(cgroup);
  attr.attach_bpf_fd = static_cast<uint32_t>(program);
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  if (replaced >= 0) {
    attr.attach_flags |= BPF_F_REPLACE;
    attr.replace_bpf_fd = static_cast<uint32_t>(replaced);
  }
  return bpf(BPF_PROG_ATTACH, attr);
}

Status detach(int cgroup, int program) {
  bpf_attr attr = cleared();
  attr.target_fd = static_cast<uint32_t>(cgroup);
  attr.attach_bpf_fd = static_cast<uint32_t>(program);
  attr.attach_type = BPF_CGROUP_DEVICE;
  if (bpf(BPF_PROG_DETACH, attr) != 0 && errno != ENOENT) return sys_error("bpf BPF_PROG_DETACH");
  return {};
}

}  // namespace

Status attach_device_program(const std::string& path, std::string_view program) {
  UniqueFd cgroup(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup) return sys_error("open", path);
  // Before Linux 5.11 programs count as locked memory, and the usual limit is 64 KB.
  rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  rlimit before{};
  bool raised =
      ::getrlimit(RLIMIT_MEMLOCK, &before) == 0 && ::setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0;
  Result<UniqueFd> loaded = load_program(program);
  if (raised) ::setrlimit(RLIMIT_MEMLOCK, &before);
  if (!loaded) return loaded.error();
  Result<std::vector<UniqueFd>> old = attached_programs(cgroup.get());
  if (!old) return old.error();

  // A single one is replaced in one step, since Linux 5.5 (EINVAL before).
  if (old->size() == 1 && attach(cgroup.get(), loaded->get(), old->front().get()) == 0) return {};
  if (attach(cgroup.get(), loaded->get(), -1) != 0) return sys_error("bpf BPF_PROG_ATTACH", path);
  for (const UniqueFd& fd : *old) OCIRT_TRY(detach(cgroup.get(), fd.get()));
  return {};
}

}  // namespace ocirt
