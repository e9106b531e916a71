// Hooks in the container's namespaces; config.md, POSIX-platform Hooks.
#include <unistd.h>

#include "init/hook_process.h"
#include "init/steps.h"

namespace ocirt::steps {
namespace {

std::vector<std::string> strings(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.as_array()) out.push_back(item.as_string());
  return out;
}

}  // namespace

Status hook(Context& context, const Value& step) {
  // createContainer hooks begin in the root file system, as those of runc do.
  if (step["name"].as_string() == "createContainer" && context.root) {
    if (fchdir(context.root.get()) < 0) return sys_error("fchdir", context.root_path);
  }
  HookRequest request;
  request.path = step["path"].as_string();
  request.args = strings(step["args"]);
  if (request.args.empty()) request.args.push_back(request.path);
  request.env = step.has("env") ? strings(step["env"]) : context.env;
  request.timeout_seconds = static_cast<int>(step["timeout"].as_int());
  request.input =
      step["stdin"].at(0).as_string() + std::to_string(getpid()) + step["stdin"].at(1).as_string();
  Result<HookOutcome> outcome = run_hook(request);
  if (!outcome) return outcome.error();
  if (outcome->succeeded()) return {};
  context.hook_failure = HookFailure{outcome->exit_code, outcome->signal, outcome->timed_out,
                                     std::move(outcome->error_output)};
  return make_error("", 0, request.path);
}

}  // namespace ocirt::steps
