// Bind mounts.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "init/mounting.h"
#include "init/steps.h"
#include "path/resolve.h"
#include "sys/errno_names.h"
#include "sys/mounts.h"
#include "sys/unix_socket.h"

namespace ocirt::steps {
namespace {

// What is bound: a detached copy of the mount, or (kernels before 5.2) only the place itself.
struct Source {
  UniqueFd tree;
  UniqueFd place;
  // Cloned by the host where it is itself: see leave_peers.
  bool hosts = false;
  int fd() const { return tree ? tree.get() : place.get(); }
};

// A tree whose ids are mapped: a thing of the one who owns the file system, so of the host.
Result<Source> ask_for_tree(Context& context) {
  auto index = static_cast<int64_t>(context.step);
  OCIRT_TRY(ask(context, Value::object({{"type", "tree"}, {"step", index}}), "tree"));
  Result<ReceivedFd> received = receive_fd(context.channel.get(), -1);
  if (!received) return received.error();
  Source source;
  source.tree = std::move(received->fd);
  source.hosts = true;
  return source;
}

// The older rung, from where the helper is: in a user namespace it may not get there, and in a
// running container it cannot.
Result<Source> open_place(const std::string& path, const std::string& missing) {
  Source source;
  source.place.reset(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (source.place) return source;
  Error error = sys_error("open", path);
  error.detail = "open: " + errno_text(error.errnum) + " (there is no " + missing + ")";
  return error;
}

Result<Source> open_source(Context& context, const Value& step) {
  if (step.has("idmap")) return ask_for_tree(context);
  Source source;
  if (int given = static_cast<int>(step["resource"].as_int(-1)); given >= 0) {
    // Used up by this step: attached once, it is the mount's and not the helper's.
    source.tree.reset(given);
    source.hosts = true;
    return source;
  }
  const std::string& path = step["source"].as_string();
  Result<UniqueFd> tree = clone_mount(AT_FDCWD, path, step["recursive"].as_bool());
  if (tree) {
    source.tree = std::move(*tree);
    return source;
  }
  if (tree.error().errnum != ENOSYS) return tree.error();
  return open_place(path, tree.error().syscall);
}

using SetAttributes = Status (*)(int mount, const MountAttributes& attributes, bool recursive,
                                 std::string_view path);

// In a user namespace, flags that the mount was inherited with can't be cleared (EPERM,
// mount_namespaces(7)). Those asked for by name are an error then; those that are only cleared
// since a list of options replaces the old ones (`tryClear`) stay.
Status set_top_attributes(SetAttributes set, int mount, const Value& step) {
  const Value& attributes = step["attributes"];
  const std::string& path = step["target"].as_string();
  MountAttributes asked = attributes_of(attributes);
  MountAttributes all = asked;
  all.clear |= attributes["tryClear"].as_uint();
  if (all.empty()) return {};
  Status status = set(mount, all, false, path);
  if (status || status.error().errnum != EPERM || all.clear == asked.clear) return status;
  return asked.empty() ? Status() : set(mount, asked, false, path);
}

Status set_all_attributes(SetAttributes set, int mount, const Value& step) {
  OCIRT_TRY(set_top_attributes(set, mount, step));
  MountAttributes recursive = attributes_of(step["recursiveAttributes"]);
  return recursive.empty() ? Status() : set(mount, recursive, true, step["target"].as_string());
}

// What the host has cloned of a shared mount is a peer of the host's: what is mounted on it later,
// by the next step or by the container, would be mounted on the host too. What the container's own
// mount namespace began with is a slave of the host's; so is this then.
Status leave_peers(const Source& source, const std::string& path) {
  if (!source.hosts) return {};
  return set_propagation(source.tree.get(), MS_SLAVE | MS_REC, path);
}

// All of it is right before anyone can see it; before Linux 5.12 right after.
Status attach_tree(const Source& source, int target, const Value& step) {
  const std::string& path = step["target"].as_string();
  int tree = source.tree.get();
  Status status = set_all_attributes(set_mount_attributes, tree, step);
  bool later = !status && status.error().errnum == ENOSYS;
  if (!status && !later) return status;
  // mount(2), which stands in before Linux 5.12, changes what is attached.
  Status alone = leave_peers(source, path);
  OCIRT_TRY(attach_mount(tree, target, path));
  status = alone ? alone : leave_peers(source, path);
  if (status && later) status = set_all_attributes(set_attached_attributes, tree, step);
  if (status) status = apply_propagation(tree, step);
  return or_detached(std::move(status), tree, path);
}

// The kernel says "invalid argument" where a folder is to be mounted on a file, or the reverse, and
// in other cases as well.
Status of_same_kind(const Error& error, const struct stat& source, int target,
                    const std::string& path) {
  struct stat status;
  if (error.errnum != EINVAL || fstat(target, &status) < 0) return error;
  if (S_ISDIR(source.st_mode) == S_ISDIR(status.st_mode)) return error;
  return make_error(error.syscall, ENOTDIR, path);
}

Status bind_step(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  const std::string& path = step["target"].as_string();

  Result<Source> source = open_source(context, step);
  if (!source) {
    int error = source.error().errnum;
    if (step["optional"].as_bool() && (error == ENOENT || error == ENOTDIR)) return {};
    return source.error();
  }
  struct stat status;
  if (fstat(source->fd(), &status) < 0) return sys_error("fstat", step["source"].as_string());
  if (is_top_directory(path, "proc") && file_system_type(source->fd()) != PROC_SUPER_MAGIC) {
    return make_error("move_mount", EPERM, path,
                      "\"" + path + "\" cannot be mounted because it is not of type proc");
  }
  Result<UniqueFd> target = S_ISDIR(status.st_mode) ? make_directories_in_root(*root, path, 0755)
                                                    : make_file_in_root(*root, path, 0644);
  if (!target) return target.error();
  OCIRT_TRY(check_target(*root, target->get(), path));
  forget_covered(context, path, target->get());

  if (source->tree) {
    Status attached = attach_tree(*source, target->get(), step);
    if (attached) return attached;
    bool missing = attached.error().errnum == ENOSYS && attached.error().syscall == "move_mount";
    if (!missing || step.has("idmap")) {
      return of_same_kind(attached.error(), status, target->get(), path);
    }
    source = open_place(step["source"].as_string(), attached.error().syscall);
    if (!source) return source.error();
  }
  OCIRT_TRY(bind_by_path(source->place.get(), target->get(), step["recursive"].as_bool(), path));
  Result<UniqueFd> mounted = reopen_mounted(*root, path, target->get());
  Status done = mounted ? set_all_attributes(set_attached_attributes, mounted->get(), step)
                        : Status(mounted.error());
  if (done) done = apply_propagation(mounted->get(), step);
  return or_detached(std::move(done), target->get(), path);
}

}  // namespace

Status bind(Context& context, const Value& step) {
  Status status = bind_step(context, step);
  if (status) return status;
  return mount_error(status.error(), step["source"].as_string(), step["target"].as_string());
}

}  // namespace ocirt::steps
