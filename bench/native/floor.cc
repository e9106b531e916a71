// The verbs; see floor.h.
#include "floor.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

void must(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "floor: %s: %s\n", what.c_str(), std::strerror(errno));
  _exit(1);
}

List readList() {
  List list;
  FILE* file = std::fopen("floor.txt", "re");
  must(file != nullptr, "floor.txt");
  for (std::string line; readLine(file, line);) {
    const Words words = split(line);
    if (words[0] == "namespaces") {
      list.namespaces = std::strtoul(words[1].c_str(), nullptr, 10);
    } else if (words[0] == "hostname") {
      list.hostname = words[1];
    } else if (words[0] == "cgroup") {
      list.cgroups.push_back(words[1]);
    } else if (words[0] == "arg") {
      list.args.push_back(words[1]);
    } else {
      list.steps.push_back(words);
    }
  }
  std::fclose(file);
  return list;
}

namespace {

// What is in the state folder for a container: the number of its process, and where it waits.
struct Place {
  std::string pid;
  std::string fifo;
};

Place placeOf(const std::string& root, const std::string& id) {
  return {root + "/" + id + ".pid", root + "/" + id + ".fifo"};
}

void writeFile(const std::string& file, const std::string& text, int flags) {
  int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
  must(fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()), file);
  close(fd);
}

pid_t readPid(const Place& place) {
  const pid_t pid = static_cast<pid_t>(readNumber(place.pid));
  must(pid > 0, place.pid);
  return pid;
}

// The calling process moves itself, its only thread, by `tasks`: a pid written to cgroup.procs
// waits for the kernel. A v2 cgroup has no such file; it is given to the clone.
void joinV1(const List& list, const std::string& id) {
  for (const std::string& folder : list.cgroups) {
    int tasks = open((folder + "/" + id + "/tasks").c_str(), O_WRONLY | O_CLOEXEC);
    if (tasks < 0 && errno == ENOENT) continue;
    must(tasks >= 0 && write(tasks, "0", 1) == 1, folder);
    close(tasks);
  }
}

// The v2 cgroup, or -1.
int openV2(const List& list, const std::string& id) {
  for (const std::string& folder : list.cgroups) {
    const std::string group = folder + "/" + id;
    if (access((group + "/cgroup.controllers").c_str(), F_OK) != 0) continue;
    int fd = open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(fd >= 0, group);
    return fd;
  }
  return -1;
}

// A child in new namespaces and in that v2 cgroup, if it is one.
pid_t cloneInto(unsigned long namespaces, int v2) {
  clone_args args{};
  args.flags = namespaces | (v2 >= 0 ? CLONE_INTO_CGROUP : 0);
  args.exit_signal = SIGCHLD;
  args.cgroup = static_cast<uint64_t>(v2 >= 0 ? v2 : 0);
  pid_t pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
  must(pid >= 0, "clone3");
  return pid;
}

void removeCgroups(const List& list, const std::string& id) {
  for (const std::string& folder : list.cgroups) {
    const std::string group = folder + "/" + id;
    // Busy for as long as the end of the last process is under way.
    while (rmdir(group.c_str()) != 0 && errno == EBUSY) usleep(100);
  }
}

// Starts the container's process; `fifo` is what it waits for before it executes, or -1.
pid_t spawn(const List& list, const std::string& id, int fifo) {
  int ready[2];
  must(pipe2(ready, O_CLOEXEC) == 0, "pipe");
  for (const std::string& folder : list.cgroups) {
    must(mkdir((folder + "/" + id).c_str(), 0755) == 0, folder);
  }
  pid_t pid = cloneInto(list.namespaces, openV2(list, id));
  char byte = 0;
  if (pid == 0) {
    joinV1(list, id);
    enter(list, id);
    close(ready[1]);
    if (fifo >= 0) must(read(fifo, &byte, 1) == 1, "the fifo");
    executeProgram(list.args);
  }
  close(ready[1]);
  // The end of the pipe: everything is made, or the process has ended.
  must(read(ready[0], &byte, 1) == 0, "the process");
  return pid;
}

int finish(pid_t pid) {
  int status = 0;
  must(waitpid(pid, &status, 0) == pid, "waitpid");
  return status == 0 ? 0 : 1;
}

int create(const Place& place, const std::string& id, const std::string& pidFile) {
  must(mkfifo(place.fifo.c_str(), 0600) == 0, place.fifo);
  // Both ends: opening one waits for the other.
  int fifo = open(place.fifo.c_str(), O_RDWR | O_CLOEXEC);
  pid_t pid = spawn(readList(), id, fifo);
  writeFile(place.pid, std::to_string(pid), O_CREAT);
  if (!pidFile.empty()) writeFile(pidFile, std::to_string(pid), O_CREAT | O_TRUNC);
  return 0;
}

int run(const std::string& id) {
  const List list = readList();
  int status = finish(spawn(list, id, -1));
  removeCgroups(list, id);
  return status;
}

int exec(const Place& place, const std::string& id, const Words& args) {
  const List list = readList();
  int target = static_cast<int>(syscall(SYS_pidfd_open, readPid(place), 0));
  must(target >= 0, "pidfd_open");
  joinV1(list, id);
  int v2 = openV2(list, id);
  must(setns(target, static_cast<int>(list.namespaces)) == 0, "setns");
  pid_t pid = cloneInto(0, v2);
  if (pid == 0) executeProgram(args);
  return finish(pid);
}

int state(const Place& place, const std::string& id) {
  pid_t pid = readPid(place);
  const char* status = kill(pid, 0) == 0 ? "running" : "stopped";
  std::printf("{\"id\": \"%s\", \"pid\": %d, \"status\": \"%s\"}\n", id.c_str(), pid, status);
  return 0;
}

int remove(const Place& place, const std::string& id) {
  removeCgroups(readList(), id);
  unlink(place.fifo.c_str());
  must(unlink(place.pid.c_str()) == 0, place.pid);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  Words words(argv + 1, argv + argc);
  std::string root, pidFile;
  Words rest;
  for (size_t at = 0; at < words.size(); at++) {
    if (words[at] == "--root")
      root = words[++at];
    else if (words[at] == "--pid-file")
      pidFile = words[++at];
    else
      rest.push_back(words[at]);
  }
  if (rest.empty() || rest[0] == "--version") return 0;
  must(rest.size() >= 2, "an ID");
  const std::string verb = rest[0], id = rest[1];
  mkdir(root.c_str(), 0700);
  const Place place = placeOf(root, id);
  if (verb == "create") return create(place, id, pidFile);
  if (verb == "run") return run(id);
  if (verb == "exec") return exec(place, id, Words(rest.begin() + 2, rest.end()));
  if (verb == "state") return state(place, id);
  if (verb == "start") return writeFile(place.fifo, "g", 0), 0;
  if (verb == "kill") return kill(readPid(place), SIGKILL) == 0 ? 0 : 1;
  if (verb == "delete") return remove(place, id);
  std::fprintf(stderr, "floor: no verb %s\n", verb.c_str());
  return 1;
}
