// Directories, links and devices made in the root.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/steps.h"
#include "path/resolve.h"
#include "sys/device.h"
#include "sys/mounts.h"

namespace ocirt::steps {
namespace {

mode_t file_type(const std::string& letter) {
  if (letter == "c" || letter == "u") return S_IFCHR;
  return letter == "b" ? S_IFBLK : S_IFIFO;
}

// User namespaces can't make devices: the host's own node is bound over an empty file.
Status bind_device(int root, const DeviceNode& node, const std::string& source,
                   const std::string& path) {
  UniqueFd host(open(source.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!host) return sys_error("open", source);
  if (!is_device(host.get(), node.type, node.number)) {
    return make_error("open", ENODEV, source, "it is not the device that was asked for");
  }
  Result<UniqueFd> target = make_file_in_root(root, path, 0000);
  if (!target) return target.error();
  if (is_device(target->get(), node.type, node.number)) return {};
  return bind_mount(host.get(), target->get(), false, path);
}

}  // namespace

Status directory(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  Result<UniqueFd> made = make_directories_in_root(*root, step["target"].as_string(),
                                                   static_cast<mode_t>(step["mode"].as_uint()));
  return made ? Status() : Status(made.error());
}

Status symlink(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  const std::string& path = step["target"].as_string();
  Result<Place> place = make_place_in_root(*root, path);
  if (!place) return place.error();
  if (step["replace"].as_bool() && unlinkat(place->directory.get(), place->name.c_str(), 0) < 0 &&
      errno != ENOENT) {
    return sys_error("unlinkat", path);
  }
  if (symlinkat(step["content"].as_string().c_str(), place->directory.get(), place->name.c_str()) <
          0 &&
      errno != EEXIST) {
    return sys_error("symlinkat", path);
  }
  return {};
}

Status device(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  const std::string& path = step["target"].as_string();
  DeviceNode node;
  node.type = file_type(step["type"].as_string());
  node.permissions = static_cast<mode_t>(step["mode"].as_uint() & 07777);
  node.uid = static_cast<uid_t>(step["uid"].as_uint());
  node.gid = static_cast<gid_t>(step["gid"].as_uint());
  if (node.type != S_IFIFO) {
    node.number = makedev(static_cast<unsigned>(step["major"].as_uint()),
                          static_cast<unsigned>(step["minor"].as_uint()));
  }
  // A pipe is nothing that a user namespace may not make.
  if (step["bind"].as_bool() && node.type != S_IFIFO) {
    return bind_device(*root, node, step.has("source") ? step["source"].as_string() : path, path);
  }
  Result<Place> place = make_place_in_root(*root, path);
  if (!place) return place.error();
  return make_device(*place, node, path);
}

}  // namespace ocirt::steps
