// Paths that the container may not write, or not see.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "init/mounting.h"
#include "init/steps.h"
#include "path/resolve.h"
#include "sys/device.h"
#include "sys/mount_api.h"
#include "sys/mounts.h"

namespace ocirt::steps {
namespace {

// Nothing is done for a path that isn't there; docs: config-linux.md, maskedPaths.
bool missing(const Error& error) {
  return error.errnum == ENOENT || error.errnum == ENOTDIR;
}

constexpr MountAttributes kReadonly{MOUNT_ATTR_RDONLY, 0};

// Before Linux 5.12 no call changes a tree: then the one mount, as other runtimes do always.
Status make_readonly(int mount, bool recursive, const std::string& path) {
  Status status = set_attached_attributes(mount, kReadonly, recursive, path);
  if (status || !recursive || status.error().errnum != ENOSYS) return status;
  return set_attached_attributes(mount, kReadonly, false, path);
}

// Binds a read-only copy of what `source` is over `target`; both are held by descriptor.
Status bind_readonly(int root, int source, int target, bool recursive, const std::string& path) {
  Result<UniqueFd> tree = clone_mount(source, "", recursive);
  if (!tree && tree.error().errnum != ENOSYS) return tree.error();
  if (tree) {
    // Before anyone can see it; before Linux 5.12 right after.
    Status early = set_mount_attributes(tree->get(), kReadonly, recursive, path);
    if (!early && early.error().errnum != ENOSYS) return early;
    Status attached = attach_mount(tree->get(), target, path);
    if (attached) return early ? early : make_readonly(tree->get(), recursive, path);
    if (attached.error().errnum != ENOSYS) return attached;
  }
  OCIRT_TRY(bind_by_path(source, target, recursive, path));
  Result<UniqueFd> mounted = reopen_mounted(root, path, target);
  if (!mounted) return mounted.error();
  return make_readonly(mounted->get(), recursive, path);
}

Status protect(const Start& start) {
  Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH);
  if (!target) return missing(target.error()) ? Status() : Status(target.error());
  return bind_readonly(start.root, target->get(), target->get(), true, start.path);
}

// Covers files with /dev/null and directories with one empty tmpfs, made for the first of them and
// bound over the others.
class Masker {
 public:
  explicit Masker(const std::string& label) {
    if (!label.empty()) context_ = ",context=\"" + label + "\"";
  }

  Status cover(const Start& start) {
    Result<UniqueFd> target = resolve_in_root(start.root, start.path, O_PATH);
    if (!target) return missing(target.error()) ? Status() : Status(target.error());
    struct stat status;
    if (fstat(target->get(), &status) < 0) return sys_error("fstat", start.path);
    return S_ISDIR(status.st_mode) ? cover_directory(target->get(), start)
                                   : cover_file(target->get(), start);
  }

 private:
  Status cover_file(int target, const Start& start) {
    if (!null_) {
      // The host's, and checked: a container's own /dev/null could be anything (CVE-2025-31133).
      null_.reset(open("/dev/null", O_PATH | O_CLOEXEC));
      if (!null_) return sys_error("open", "/dev/null");
      if (!is_device(null_.get(), S_IFCHR, makedev(1, 3))) {
        return make_error("open", ENODEV, "/dev/null", "it is not the null device");
      }
    }
    // It stays the host's node: read-only, so that its mode and owner cannot be changed through it.
    return bind_readonly(start.root, null_.get(), target, false, start.path);
  }

  Status cover_directory(int target, const Start& start) {
    const std::string& path = start.path;
    if (empty_) {
      Status status = bind_mount(empty_.get(), target, false, path);
      if (status) return status;
    }
    Status status = mount_empty(target, "1", path);
    // Some kernels refuse fewer than two inodes.
    if (!status && status.error().errnum == EINVAL) status = mount_empty(target, "2", path);
    if (!status) return status;
    if (empty_) return {};
    Result<UniqueFd> mounted = reopen_mounted(start.root, path, target);
    if (!mounted) return mounted.error();
    if (file_system_type(mounted->get()) != TMPFS_MAGIC) {
      return make_error("mount", ESTALE, path, "the mask was moved while it was made");
    }
    empty_ = std::move(*mounted);
    return {};
  }

  Status mount_empty(int target, const char* inodes, const std::string& path) {
    return mount_on(target, "tmpfs", "tmpfs", MS_RDONLY,
                    std::string("nr_blocks=1,nr_inodes=") + inodes + context_, path);
  }

  std::string context_;
  UniqueFd null_;
  UniqueFd empty_;
};

Error with_words(Error error, const std::string& words, const std::string& path) {
  error.detail = words + " \"" + path + "\"" + (error.detail.empty() ? "" : ": " + error.detail);
  return error;
}

}  // namespace

Status readonly_paths(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  for (const Value& path : step["paths"].as_array()) {
    Status status = protect(start_of(context, *root, path.as_string()));
    if (!status) return with_words(status.error(), "can't make read-only", path.as_string());
  }
  return {};
}

Status mask(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  Masker masker(step["label"].as_string());
  std::vector<std::string> done;
  for (const Value& item : step["paths"].as_array()) {
    std::string path = clean_path(item.as_string());
    if (std::find(done.begin(), done.end(), path) != done.end()) continue;
    Status status = masker.cover(start_of(context, *root, path));
    if (!status) return with_words(status.error(), "can't mask path", path);
    done.push_back(std::move(path));
  }
  return {};
}

}  // namespace ocirt::steps
