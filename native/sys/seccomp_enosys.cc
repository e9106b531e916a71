#include "sys/seccomp_enosys.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <cerrno>
#include <cstddef>
#include <map>
#include <vector>

namespace ocirt {
namespace {

using Program = std::vector<sock_filter>;

// x32 has the architecture token of x86_64, and this bit in its numbers.
constexpr uint32_t kX32Bit = 0x40000000;

// The greatest number that the profile names; 0: none.
struct Newest {
  uint32_t number = 0;
  uint32_t x32_number = 0;
};

uint32_t newest(const SeccompRequest& request, uint32_t architecture) {
  int out = 0;
  for (const SeccompRule& rule : request.rules) {
    for (const std::string& name : rule.names) {
      // Negative: unknown, or one that this architecture does not have.
      int number = ::seccomp_syscall_resolve_name_arch(architecture, name.c_str());
      if (number > out) out = number;
    }
  }
  return static_cast<uint32_t>(out);
}

// By the architecture's token in struct seccomp_data.
std::map<uint32_t, Newest> newest_by_token(const SeccompRequest& request) {
  std::map<uint32_t, Newest> out;
  out[::seccomp_arch_native()].number = newest(request, ::seccomp_arch_native());
  for (const std::string& name : request.architectures) {
    uint32_t architecture = ::seccomp_arch_resolve_name(name.c_str());
    if (architecture == SCMP_ARCH_X32) {
      out[AUDIT_ARCH_X86_64].x32_number = newest(request, architecture);
    } else {
      out[architecture].number = newest(request, architecture);
    }
  }
  return out;
}

sock_filter load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

// Skips `yes` instructions where the condition holds, `no` where it does not.
sock_filter jump(uint16_t condition, uint32_t value, uint8_t yes, uint8_t no) {
  return BPF_JUMP(static_cast<uint16_t>(BPF_JMP | condition | BPF_K), value, yes, no);
}

sock_filter jump_if_equal(uint32_t value, uint8_t yes, uint8_t no) {
  return jump(BPF_JEQ, value, yes, no);
}

// The instructions for one architecture, up to the jump into the filter, which is the last of them.
Program section(const Newest& newest) {
  Program out = {load(offsetof(seccomp_data, nr))};
  if (newest.x32_number != 0) {
    out.push_back(jump(BPF_JSET, kX32Bit, 1, 0));
    // A number without the bit: to the ENOSYS, or over it.
    out.push_back(newest.number != 0 ? jump(BPF_JGT, newest.number, 1, 2) : jump(BPF_JGE, 0, 2, 2));
    out.push_back(jump(BPF_JGT, newest.x32_number, 0, 1));
  } else {
    out.push_back(jump(BPF_JGT, newest.number, 0, 1));
  }
  out.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  return out;
}

// Without x32 in the profile its calls are left to the filter, which refuses the architecture.
Program section_without_x32(const Newest& newest) {
  return {load(offsetof(seccomp_data, nr)), jump(BPF_JSET, kX32Bit, 2, 0),
          jump(BPF_JGT, newest.number, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};
}

}  // namespace

std::string enosys_prologue(const SeccompRequest& request) {
  Program program = {load(offsetof(seccomp_data, arch))};
  std::vector<size_t> exits;
  for (const auto& [token, newest] : newest_by_token(request)) {
    if (newest.number == 0 && newest.x32_number == 0) continue;
    bool plain_x86_64 = token == AUDIT_ARCH_X86_64 && newest.x32_number == 0;
    Program part = plain_x86_64 ? section_without_x32(newest) : section(newest);
    program.push_back(jump_if_equal(token, 0, static_cast<uint8_t>(part.size() + 1)));
    program.insert(program.end(), part.begin(), part.end());
    exits.push_back(program.size());
    program.push_back(BPF_STMT(BPF_JMP | BPF_JA, 0));
  }
  if (exits.empty()) return {};
  // The filter begins where the prologue ends.
  for (size_t exit : exits) program[exit].k = static_cast<uint32_t>(program.size() - exit - 1);
  return std::string(reinterpret_cast<const char*>(program.data()),
                     program.size() * kInstructionSize);
}

}  // namespace ocirt
