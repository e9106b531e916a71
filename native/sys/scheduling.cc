#include "sys/scheduling.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace ocirt {
namespace {

// IOPRIO_WHO_PGRP of <linux/ioprio.h>: that header of Linux 6.1.192 can't be included by itself.
constexpr int kIoPriorityOfGroup = 2;

// struct sched_attr of <linux/sched/types.h>, which can't be included beside <sched.h>.
struct SchedAttr {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};
static_assert(sizeof(SchedAttr) == 48, "SCHED_ATTR_SIZE_VER0");

constexpr size_t kWordBits = sizeof(unsigned long) * CHAR_BIT;

// A bit for each number, in words of the kernel's size.
std::vector<unsigned long> bitmap(const std::vector<int>& numbers) {
  int highest = 0;
  for (int number : numbers) highest = std::max(highest, number);
  std::vector<unsigned long> words(static_cast<size_t>(highest) / kWordBits + 1);
  for (int number : numbers) {
    auto bit = static_cast<size_t>(number);
    words[bit / kWordBits] |= 1UL << (bit % kWordBits);
  }
  return words;
}

// Far more CPUs or nodes than any kernel is made for: a number that can't be meant.
constexpr int kHighestNumber = 65535;

bool in_range(const std::vector<int>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [](int number) { return number >= 0 && number <= kHighestNumber; });
}

}  // namespace

Status set_scheduling(const Scheduling& request) {
  SchedAttr attr{};
  attr.size = sizeof attr;
  attr.policy = request.policy;
  attr.flags = request.flags;
  attr.nice = request.nice;
  attr.priority = request.priority;
  attr.runtime = request.runtime;
  attr.deadline = request.deadline;
  attr.period = request.period;
  if (syscall(SYS_sched_setattr, 0, &attr, 0) < 0) return sys_error("sched_setattr");
  return {};
}

Status set_io_priority(int value) {
  if (syscall(SYS_ioprio_set, kIoPriorityOfGroup, 0, value) < 0) return sys_error("ioprio_set");
  return {};
}

Status set_affinity(const std::vector<int>& cpus) {
  if (!in_range(cpus)) return make_error("sched_setaffinity", EINVAL);
  std::vector<unsigned long> words = bitmap(cpus);
  if (syscall(SYS_sched_setaffinity, 0, words.size() * sizeof words[0], words.data()) < 0) {
    return sys_error("sched_setaffinity");
  }
  return {};
}

Status ScopedAffinity::enter(const std::vector<int>& cpus) {
  // EINVAL where the kernel's own mask is longer; it gives how many bytes it has filled.
  std::vector<unsigned long> words((kHighestNumber + 1) / kWordBits);
  long filled = syscall(SYS_sched_getaffinity, 0, words.size() * sizeof words[0], words.data());
  if (filled < 0) return sys_error("sched_getaffinity");
  OCIRT_TRY(set_affinity(cpus));
  words.resize(static_cast<size_t>(filled) / sizeof words[0]);
  before_ = std::move(words);
  return {};
}

ScopedAffinity::~ScopedAffinity() {
  if (before_.empty()) return;
  (void)syscall(SYS_sched_setaffinity, 0, before_.size() * sizeof before_[0], before_.data());
}

Status set_memory_policy(int mode, const std::vector<int>& nodes) {
  if (!in_range(nodes)) return make_error("set_mempolicy", EINVAL);
  std::vector<unsigned long> words = bitmap(nodes);
  // maxnode counts one bit more than the kernel reads (set_mempolicy(2), and get_nodes() of it).
  unsigned long max_node = nodes.empty() ? 0 : words.size() * kWordBits + 1;
  if (syscall(SYS_set_mempolicy, mode, nodes.empty() ? nullptr : words.data(), max_node) < 0) {
    return sys_error("set_mempolicy");
  }
  return {};
}

}  // namespace ocirt
