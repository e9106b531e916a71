#!/bin/bash
# The world of one engine: mounts, network, host name and processes of its own. Bridges, firewall rules,
# users, sockets and daemons are private to it and end with it; only cgroups are the machine's.
#
#   private.sh        prints "ready", and lasts until its standard input ends
#
# Enter it with nsenter: the target is the child of the unshare that this becomes.
set -eu

if [ "${1-}" != inside ]; then
  exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc --propagation private \
    /bin/bash "$0" inside
fi

mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mkdir -p /run/lock /run/netns /run/user /run/over
mount -t tmpfs tmpfs /run/over
for dir in /etc /var/lib; do
  over=/run/over${dir//\//_}
  mkdir -p "$over/upper" "$over/work"
  mount -t overlay overlay -o "lowerdir=$dir,upperdir=$over/upper,workdir=$over/work" "$dir"
done
# Rootless engines open this node for their networks; the machine's keeps its mode.
if mknod -m 666 /run/tun c 10 200 2>/dev/null && [ -e /dev/net/tun ]; then
  mount --bind /run/tun /dev/net/tun
fi
ip link set lo up
echo ready
# As pid 1 it also reaps what daemons leave.
while read -r _; do :; done
