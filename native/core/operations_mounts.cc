// Operations on mounts and user namespaces of the host.
#include "core/operations_list.h"
#include "sys/id_mapped_tree.h"

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

}  // namespace ocirt::op
