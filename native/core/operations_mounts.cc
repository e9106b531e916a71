// Operations on mounts and user namespaces of the host.
#include "core/operations_list.h"
#include "sys/id_mapped_tree.h"
#include "sys/mount_api.h"

namespace ocirt::op {

Result<Value> userNamespace(const Args& args) {
  IdMapping mapping;
  mapping.uid_map = args[0].as_string();
  mapping.gid_map = args[1].as_string();
  Result<UniqueFd> fd = make_user_namespace(mapping);
  if (!fd) return fd.error();
  return Value(fd->release());
}

Result<Value> mapTree(const Args& args) {
  OCIRT_TRY(map_tree(static_cast<int>(args[0].as_int(-1)), static_cast<int>(args[1].as_int(-1)),
                     args[2].as_bool()));
  return Value();
}

Result<Value> reconfigure(const Args& args) {
  OCIRT_C_STRING(path, args[0], "fspick");
  UniqueFd context(sys_fspick(AT_FDCWD, path.c_str(), FSPICK_CLOEXEC));
  if (!context) return sys_error("fspick", path);
  for (const Value& item : args[1].as_array()) {
    OCIRT_C_STRING(option, item, "fsconfig");
    if (sys_fsconfig(context.get(), kFsconfigSetFlag, option.c_str(), nullptr, 0) < 0) {
      return sys_error("fsconfig", path, option);
    }
  }
  if (sys_fsconfig(context.get(), kFsconfigCmdReconfigure, nullptr, nullptr, 0) < 0) {
    return sys_error("fsconfig", path);
  }
  return Value();
}

}  // namespace ocirt::op
