// An attacker of the runtime: looks for its processes and opens their memory, or what they see.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "payload.h"

namespace payload {
namespace {

std::string lastPid() {
  char text[256] = "";
  int fd = open("/proc/loadavg", O_RDONLY);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = '\0';
  const char* space = std::strrchr(text, ' ');
  return space ? space + 1 : "0";
}

// Calls `look` with the folders in /proc of the youngest processes, for ever.
[[noreturn]] void watchYoungest(const std::function<void(const std::string& folder)>& look) {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    int last = std::atoi(lastPid().c_str());
    for (int pid = last > 4 ? last - 4 : 1; pid <= last + 2; pid++) {
      look("/proc/" + std::to_string(pid));
    }
  }
}

void tell(const char* text) {
  std::puts(text);
  std::fflush(stdout);
}

// EXECUTABLE...: for ever. Says "seen" for each look at a process that runs one of them, "opened"
// where its memory could be opened for writing.
int hunt(const Args& args) {
  watchYoungest([&](const std::string& folder) {
    char target[4096];
    ssize_t n = readlink((folder + "/exe").c_str(), target, sizeof target - 1);
    if (n <= 0) return;
    target[n] = '\0';
    bool wanted = false;
    for (const std::string& name : args) wanted |= name == target;
    if (!wanted) return;
    int fd = open((folder + "/mem").c_str(), O_RDWR);
    tell(fd < 0 ? "seen" : "opened");
    if (fd >= 0) close(fd);
  });
}

// FILE: for ever. Says "reached" where FILE is in the root of a young process, and can be written
// to.
int reach(const Args& args) {
  watchYoungest([&](const std::string& folder) {
    int fd = open((folder + "/root" + args[0]).c_str(), O_RDWR);
    if (fd < 0) return;
    tell("reached");
    close(fd);
  });
}

}  // namespace

const std::vector<ActVerb>& huntVerbs() {
  static const std::vector<ActVerb> verbs = {{"hunt", 1, hunt}, {"reach", 1, reach}};
  return verbs;
}

}  // namespace payload
