#include "sys/seccomp_build.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>

#include "core/unique_fd.h"
#include "sys/files.h"
#include "sys/seccomp_enosys.h"

namespace ocirt {
namespace {

struct ReleaseFilter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// More rules than this make a linear list slower than a tree. libseccomp up to 2.5.4 makes a wrong
// tree of no rules at all, so the tree is never asked for with few.
constexpr size_t kTreeFrom = 32;

constexpr unsigned kMaxArguments = 6;

std::optional<uint32_t> action_number(const SeccompAction& action) {
  uint32_t data = action.value & 0xffff;
  if (action.kind == "kill_thread") return SCMP_ACT_KILL_THREAD;
  if (action.kind == "kill_process") return SCMP_ACT_KILL_PROCESS;
  if (action.kind == "trap") return SCMP_ACT_TRAP;
  if (action.kind == "errno") return SCMP_ACT_ERRNO(data);
  if (action.kind == "trace") return SCMP_ACT_TRACE(data);
  if (action.kind == "allow") return SCMP_ACT_ALLOW;
  if (action.kind == "log") return SCMP_ACT_LOG;
  if (action.kind == "notify") return SCMP_ACT_NOTIFY;
  return std::nullopt;
}

std::optional<scmp_compare> comparison(std::string_view op) {
  if (op == "ne") return SCMP_CMP_NE;
  if (op == "lt") return SCMP_CMP_LT;
  if (op == "le") return SCMP_CMP_LE;
  if (op == "eq") return SCMP_CMP_EQ;
  if (op == "ge") return SCMP_CMP_GE;
  if (op == "gt") return SCMP_CMP_GT;
  if (op == "masked_eq") return SCMP_CMP_MASKED_EQ;
  return std::nullopt;
}

Result<std::vector<scmp_arg_cmp>> conditions(const SeccompRule& rule) {
  std::vector<scmp_arg_cmp> out;
  for (const SeccompArgument& arg : rule.args) {
    std::optional<scmp_compare> op = comparison(arg.op);
    if (!op) return make_error("seccomp_rule_add", EINVAL, arg.op, "operator");
    if (arg.index >= kMaxArguments) {
      return make_error("seccomp_rule_add", EINVAL, std::to_string(arg.index), "argument index");
    }
    out.push_back({arg.index, *op, arg.value, arg.value_two});
  }
  return out;
}

// libseccomp takes each argument once in a rule. Where a profile names one twice, each condition
// is a rule of its own (any of them matches), as runc has it.
bool repeats_argument(const std::vector<scmp_arg_cmp>& args) {
  std::array<int, kMaxArguments> count{};
  return std::any_of(args.begin(), args.end(),
                     [&](const scmp_arg_cmp& arg) { return ++count[arg.arg] > 1; });
}

Status add(void* filter, const std::string& name, int number, uint32_t action,
           const std::vector<scmp_arg_cmp>& args) {
  int failed = 0;
  if (repeats_argument(args)) {
    for (const scmp_arg_cmp& arg : args) {
      failed = ::seccomp_rule_add_array(filter, action, number, 1, &arg);
      if (failed != 0) break;
    }
  } else {
    failed = ::seccomp_rule_add_array(filter, action, number, static_cast<unsigned>(args.size()),
                                      args.data());
  }
  if (failed != 0) return make_error("seccomp_rule_add", -failed, name);
  return {};
}

Result<Filter> make_filter(const SeccompRequest& request, uint32_t default_action) {
  Filter filter(::seccomp_init(default_action));
  if (!filter) {
    return make_error("seccomp_init", EINVAL, request.default_action.kind, "default action");
  }
  // The filter is installed by the helper, which has its own step for no_new_privs.
  int failed = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);
  if (failed != 0) return make_error("seccomp_attr_set", -failed);
  for (const std::string& name : request.architectures) {
    uint32_t token = ::seccomp_arch_resolve_name(name.c_str());
    if (token == 0) return make_error("seccomp_arch_add", EINVAL, name, "unknown architecture");
    failed = ::seccomp_arch_add(filter.get(), token);
    // The native one is there already.
    if (failed != 0 && failed != -EEXIST) return make_error("seccomp_arch_add", -failed, name);
  }
  return filter;
}

Result<std::string> export_program(void* filter) {
  // 2.5 can only write to a descriptor.
  UniqueFd fd(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!fd) return sys_error("memfd_create");
  int failed = ::seccomp_export_bpf(filter, fd.get());
  if (failed != 0) return make_error("seccomp_export_bpf", -failed);
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return sys_error("lseek");
  return read_all(fd.get(), "memfd:seccomp");
}

}  // namespace

Result<SeccompBuild> build_seccomp(const SeccompRequest& request) {
  std::optional<uint32_t> default_action = action_number(request.default_action);
  if (!default_action) {
    return make_error("seccomp_init", EINVAL, request.default_action.kind, "unknown action");
  }
  Result<Filter> filter = make_filter(request, *default_action);
  if (!filter) return filter.error();

  size_t count = 0;
  for (const SeccompRule& rule : request.rules) count += rule.names.size();
  // Not fatal: before 2.5 there is no such attribute, and the program is only slower.
  if (count > kTreeFrom) (void)::seccomp_attr_set(filter->get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);

  SeccompBuild out;
  std::set<std::string> unknown;
  for (const SeccompRule& rule : request.rules) {
    std::optional<uint32_t> action = action_number(rule.action);
    if (!action) return make_error("seccomp_rule_add", EINVAL, rule.action.kind, "unknown action");
    Result<std::vector<scmp_arg_cmp>> args = conditions(rule);
    if (!args) return args.error();
    for (const std::string& name : rule.names) {
      int number = ::seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) {
        unknown.insert(name);
        continue;
      }
      // What happens anyway; libseccomp refuses it as a rule.
      if (*action == *default_action) continue;
      OCIRT_TRY(add(filter->get(), name, number, *action, *args));
    }
  }

  Result<std::string> program = export_program(filter->get());
  if (!program) return program.error();
  if (request.enosys_for_newer) {
    out.program = enosys_prologue(request) + *program;
    // BPF_MAXINSNS: the kernel refuses more, but only when the container starts.
    if (out.program.size() / kInstructionSize > 4096) {
      return make_error("seccomp_export_bpf", E2BIG, {},
                        "the program has more than 4096 instructions");
    }
  } else {
    out.program = std::move(*program);
  }
  out.unknown_syscalls.assign(unknown.begin(), unknown.end());
  return out;
}

}  // namespace ocirt
