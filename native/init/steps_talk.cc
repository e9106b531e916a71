// The conversation with the host, and with the one who starts.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/channel.h"
#include "init/steps.h"

namespace ocirt {

Status ask(Context& context, const Value& message, std::string_view answer) {
  OCIRT_TRY(channel_send(context.channel.get(), message));
  Result<std::optional<Value>> reply = channel_receive(context.channel.get(), -1);
  if (!reply) return reply.error();
  if (!*reply) _exit(1);
  if ((**reply)["type"].as_string() != answer) {
    return make_error("", EPROTO, {},
                      "the host answered something else than " + std::string(answer));
  }
  return {};
}

namespace steps {
namespace {

// A starter that connects and says nothing may not keep others out for ever.
constexpr int kGoTimeoutMs = 60'000;

// RLIMIT_NOFILE is the process's already, and may leave no descriptor to take a connection with. Up
// to the hard limit we may have more, until the connection is there.
class MoreDescriptors {
 public:
  MoreDescriptors() {
    rlimit more{};
    if (getrlimit(RLIMIT_NOFILE, &own_) < 0 || own_.rlim_cur >= own_.rlim_max) return;
    more = {own_.rlim_max, own_.rlim_max};
    raised_ = setrlimit(RLIMIT_NOFILE, &more) == 0;
  }
  ~MoreDescriptors() {
    if (raised_) setrlimit(RLIMIT_NOFILE, &own_);
  }
  MoreDescriptors(const MoreDescriptors&) = delete;
  MoreDescriptors& operator=(const MoreDescriptors&) = delete;

 private:
  rlimit own_{};
  bool raised_ = false;
};

}  // namespace

Status sync(Context& context, const Value& step) {
  return ask(context, Value::object({{"type", "sync"}, {"name", step["name"]}}), "continue");
}

Status ready(Context& context, const Value&) {
  // Once the host knows, others may come into the container, and shall not find an unmasked procfs
  // here.
  context.proc.reset();
  context.root.reset();
  context.held.clear();
  Value::Object message;
  message.emplace_back("type", "ready");
  if (context.trace) message.emplace_back("timings", take_timings(context));
  OCIRT_TRY(ask(context, Value(std::move(message)), "commit"));
  context.committed = true;
  if (prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0) return sys_error("prctl(PR_SET_PDEATHSIG)");
  return {};
}

Status wait_start(Context& context, const Value& step) {
  UniqueFd listener(static_cast<int>(step["resource"].as_int(-1)));
  MoreDescriptors more;
  // While the host still listens: nobody could be told later.
  UniqueFd probe(fcntl(listener.get(), F_DUPFD_CLOEXEC, 0));
  if (!probe)
    return sys_error("dup", {}, "RLIMIT_NOFILE leaves no descriptor to be started through");
  probe.reset();
  context.channel.reset();
  for (;;) {
    UniqueFd connection(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) {
      if (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN) continue;
      return sys_error("accept4");
    }
    Result<std::optional<Value>> message = channel_receive(connection.get(), kGoTimeoutMs);
    if (!message || !*message || (**message)["type"].as_string() != "go") continue;
    context.connection = std::move(connection);
    context.trace = (**message)["trace"].as_bool();
    context.timings.clear();
    return {};
  }
}

}  // namespace steps
}  // namespace ocirt
