// Verbs that act inside a container: exit, wait, answer signals, use up a resource.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "payload.h"

namespace payload {
namespace {

int toInt(const std::string& text) {
  return std::atoi(text.c_str());
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int exitWith(const Args& args) {
  return toInt(args[0]);
}

int raiseSignal(const Args& args) {
  std::signal(toInt(args[0]), SIG_DFL);
  kill(getpid(), toInt(args[0]));
  // A process 1 is spared by signals of its own namespace.
  return 99;
}

// Prints what it is given and ends.
int print(const Args& args) {
  for (const auto& arg : args) say(arg);
  return 0;
}

int printError(const Args& args) {
  std::fprintf(stderr, "%s\n", args[0].c_str());
  return 0;
}

// Waits for ever, as process 1 that also reaps. SIGTERM ends it with status 0.
int waitForever(const Args&) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  say("ready");
  for (;;) {
    int signal = sigwaitinfo(&set, nullptr);
    if (signal == SIGTERM) return 0;
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
  }
}

// Names each signal of its arguments as it comes; the last one ends it with status 7.
int trapSignals(const Args& args) {
  sigset_t set;
  sigemptyset(&set);
  for (const auto& arg : args) sigaddset(&set, toInt(arg));
  sigprocmask(SIG_BLOCK, &set, nullptr);
  say("ready");
  for (;;) {
    int signal = sigwaitinfo(&set, nullptr);
    if (signal < 0) continue;
    std::string line = "signal " + std::to_string(signal);
    winsize size = {};
    if (signal == SIGWINCH && ioctl(1, TIOCGWINSZ, &size) == 0) {
      line += " " + std::to_string(size.ws_row) + "x" + std::to_string(size.ws_col);
    }
    say(line);
    if (signal == toInt(args.back())) return 7;
  }
}

int ignoreTerm(const Args&) {
  std::signal(SIGTERM, SIG_IGN);
  say("ready");
  for (;;) pause();
}

// Copies standard input to standard output.
int echo(const Args&) {
  char buffer[4096];
  ssize_t n;
  while ((n = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < n;) {
      ssize_t done = write(1, buffer + at, static_cast<size_t>(n - at));
      if (done < 0) return 1;
      at += done;
    }
  }
  return 0;
}

// COUNT: starts so many children that wait, tells how many it got.
int forkMany(const Args& args) {
  int made = 0, error = 0;
  std::vector<pid_t> children;
  for (; made < toInt(args[0]); made++) {
    pid_t pid = fork();
    if (pid == 0) {
      for (;;) pause();
    }
    if (pid < 0) {
      error = errno;
      break;
    }
    children.push_back(pid);
  }
  say(object({{"made", number(made)}, {"error", quote(error == 0 ? "" : errnoName(error))}}));
  if (args.size() > 1 && args[1] == "stay") {
    for (;;) pause();
  }
  for (pid_t pid : children) kill(pid, SIGKILL);
  while (wait(nullptr) > 0) continue;
  return 0;
}

// MIB [MS]: takes so much memory and touches it; uses so much processor time and waits for ever.
int useMemory(const Args& args) {
  size_t size = static_cast<size_t>(toInt(args[0])) << 20;
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return 2;
  std::memset(at, 1, size);
  say("taken");
  if (args.size() < 2) return 0;
  while (std::clock() / (CLOCKS_PER_SEC / 1000) < toInt(args[1])) continue;
  return waitForever(args);
}

// Leaves a grandchild to process 1 and waits until it has been reaped; process 1 is us or a
// reaper above us.
int orphan(const Args&) {
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      usleep(20000);
      _exit(0);
    }
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  usleep(100000);
  say("done");
  return 0;
}

// FD TEXT: writes to a descriptor that was passed on.
int writeTo(const Args& args) {
  return write(toInt(args[0]), args[1].data(), args[1].size()) < 0 ? errno : 0;
}

// Counts in a file, once every few milliseconds: stands still while it is frozen.
int count(const Args& args) {
  for (unsigned long n = 1;; n++) {
    int fd = open(args[0].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    std::string text = std::to_string(n) + "\n";
    if (fd < 0 || pwrite(fd, text.data(), text.size(), 0) < 0) return 1;
    close(fd);
    if (n == 1) say("ready");
    usleep(5000);
  }
}

}  // namespace

const std::vector<ActVerb>& workVerbs() {
  static const std::vector<ActVerb> verbs = {
      {"exit", 1, exitWith},
      {"raise", 1, raiseSignal},
      {"print", 0, print},
      {"stderr", 1, printError},
      {"pause", 0, waitForever},
      {"trap", 1, trapSignals},
      {"ignore-term", 0, ignoreTerm},
      {"echo", 0, echo},
      {"fork-many", 1, forkMany},
      {"mem", 1, useMemory},
      {"orphan", 0, orphan},
      {"write-fd", 2, writeTo},
      {"count", 1, count},
  };
  return verbs;
}

}  // namespace payload
