#include "sys/id_map.h"

#include "sys/files.h"
#include "sys/program.h"

namespace ocirt {
namespace {

// newuidmap(1): PID, then three numbers for each range.
Status run_map_helper(const std::string& path, const char* name, pid_t pid,
                      const std::string& map) {
  ProgramRequest request;
  request.path = path;
  request.args = {name, std::to_string(pid)};
  for (size_t at = 0; (at = map.find_first_not_of(" \t\n", at)) != std::string::npos;) {
    size_t end = map.find_first_of(" \t\n", at);
    request.args.push_back(map.substr(at, end - at));
    at = end;
  }
  Result<ProgramResult> result = run_program(request);
  if (!result) return result.error();
  if (result->exit_code == 0) return {};
  std::string said = result->err.substr(0, result->err.find_last_not_of(" \t\r\n") + 1);
  if (said.empty()) said = "failed";
  return make_error(name, 0, path, said);
}

Status write_map(const std::string& file, const char* helper_name, const std::string& helper,
                 pid_t pid, const std::string& map) {
  if (map.empty()) return {};
  if (!helper.empty()) return run_map_helper(helper, helper_name, pid, map);
  return write_file(file, map);
}

}  // namespace

Status write_id_maps(pid_t pid, const IdMapping& mapping) {
  std::string proc = "/proc/" + std::to_string(pid) + "/";
  // Before the gid map: afterwards the kernel refuses it (CVE-2014-8989).
  if (mapping.deny_setgroups) OCIRT_TRY(write_file(proc + "setgroups", "deny"));
  OCIRT_TRY(write_map(proc + "gid_map", "newgidmap", mapping.newgidmap, pid, mapping.gid_map));
  return write_map(proc + "uid_map", "newuidmap", mapping.newuidmap, pid, mapping.uid_map);
}

}  // namespace ocirt
