#include "sys/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>

#include "core/unique_fd.h"
#include "sys/pipe.h"
#include "sys/signal_pipe.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& text : strings) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// What the child needs, all of it made before the fork: in the copy of a process with threads only
// async-signal-safe calls are allowed (fork(2), signal-safety(7)).
struct Child {
  const char* path;
  char** argv;
  char** envp;
  const char* cwd;  // null: stay
  int in;
  int out;  // -1: the caller's
  int err;
  int report;
};

[[noreturn]] void child_fail(int report) {
  int saved = errno;
  (void)!::write(report, &saved, sizeof saved);
  ::_exit(127);
}

[[noreturn]] void run_child(const Child& child) {
  ::setpgid(0, 0);
  if (::dup2(child.in, 0) < 0) child_fail(child.report);
  if (child.out >= 0 && (::dup2(child.out, 1) < 0 || ::dup2(child.err, 2) < 0)) {
    child_fail(child.report);
  }
  // Node.js marks its own 1 and 2 close-on-exec.
  for (int fd : {1, 2}) ::fcntl(fd, F_SETFD, 0);
  // Everything else goes at the exec; also what a library of the host has opened without O_CLOEXEC.
  constexpr unsigned kCloseOnExec = 4;
  if (sys_close_range(3, ~0u, kCloseOnExec) != 0) {
    // Before Linux 5.11. The host's own descriptors are close-on-exec in any case.
    for (int fd = 3; fd < 1024; fd++) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  if (child.cwd && ::chdir(child.cwd) != 0) child_fail(child.report);

  // An ignored signal stays ignored across an exec: Node.js ignores SIGPIPE.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(child.path, child.argv, child.envp);
  child_fail(child.report);
}

// Those of the signals caught in the SignalPipe that ask us to end are given to the program's
// process group, as a terminal would if it were ours. All of them are kept: a program that goes on
// regardless is followed by a container that is to have them.
class PassedSignals {
 public:
  explicit PassedSignals(pid_t group) : group_(group) {}
  ~PassedSignals() {
    if (group_ < 0) return;
    for (int signal : seen_) SignalPipe::instance().put_back(signal);
  }
  PassedSignals(const PassedSignals&) = delete;
  PassedSignals& operator=(const PassedSignals&) = delete;

  int fd() const { return group_ < 0 ? -1 : SignalPipe::instance().fd(); }

  void pass() {
    for (int signal; (signal = SignalPipe::instance().next()) != 0;) {
      if (std::find(seen_.begin(), seen_.end(), signal) == seen_.end()) seen_.push_back(signal);
      for (int ending : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
        if (signal == ending) ::kill(-group_, signal);
      }
    }
  }

 private:
  pid_t group_;  // -1: nothing is passed on
  std::vector<int> seen_;
};

// The parent's side: feeds stdin, drains stdout and stderr, watches the time.
class Exchange {
 public:
  Exchange(const ProgramRequest& request, pid_t pid, UniqueFd in, UniqueFd out, UniqueFd err)
      : request_(request),
        pid_(pid),
        in_(std::move(in)),
        out_(std::move(out)),
        err_(std::move(err)),
        signals_(request.pass_signals ? pid : -1) {
    if (in_) ::fcntl(in_.get(), F_SETFL, O_NONBLOCK);
    pidfd_.reset(sys_pidfd_open(pid));
    if (request.timeout_ms > 0) deadline_ = now_ms() + request.timeout_ms;
  }

  Result<ProgramResult> run() {
    // A program that doesn't read its stdin is no error: EPIPE in place of SIGPIPE, which would be
    // delivered to this thread. Node.js ignores it, another host may not.
    SignalMask mask({SIGPIPE});
    int status = 0;
    bool ended = false;
    while (!ended) {
      feed();
      pid_t got = ::waitpid(pid_, &status, WNOHANG);
      if (got < 0 && errno != EINTR) {
        kill_group();
        return sys_error("waitpid", request_.path);
      }
      ended = got == pid_;
      if (!ended) wait_for_something();
    }
    // What it wrote before its end is in the pipes. A child that it left behind may hold them open:
    // that one is not waited for.
    drain(out_, result_.out);
    drain(err_, result_.err);
    if (WIFSIGNALED(status)) {
      result_.signal = WTERMSIG(status);
    } else {
      result_.exit_code = WEXITSTATUS(status);
    }
    discard_pending_sigpipe();
    return std::move(result_);
  }

 private:
  void wait_for_something() {
    int64_t wait = -1;
    if (deadline_ >= 0 && !result_.timed_out) {
      wait = deadline_ - now_ms();
      if (wait <= 0) {
        result_.timed_out = true;
        kill_group();
        return;
      }
    }
    // Without a pidfd (Linux 5.3) poll does not see the program's end: look again, ever less often.
    if (!pidfd_) {
      wait = wait < 0 ? interval_ : std::min(wait, interval_);
      interval_ = std::min<int64_t>(interval_ * 2, 50);
    }
    pollfd entries[] = {{in_.get(), POLLOUT, 0},
                        {out_.get(), POLLIN, 0},
                        {err_.get(), POLLIN, 0},
                        {pidfd_.get(), POLLIN, 0},
                        {signals_.fd(), POLLIN, 0}};  // poll passes over those that are -1
    if (::poll(entries, 5, static_cast<int>(std::min<int64_t>(wait, 60'000))) <= 0) return;
    if (entries[1].revents != 0) read_once(out_, result_.out);
    if (entries[2].revents != 0) read_once(err_, result_.err);
    if (entries[4].revents != 0) signals_.pass();
  }

  void feed() {
    while (in_) {
      size_t left = request_.stdin_data.size() - fed_;
      ssize_t n = left == 0 ? 0 : ::write(in_.get(), request_.stdin_data.data() + fed_, left);
      if (n > 0) fed_ += static_cast<size_t>(n);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n < 0 || fed_ == request_.stdin_data.size()) in_.reset();
    }
  }

  // One read; what is above the limit is dropped. False at the end of the stream.
  bool read_once(UniqueFd& fd, std::string& into) {
    char buffer[16 * 1024];
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) {
      if (n == 0 || errno != EAGAIN) fd.reset();
      return false;
    }
    size_t held = result_.out.size() + result_.err.size();
    size_t room = request_.capture_limit > held ? request_.capture_limit - held : 0;
    into.append(buffer, std::min(room, static_cast<size_t>(n)));
    return true;
  }

  void drain(UniqueFd& fd, std::string& into) {
    if (!fd) return;
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    // Bounded: a child left behind could write for ever.
    for (int i = 0; i < 1024 && fd && read_once(fd, into); i++) continue;
  }

  void kill_group() {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
  }

  static void discard_pending_sigpipe() {
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    timespec none{};
    while (::sigtimedwait(&pipe, nullptr, &none) == SIGPIPE) continue;
  }

  const ProgramRequest& request_;
  pid_t pid_;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd err_;
  UniqueFd pidfd_;
  PassedSignals signals_;
  size_t fed_ = 0;
  int64_t deadline_ = -1;
  int64_t interval_ = 1;
  ProgramResult result_;
};

}  // namespace

Result<ProgramResult> run_program(const ProgramRequest& request) {
  Result<Pipe> in = make_pipe();
  if (!in) return in.error();
  Result<Pipe> report = make_pipe();
  if (!report) return report.error();
  Pipe out;
  Pipe err;
  if (!request.inherit_output) {
    for (Pipe* target : {&out, &err}) {
      Result<Pipe> made = make_pipe();
      if (!made) return made.error();
      *target = std::move(*made);
    }
  }

  std::vector<char*> argv = pointers(request.args);
  std::vector<char*> envp = pointers(request.env);
  Child child{request.path.c_str(), argv.data(),
              envp.data(),          request.cwd.empty() ? nullptr : request.cwd.c_str(),
              in->read.get(),       out.write.get(),
              err.write.get(),      report->write.get()};
  pid_t pid;
  {
    // No handler of the host runs in the child before its dispositions are reset.
    SignalMask all;
    pid = ::vfork();
    if (pid == 0) run_child(child);
  }
  if (pid < 0) return sys_error("vfork");

  in->read.reset();
  out.write.reset();
  err.write.reset();
  report->write.reset();
  int failure = 0;
  ssize_t n;
  do {
    n = ::read(report->read.get(), &failure, sizeof failure);
  } while (n < 0 && errno == EINTR);
  if (n == sizeof failure) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
    return make_error("execve", failure, request.path);
  }
  return Exchange(request, pid, std::move(in->write), std::move(out.read), std::move(err.read))
      .run();
}

}  // namespace ocirt
