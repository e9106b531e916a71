#include "init/interpreter.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "core/channel.h"
#include "init/steps.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

// Not CLOCK_MONOTONIC, which jumps where a time namespace is entered.
int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t preserved_descriptors(const Value& steps) {
  for (const Value& step : steps.as_array()) {
    if (step["op"].as_string() == "exec") return step["preserveFds"].as_int();
  }
  return 0;
}

// The spawn kept descriptors open across its exec; from here on they are close-on-exec again. The
// caller's preserved ones are only cleared of that for the last exec.
Status prepare_descriptors(Context& context, const Value& steps) {
  int64_t preserved = preserved_descriptors(steps);
  if (preserved < 0 || preserved > 65536)
    return make_error("", EINVAL, {}, "preserveFds is out of range");
  if (context.channel.get() < 3 + preserved) {
    return make_error("", EINVAL, {}, "the channel lies among the preserved descriptors");
  }
  constexpr unsigned kCloseRangeCloexec = 4;
  if (sys_close_range(3, ~0U, kCloseRangeCloexec) < 0) {
    for (int fd = 3; fd < 1024; fd++) {
      int flags = fcntl(fd, F_GETFD);
      if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
  }
  for (int fd = 3; fd < 3 + preserved; fd++) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    int placeholder = fcntl(context.channel.get(), F_DUPFD_CLOEXEC, fd);
    if (placeholder < 0) return sys_error("fcntl(F_DUPFD_CLOEXEC)");
    context.placeholders.emplace_back(placeholder);
  }
  return {};
}

// What a filter may forbid, a message among it, is done before it is installed.
void send_timings(Context& context) {
  if (context.timings.empty()) return;
  (void)channel_send(context.reporter(),
                     Value::object({{"type", "timings"}, {"timings", take_timings(context)}}));
}

Value error_message(const Context& context, std::string_view op, const Error& error) {
  Value::Object message;
  message.emplace_back("type", "error");
  message.emplace_back("step", static_cast<int64_t>(context.step));
  message.emplace_back("op", op);
  message.emplace_back("syscall", error.syscall);
  message.emplace_back("errno", error.errnum);
  message.emplace_back("path", error.path);
  message.emplace_back("detail", error.detail);
  if (const auto& hook = context.hook_failure) {
    message.emplace_back("exitCode", hook->exit_code);
    message.emplace_back("signal", hook->signal);
    message.emplace_back("stderr", hook->stderr_text);
    message.emplace_back("timedOut", hook->timed_out);
  }
  return Value(std::move(message));
}

// What an executable that the kernel has refused begins with, for the host to say why: a "#!" line,
// or an ELF header. After the error and not with it: a seccomp filter may end us for reading.
void report_program(Context& context, const std::string& path) {
  constexpr size_t kHead = 4096;
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return;
  std::string head(kHead, '\0');
  ssize_t length = read(file.get(), head.data(), head.size());
  if (length < 0) return;
  head.resize(static_cast<size_t>(length));
  Value bytes(Bytes{std::move(head)});
  (void)channel_send(context.reporter(), Value::object({{"type", "program"}, {"head", bytes}}));
}

// After a filter nothing more is told; the wait for `start` is no work, and began before whoever
// asks now.
void take_time(Context& context) {
  const std::string& op = (*context.steps).as_array()[context.step]["op"].as_string();
  if (op == "seccomp") context.trace = false;
  if (op == "seccomp" || op == "wait_start") return;
  context.timings.insert(context.timings.end(),
                         {static_cast<int64_t>(context.step), context.step_began, now_ns()});
}

}  // namespace

void report_error(Context& context, std::string_view op, const Error& error) {
  Value message = error_message(context, op, error);
  if (channel_send(context.reporter(), message)) return;
  // A seccomp filter may deny sendto(2) where write(2) works.
  std::string frame = channel_frame(message);
  (void)!write(context.reporter(), frame.data(), frame.size());
}

void run_plan(Context& context, const Value& plan) {
  const Value& steps = plan["steps"];
  context.trace = plan["trace"].as_bool();
  context.steps = &steps;
  if (Status status = prepare_descriptors(context, steps); !status) {
    return report_error(context, "", status.error());
  }
  run_rest(context);
}

void run_rest(Context& context) {
  const Value::Array& steps = context.steps->as_array();
  while (context.step < steps.size()) {
    const Value& step = steps[context.step];
    const std::string& op = step["op"].as_string();
    StepFunction run = find_step(op);
    if (!run) {
      return report_error(context, op, make_error("", ENOSYS, {}, "unknown step"));
    }
    if (context.trace && (op == "seccomp" || op == "exec")) send_timings(context);
    context.step_began = context.trace ? now_ns() : 0;
    Status status = run(context, step);
    if (!status) {
      report_error(context, op, status.error());
      if (op == "exec") report_program(context, status.error().path);
      return;
    }
    end_step(context);
  }
  report_error(context, "",
               make_error("", EINVAL, {}, "the plan ended without executing anything"));
}

void end_step(Context& context) {
  if (context.trace) take_time(context);
  context.step++;
}

}  // namespace ocirt
