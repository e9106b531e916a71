#!/bin/bash
# Runs a command in a mount namespace of its own, where a runtime finds every controller that it
# asks for, and cannot change the machine's devices.
#
#   private.sh COMMAND...
#
# Controllers: where any is of cgroup v1, old crun wants hugetlb as well. /sys/fs/cgroup is another
# one there, with the same hierarchies in it: no folder is made in the machine's, which would have to
# be removed again, and which others who do the same could remove.
#
# Devices: old runc gives /dev/null away, to the user of a process that has it as a standard stream.
set -euo pipefail

if [ "${1-}" != --inside ]; then
  exec unshare --mount --propagation private bash "$0" --inside "$@"
fi
shift
top=/sys/fs/cgroup
if mountpoint -q $top/memory && ! mountpoint -q $top/hugetlb; then
  staging=$(mktemp -d)
  mount -t tmpfs -o mode=755 tmpfs "$staging"
  for path in "$top"/*; do
    name=${path##*/}
    if [ -L "$path" ]; then
      cp -P "$path" "$staging/$name"
    elif mountpoint -q "$path"; then
      mkdir "$staging/$name"
      mount --bind "$path" "$staging/$name"
    fi
  done
  mkdir "$staging/hugetlb"
  mount -t cgroup -o hugetlb cgroup "$staging/hugetlb" ||
    echo "$0: the hugetlb controller cannot be mounted: crun may refuse to work" >&2
  # Of this namespace alone.
  umount --recursive $top
  mount --move "$staging" $top
  rmdir "$staging"
fi
nodes=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$nodes"
for name in null zero full random urandom; do
  read -r mode major minor <<<"$(stat -c '%a %t %T' "/dev/$name")"
  mknod -m "$mode" "$nodes/$name" c "0x$major" "0x$minor"
  mount --bind "$nodes/$name" "/dev/$name"
done
umount --lazy "$nodes"
rmdir "$nodes"
exec "$@"
