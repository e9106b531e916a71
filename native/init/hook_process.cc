#include "init/hook_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "sys/leave.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

constexpr size_t kMaxErrorOutput = size_t{64} << 10;
// How often is looked for the end of the hook where there is no pidfd (before Linux 5.3).
constexpr int kPollMs = 10;
constexpr int64_t kNever = -1;

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

struct Pipe {
  UniqueFd read_end, write_end;
  Status open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return sys_error("pipe2");
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    return {};
  }
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& text : strings) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// A descriptor that is 0, 1 or 2 keeps no close-on-exec after dup2 to itself; ours are above.
[[noreturn]] void become_hook(const HookRequest& request, int in, int out, int err, int failure) {
  setpgid(0, 0);
  std::vector<char*> argv = pointers(request.args);
  std::vector<char*> envp = pointers(request.env);
  if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0) {
    // Descriptors that the container keeps are not the hooks'.
    constexpr unsigned kCloseRangeCloexec = 4;
    if (sys_close_range(3, ~0U, kCloseRangeCloexec) < 0) {
      for (int fd = 3; fd < 1024; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    execve(request.path.c_str(), argv.data(), envp.data());
  }
  int error = errno;
  (void)!write(failure, &error, sizeof error);
  leave(127);
}

class Conversation {
 public:
  Conversation(const HookRequest& request, pid_t pid, UniqueFd in, UniqueFd out, UniqueFd err)
      : input_(request.input),
        pid_(pid),
        in_(std::move(in)),
        out_(std::move(out)),
        err_(std::move(err)),
        pidfd_(sys_pidfd_open(pid)) {
    fcntl(in_.get(), F_SETFL, O_NONBLOCK);
    fcntl(out_.get(), F_SETFL, O_NONBLOCK);
    fcntl(err_.get(), F_SETFL, O_NONBLOCK);
    if (request.timeout_seconds > 0) deadline_ = now_ms() + request.timeout_seconds * int64_t{1000};
  }

  // Feeds and drains until the hook ends; what its own children still write is not waited for.
  HookOutcome finish() {
    HookOutcome outcome;
    int status = 0;
    for (;;) {
      pid_t ended = waitpid(pid_, &status, WNOHANG);
      if (ended == pid_ || (ended < 0 && errno != EINTR)) break;
      if (deadline_ != kNever && now_ms() >= deadline_) {
        outcome.timed_out = true;
        kill(-pid_, SIGKILL);
        kill(pid_, SIGKILL);
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        break;
      }
      exchange();
    }
    drain(out_, nullptr);
    drain(err_, &outcome.error_output);
    outcome.error_output.insert(0, error_output_);
    if (outcome.error_output.size() > kMaxErrorOutput) outcome.error_output.resize(kMaxErrorOutput);
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    return outcome;
  }

 private:
  void exchange() {
    pollfd entries[] = {{in_.get(), POLLOUT, 0},
                        {out_.get(), POLLIN, 0},
                        {err_.get(), POLLIN, 0},
                        {pidfd_.get(), POLLIN, 0}};
    int64_t wait = pidfd_ ? -1 : kPollMs;
    if (deadline_ != kNever) {
      int64_t left = deadline_ - now_ms();
      if (left < 0) left = 0;
      if (wait < 0 || left < wait) wait = left;
    }
    if (poll(entries, 4, static_cast<int>(wait)) <= 0) return;
    if (entries[0].revents) feed();
    if (entries[1].revents) drain(out_, nullptr);
    if (entries[2].revents) drain(err_, &error_output_);
  }

  // A socket, so that a hook that doesn't read gives EPIPE and no signal.
  void feed() {
    if (fed_ < input_.size()) {
      ssize_t n = send(in_.get(), input_.data() + fed_, input_.size() - fed_, MSG_NOSIGNAL);
      if (n > 0) fed_ += static_cast<size_t>(n);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n < 0) fed_ = input_.size();
    }
    if (fed_ >= input_.size()) in_.reset();
  }

  static void drain(UniqueFd& fd, std::string* keep) {
    char buffer[4096];
    while (fd) {
      ssize_t n = read(fd.get(), buffer, sizeof buffer);
      if (n > 0) {
        if (keep && keep->size() < kMaxErrorOutput) keep->append(buffer, static_cast<size_t>(n));
      } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        fd.reset();
      } else if (errno == EAGAIN) {
        return;
      }
    }
  }

  const std::string& input_;
  pid_t pid_;
  UniqueFd in_, out_, err_, pidfd_;
  size_t fed_ = 0;
  int64_t deadline_ = kNever;
  std::string error_output_;
};

}  // namespace

Result<HookOutcome> run_hook(const HookRequest& request) {
  int input[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) < 0) return sys_error("socketpair");
  UniqueFd in_read(input[0]), in_write(input[1]);
  Pipe out, err, failure;
  OCIRT_TRY(out.open());
  OCIRT_TRY(err.open());
  OCIRT_TRY(failure.open());

  pid_t pid = fork();
  if (pid < 0) return sys_error("fork");
  if (pid == 0) {
    become_hook(request, in_read.get(), out.write_end.get(), err.write_end.get(),
                failure.write_end.get());
  }
  setpgid(pid, pid);  // also here: whoever comes first
  in_read.reset();
  out.write_end.reset();
  err.write_end.reset();
  failure.write_end.reset();

  int error = 0;
  ssize_t n;
  do {
    n = read(failure.read_end.get(), &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof error)) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return make_error("execve", error, request.path);
  }
  Conversation conversation(request, pid, std::move(in_write), std::move(out.read_end),
                            std::move(err.read_end));
  return conversation.finish();
}

}  // namespace ocirt
