// Runs commands one after the other and says how long each took and how much memory it had. A
// program of its own, small and static, because a large one that times others is seen in the
// figures: Node.js takes two milliseconds to start a process, and the peak of resident memory that
// the kernel tells of a process begins with that of the program that started it.
//
// Standard input, one line each, words separated by tabs:
//
//   cd DIR
//   time LABEL COMMAND...     runs it; prints LABEL, nanoseconds, kilobytes (ru_maxrss of wait4)
//   quiet COMMAND...          runs it, prints nothing
//   together LABEL N          runs the commands of the next N lines at once, until the last ends
//   reap FILE                 waits for the end of the process whose number is in FILE
//   peak LABEL FILE           prints the VmHWM of that process
//   left LABEL                prints the PSS of all processes that are left of commands
//
// A command that fails ends it all with status 1. It is a subreaper: the first processes of
// containers become its children, and their end is seen without polling.
#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "lines.h"

extern char** environ;

namespace {

using bench::readLine;
using bench::split;
using bench::Words;

int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

[[noreturn]] void fail(const Words& command, const std::string& what) {
  std::fprintf(stderr, "bench-timer: %s:", what.c_str());
  for (const std::string& word : command) std::fprintf(stderr, " %s", word.c_str());
  std::fputc('\n', stderr);
  std::exit(1);
}

void print(const std::string& label, int64_t nanoseconds, long kilobytes) {
  std::printf("%s\t%lld\t%ld\n", label.c_str(), static_cast<long long>(nanoseconds), kilobytes);
}

// The words of a command from `from` on, as exec takes them, made before any clock is read.
class Command {
 public:
  Command(Words words, size_t from) : words_(std::move(words)) {
    for (size_t at = from; at < words_.size(); at++) argv_.push_back(words_[at].data());
    if (argv_.empty()) fail(words_, "no command");
    argv_.push_back(nullptr);
  }
  const Words& words() const { return words_; }

  // glibc's posix_spawn shares our memory until exec: no page table is copied.
  pid_t start(const posix_spawn_file_actions_t& actions) {
    pid_t pid = 0;
    if (posix_spawn(&pid, argv_[0], &actions, nullptr, argv_.data(), environ) != 0) {
      fail(words_, "cannot be started");
    }
    return pid;
  }

 private:
  Words words_;
  std::vector<char*> argv_;
};

// Waits for one that must end well; kilobytes of its largest process, or of those it waited for.
long finish(const Command& command, pid_t pid) {
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid) fail(command.words(), "cannot be waited for");
  if (status != 0) fail(command.words(), "ended with status " + std::to_string(status));
  return usage.ru_maxrss;
}

pid_t pidIn(const std::string& file) {
  const pid_t pid = static_cast<pid_t>(bench::readNumber(file));
  if (pid <= 0) fail({file}, "no process number in");
  return pid;
}

// The number behind NAME: in a file of /proc.
long field(const std::string& file, const std::string& name) {
  FILE* stream = std::fopen(file.c_str(), "re");
  if (stream == nullptr) return 0;
  long number = 0;
  for (std::string line; number == 0 && readLine(stream, line);) {
    if (line.rfind(name + ":", 0) == 0) number = std::atol(line.c_str() + name.size() + 1);
  }
  std::fclose(stream);
  return number;
}

long pssBelow(pid_t parent) {
  const std::string self = "/proc/" + std::to_string(parent);
  const std::string children = self + "/task/" + std::to_string(parent) + "/children";
  FILE* stream = std::fopen(children.c_str(), "re");
  if (stream == nullptr) return 0;
  long sum = 0;
  for (int pid = 0; std::fscanf(stream, "%d", &pid) == 1;) {
    sum += field("/proc/" + std::to_string(pid) + "/smaps_rollup", "Pss") + pssBelow(pid);
  }
  std::fclose(stream);
  return sum;
}

void together(const std::string& label, int count, const posix_spawn_file_actions_t& actions) {
  std::vector<Command> commands;
  for (std::string line; count > 0 && readLine(stdin, line); count--) {
    commands.emplace_back(split(line), 0);
  }
  std::vector<pid_t> pids;
  const int64_t start = now();
  for (Command& command : commands) pids.push_back(command.start(actions));
  long largest = 0;
  for (size_t at = 0; at < pids.size(); at++) {
    largest = std::max(largest, finish(commands[at], pids[at]));
  }
  print(label, now() - start, largest);
}

}  // namespace

int main() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Standard error stays ours, which is a file: containers that go on hold it open.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  for (std::string line; readLine(stdin, line);) {
    Words words = split(line);
    if (words.size() < 2) fail(words, "not understood");
    const std::string verb = words[0];
    if (verb == "cd") {
      if (chdir(words[1].c_str()) != 0) fail(words, "no such folder");
    } else if (verb == "time" || verb == "quiet") {
      const std::string label = words[1];
      Command command(std::move(words), verb == "time" ? 2 : 1);
      const int64_t start = now();
      const long peak = finish(command, command.start(actions));
      if (verb == "time") print(label, now() - start, peak);
    } else if (verb == "together" && words.size() == 3) {
      together(words[1], std::atoi(words[2].c_str()), actions);
    } else if (verb == "reap") {
      // ECHILD: somebody else has reaped it, and it has ended as well.
      waitpid(pidIn(words[1]), nullptr, 0);
    } else if (verb == "peak" && words.size() == 3) {
      print(words[1], 0, field("/proc/" + std::to_string(pidIn(words[2])) + "/status", "VmHWM"));
    } else if (verb == "left") {
      print(words[1], 0, pssBelow(getpid()));
    } else {
      fail(words, "not understood");
    }
  }
}
