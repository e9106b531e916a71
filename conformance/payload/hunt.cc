// An attacker of the runtime: looks for its processes and opens their memory.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

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

// EXECUTABLE...: for ever. Says "seen" for each look at a process that runs one of them, "opened"
// where its memory could be opened for writing.
int hunt(const Args& args) {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    int last = std::atoi(lastPid().c_str());
    for (int pid = last > 4 ? last - 4 : 1; pid <= last + 2; pid++) {
      std::string folder = "/proc/" + std::to_string(pid);
      char target[4096];
      ssize_t n = readlink((folder + "/exe").c_str(), target, sizeof target - 1);
      if (n <= 0) continue;
      target[n] = '\0';
      bool wanted = false;
      for (const std::string& name : args) wanted |= name == target;
      if (!wanted) continue;
      int fd = open((folder + "/mem").c_str(), O_RDWR);
      std::puts(fd < 0 ? "seen" : "opened");
      std::fflush(stdout);
      if (fd >= 0) close(fd);
    }
  }
}

}  // namespace

const std::vector<ActVerb>& huntVerbs() {
  static const std::vector<ActVerb> verbs = {{"hunt", 1, hunt}};
  return verbs;
}

}  // namespace payload
