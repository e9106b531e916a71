// Verbs for the host's side of a test: a subreaper, a terminal around a program, the other end
// of a console socket, a hook that writes down how it was called.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "payload.h"

extern char** environ;

namespace payload {
namespace {

int statusOf(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// CMD...: runs it as its child and takes in every orphan below it. The first process of some
// machines is slow to do so. Ends with the status of CMD; what CMD left behind is then killed,
// and named.
int subreaper(const Args& args) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t child = fork();
  if (child == 0) execute(args);
  int result = 126;
  for (;;) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno != EINTR) break;
    if (pid == child) {
      result = statusOf(status);
      break;
    }
  }
  // Give what is on its way out a moment, then end it: nothing may outlive the tests.
  for (int tries = 0; tries < 50; tries++) {
    pid_t pid = waitpid(-1, nullptr, WNOHANG);
    if (pid < 0) return result;
    if (pid == 0) usleep(20000);
  }
  std::string children;
  readFile("/proc/self/task/" + std::to_string(getpid()) + "/children", children);
  std::fprintf(stderr, "ocirt-payload: subreaper: left behind: %s\n", children.c_str());
  for (char* at = children.data(); *at != '\0';) {
    char* end = nullptr;
    long pid = std::strtol(at, &end, 10);
    if (end == at) break;
    if (pid > 1) kill(static_cast<pid_t>(pid), SIGKILL);
    at = end;
  }
  while (waitpid(-1, nullptr, 0) > 0) continue;
  return result == 0 ? 124 : result;
}

bool pass(int from, int to) {
  char buffer[4096];
  ssize_t n = read(from, buffer, sizeof buffer);
  if (n <= 0) return false;
  for (ssize_t at = 0; at < n;) {
    ssize_t done = write(to, buffer + at, static_cast<size_t>(n - at));
    if (done < 0) return false;
    at += done;
  }
  return true;
}

// Standard input to the master, the master to standard output, until the master ends.
void relay(int master) {
  pollfd fds[2] = {{master, POLLIN, 0}, {0, POLLIN, 0}};
  for (;;) {
    if (poll(fds, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (fds[1].revents != 0 && !pass(0, master)) fds[1].fd = -1;
    if (fds[0].revents != 0 && !pass(master, 1)) return;
  }
}

int resizedMaster = -1;

// SIGUSR1 makes the terminal of `pty` 50 by 120.
void resize(int) {
  winsize size = {50, 120, 0, 0};
  ioctl(resizedMaster, TIOCSWINSZ, &size);
}

// CMD...: runs it on a terminal of its own, 24 by 80, which is its controlling one.
int terminal(const Args& args) {
  winsize size = {24, 80, 0, 0};
  int master = -1;
  pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child < 0) return 126;
  if (child == 0) execute(args);
  fcntl(master, F_SETFD, FD_CLOEXEC);
  resizedMaster = master;
  struct sigaction action = {};
  action.sa_handler = resize;
  sigaction(SIGUSR1, &action, nullptr);
  relay(master);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return statusOf(status);
}

// One message with up to four descriptors. Returns the number of descriptors, -1 on failure.
int receive(int connection, std::string& text, int* fds) {
  char data[4096];
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
  iovec part = {data, sizeof data};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (n < 0) return -1;
  text.assign(data, static_cast<size_t>(n));
  int count = 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    count = static_cast<int>((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds, CMSG_DATA(c), static_cast<size_t>(count) * sizeof(int));
  }
  return count;
}

// The process of a pidfd; 0 where it is none. pidfd_open(2)
int pidOf(int fd) {
  std::string info;
  readFile("/proc/self/fdinfo/" + std::to_string(fd), info);
  size_t at = info.find("\nPid:");
  return at == std::string::npos ? 0 : std::atoi(info.c_str() + at + 5);
}

// SOCKET: the other end of --console-socket or --pidfd-socket. Prints "listening", then {"message",
// "fds", "name", "pid"} of what came, then whatever the terminal says; standard input goes to the
// terminal.
int receiveTerminal(const Args& args) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (args[0].size() >= sizeof address.sun_path) return 2;
  std::memcpy(address.sun_path, args[0].c_str(), args[0].size() + 1);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return 3;
  if (listen(listener, 1) < 0) return 3;
  std::printf("listening\n");
  std::fflush(stdout);
  int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return 4;
  std::string text;
  int fds[4] = {-1, -1, -1, -1};
  int count = receive(connection, text, fds);
  std::string link = count > 0 ? readLink("/proc/self/fd/" + std::to_string(fds[0])) : "";
  std::printf("%s\n", object({{"message", quote(text)},
                              {"fds", number(count)},
                              {"name", quote(link)},
                              {"pid", number(count > 0 ? pidOf(fds[0]) : 0)}})
                          .c_str());
  std::fflush(stdout);
  close(connection);
  close(listener);
  if (count < 1) return 5;
  relay(fds[0]);
  return 0;
}

// FILE NAME [STATUS]: appends a line of JSON to FILE: how this hook was called.
int hook(const Args& args) {
  std::string input;
  char buffer[4096];
  ssize_t n;
  while ((n = read(0, buffer, sizeof buffer)) > 0) input.append(buffer, static_cast<size_t>(n));
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; entry++) environment.push_back(*entry);
  char cwd[PATH_MAX] = {};
  if (getcwd(cwd, sizeof cwd) == nullptr) cwd[0] = '\0';
  std::vector<std::string> fds;
  for (int fd = 0; fd < 256; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) fds.push_back(number(fd));
  }
  std::string line = object({{"name", quote(args[1])},
                             {"args", strings(args)},
                             {"env", strings(environment)},
                             {"cwd", quote(cwd)},
                             {"state", quote(input)},
                             {"fds", array(fds)},
                             {"mnt", quote(readLink("/proc/self/ns/mnt"))},
                             {"uts", quote(readLink("/proc/self/ns/uts"))},
                             {"net", quote(readLink("/proc/self/ns/net"))}}) +
                     "\n";
  int file = open(args[0].c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0 || write(file, line.data(), line.size()) < 0) return 120;
  close(file);
  std::fprintf(stderr, "said by %s\n", args[1].c_str());
  return args.size() > 2 ? std::atoi(args[2].c_str()) : 0;
}

// NAME CMD...: runs it with a new session keyring of that name. keyctl(2),
// KEYCTL_JOIN_SESSION_KEYRING
int joinKeyring(const Args& args) {
  constexpr int kJoin = 1;
  if (syscall(SYS_keyctl, kJoin, args[0].c_str()) < 0) return 126;
  execute(Args(args.begin() + 1, args.end()));
}

// Sleeps so many milliseconds.
int nap(const Args& args) {
  usleep(static_cast<useconds_t>(std::atoi(args[0].c_str())) * 1000);
  return 0;
}

}  // namespace

void execute(const Args& args) {
  std::vector<char*> argv;
  for (const auto& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  std::fprintf(stderr, "ocirt-payload: %s: %s\n", argv[0], std::strerror(errno));
  _exit(127);
}

const std::vector<ActVerb>& hostVerbs() {
  static const std::vector<ActVerb> verbs = {
      {"subreaper", 1, subreaper}, {"pty", 1, terminal}, {"recvtty", 1, receiveTerminal},
      {"hook", 2, hook},           {"nap", 1, nap},      {"in-keyring", 2, joinKeyring}};
  return verbs;
}

}  // namespace payload
