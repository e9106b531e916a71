// Users, groups and capabilities; capabilities(7), user_namespaces(7).
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/steps.h"
#include "sys/caps.h"
#include "sys/device.h"

namespace ocirt::steps {
namespace {

Status set_ids(uint64_t uid, uint64_t gid) {
  auto group = static_cast<gid_t>(gid);
  auto user = static_cast<uid_t>(uid);
  if (setresgid(group, group, group) < 0) {
    int saved = errno;
    std::string detail;
    if (saved == EINVAL) {
      detail = "cannot setgid to unmapped gid " + std::to_string(gid) + " in user namespace";
    }
    return make_error("setresgid", saved, {}, detail);
  }
  if (setresuid(user, user, user) < 0) {
    int saved = errno;
    std::string detail;
    if (saved == EINVAL) {
      detail = "cannot setuid to unmapped uid " + std::to_string(uid) + " in user namespace";
    }
    return make_error("setresuid", saved, {}, detail);
  }
  return {};
}

// A change from root to another user drops all capabilities, but with this flag only the effective
// ones; `caps` then has something to choose from.
Status keep_caps(bool on) {
  if (prctl(PR_SET_KEEPCAPS, on ? 1 : 0, 0, 0, 0) < 0) return sys_error("prctl(PR_SET_KEEPCAPS)");
  return {};
}

// The pipes and terminals that the process is given as 0, 1 and 2 become its own, so that it can
// open them again by /dev/stdout. /dev/null is the host's and everybody's.
Status own_stdio(uid_t uid) {
  for (int fd = 0; fd <= 2; fd++) {
    struct stat status;
    if (fstat(fd, &status) < 0) return sys_error("fstat", "standard stream");
    if (status.st_uid == uid || is_device(fd, S_IFCHR, makedev(1, 3))) continue;
    if (fchown(fd, uid, static_cast<gid_t>(-1)) == 0) continue;
    // An owner that is not mapped here, a read-only file system, a descriptor opened O_PATH: the
    // process can use what it has, which is as much as can be given.
    if (errno != EPERM && errno != EROFS && errno != EINVAL && errno != EBADF) {
      return sys_error("fchown", "standard stream");
    }
  }
  return {};
}

}  // namespace

Status identity(Context& context, const Value& step) {
  OCIRT_TRY(keep_caps(true));
  // EPERM: a user namespace where setgroups is denied keeps the caller's groups.
  if (setgroups(0, nullptr) < 0 && errno != EPERM) return sys_error("setgroups");
  OCIRT_TRY(set_ids(step["uid"].as_uint(), step["gid"].as_uint()));
  guard_process(context);
  return {};
}

Status bounding_caps(Context&, const Value& step) {
  return limit_bounding_caps(step["mask"].as_uint());
}

Status user(Context& context, const Value& step) {
  OCIRT_TRY(own_stdio(static_cast<uid_t>(step["uid"].as_uint())));
  OCIRT_TRY(keep_caps(true));
  if (step.has("groups")) {
    std::vector<gid_t> groups;
    for (const Value& group : step["groups"].as_array()) {
      groups.push_back(static_cast<gid_t>(group.as_uint()));
    }
    if (setgroups(groups.size(), groups.data()) < 0) return sys_error("setgroups");
  }
  OCIRT_TRY(set_ids(step["uid"].as_uint(), step["gid"].as_uint()));
  guard_process(context);
  return {};
}

Status caps(Context& context, const Value& step) {
  OCIRT_TRY(keep_caps(false));
  OCIRT_TRY(set_caps(step["effective"].as_uint(), step["permitted"].as_uint(),
                     step["inheritable"].as_uint()));
  OCIRT_TRY(set_ambient_caps(step["ambient"].as_uint()));
  guard_process(context);
  return {};
}

}  // namespace ocirt::steps
