#!/bin/bash
# Runs a command in a mount namespace of its own, where every controller that crun asks for is
# mounted: where any is of cgroup v1, old crun wants hugetlb as well.
#
#   private.sh COMMAND...
#
# /sys/fs/cgroup is another one there, with the same hierarchies in it: no folder is made in the
# machine's, which would have to be removed again, and which others who do the same could remove.
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
    echo "bench: the hugetlb controller cannot be mounted: crun may refuse to work" >&2
  # Of this namespace alone.
  umount --recursive $top
  mount --move "$staging" $top
  rmdir "$staging"
fi
# Where states are kept: a file system in memory, as /run is on every machine with systemd.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
exec "$@"
