// Verbs about limits and scheduling.
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

#include "payload.h"

namespace payload {
namespace {

struct Limit {
  const char* name;
  __rlimit_resource resource;
};

const Limit kLimits[] = {
    {"RLIMIT_CPU", RLIMIT_CPU},           {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_DATA", RLIMIT_DATA},         {"RLIMIT_STACK", RLIMIT_STACK},
    {"RLIMIT_CORE", RLIMIT_CORE},         {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_NPROC", RLIMIT_NPROC},       {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},   {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},       {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},     {"RLIMIT_RTTIME", RLIMIT_RTTIME},
};

// As decimal text: a double cannot hold RLIM_INFINITY.
std::string limits(const Args&) {
  Members members;
  for (const auto& [name, resource] : kLimits) {
    rlimit limit;
    if (getrlimit(resource, &limit) < 0) continue;
    members.push_back({name, object({{"soft", quote(std::to_string(limit.rlim_cur))},
                                     {"hard", quote(std::to_string(limit.rlim_max))}})});
  }
  return object(members);
}

std::string scheduling(const Args&) {
  sched_param param = {};
  sched_getparam(0, &param);
  errno = 0;
  int nice = getpriority(PRIO_PROCESS, 0);
  return object({{"policy", number(sched_getscheduler(0))},
                 {"priority", number(param.sched_priority)},
                 {"nice", number(nice)}});
}

// ioprio_get(2): class in the upper bits, level below.
std::string ioPriority(const Args&) {
  long value = syscall(SYS_ioprio_get, 1, 0);
  if (value < 0) return failure(errno);
  return object({{"class", number(value >> 13)}, {"level", number(value & 7)}});
}

std::string affinity(const Args&) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) < 0) return failure(errno);
  std::vector<std::string> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(number(cpu));
  }
  return array(cpus);
}

std::string executionDomain(const Args&) {
  return number(personality(0xffffffff));
}

std::string oomScore(const Args&) {
  std::string content;
  if (!readFile("/proc/self/oom_score_adj", content)) return failure(errno);
  return number(std::stoi(content));
}

// Memory policy: get_mempolicy(2), mode only.
std::string memoryPolicy(const Args&) {
  int mode = 0;
  unsigned long nodes[16] = {};
  if (syscall(SYS_get_mempolicy, &mode, nodes, 1024, nullptr, 0) < 0) return failure(errno);
  return object({{"mode", number(mode)}, {"nodes", number(static_cast<long long>(nodes[0]))}});
}

}  // namespace

const std::vector<ReportVerb>& limitVerbs() {
  static const std::vector<ReportVerb> verbs = {
      {"rlimits", 0, limits},
      {"sched", 0, scheduling},
      {"ioprio", 0, ioPriority},
      {"affinity", 0, affinity},
      {"personality", 0, executionDomain},
      {"oom", 0, oomScore},
      {"mempolicy", 0, memoryPolicy},
  };
  return verbs;
}

}  // namespace payload
