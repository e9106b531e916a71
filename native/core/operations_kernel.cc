// Operations on features of the kernel: seccomp, device programs; and what the helper knows.
#include "core/operations_list.h"
#include "init/step_names.h"
#include "sys/cgroup_bpf.h"
#include "sys/errno_names.h"
#include "sys/seccomp_build.h"
#include "sys/seccomp_support.h"
#include "sys/system_calls.h"

namespace ocirt::op {
namespace {

Value names(const std::vector<std::string>& list) {
  return Value(Value::Array(list.begin(), list.end()));
}

SeccompAction action_of(const Value& in) {
  return {in["kind"].as_string(), static_cast<uint32_t>(in["value"].as_uint())};
}

}  // namespace

Result<Value> buildSeccomp(const Args& args) {
  const Value& in = args[0];
  SeccompRequest request;
  request.default_action = action_of(in["defaultAction"]);
  for (const Value& name : in["architectures"].as_array()) {
    request.architectures.push_back(name.as_string());
  }
  request.enosys_for_newer = in["enosysForNewer"].as_bool();
  for (const Value& item : in["rules"].as_array()) {
    SeccompRule rule;
    rule.action = action_of(item["action"]);
    for (const Value& name : item["names"].as_array()) rule.names.push_back(name.as_string());
    for (const Value& arg : item["args"].as_array()) {
      rule.args.push_back({static_cast<unsigned>(arg["index"].as_uint()), arg["op"].as_string(),
                           arg["value"].as_uint(), arg["valueTwo"].as_uint()});
    }
    request.rules.push_back(std::move(rule));
  }
  Result<SeccompBuild> build = build_seccomp(request);
  if (!build) return build.error();
  return Value::object({{"program", Bytes{std::move(build->program)}},
                        {"unknownSyscalls", names(build->unknown_syscalls)}});
}

Result<Value> seccompVersion(const Args&) {
  return Value(seccomp_library_version());
}

Result<Value> seccompSupport(const Args&) {
  return Value::object(
      {{"actions", names(seccomp_kernel_actions())}, {"flags", names(seccomp_kernel_flags())}});
}

Result<Value> systemCalls(const Args&) {
  Value::Array out;
  for (const SystemCallAnswer& entry : system_call_answers()) {
    const char* code = entry.errnum == 0 ? "" : errno_name(entry.errnum);
    out.push_back(Value::object({{"name", entry.name}, {"code", code}}));
  }
  return Value(std::move(out));
}

Result<Value> attachDeviceProgram(const Args& args) {
  OCIRT_C_STRING(path, args[0], "open");
  OCIRT_TRY(attach_device_program(path, args[1].as_string()));
  return Value();
}

Result<Value> stepNames(const Args&) {
  Value::Array out;
  for (const auto& name : kStepNames) out.emplace_back(name);
  return Value(std::move(out));
}

}  // namespace ocirt::op
