#!/bin/bash
# Runs a command where it can do the machine no harm: the root is an overlay without an upper
# layer, so a file system of the machine can neither be written through it nor be mounted
# writable again, as a read-only mount could be. The command has memory to write in.
#
#   locked.sh SCRATCH DIR COMMAND...
#
# SCRATCH  an empty folder; it becomes a tmpfs there, and TMPDIR
# DIR      where the command is started
#
# To be started with mount and pid namespaces of its own. As process 1 of the latter it reaps what
# the command leaves, and ends it all when it ends.
set -euo pipefail
scratch=$1 dir=$2
shift 2

mount -t tmpfs -o mode=755 tmpfs "$scratch"
mkdir -p "$scratch"/{empty,root,tmp,files}
new=$scratch/root

# A file system of the machine, read-only by its superblock.
over() {
  mount -t overlay -o "lowerdir=$scratch/empty:$1" overlay "$new$1"
}

over /
count=0
# All of it first: the list changes with what is mounted below.
mapfile -t mounts </proc/self/mountinfo
for line in "${mounts[@]}"; do
  read -r _ _ _ _ target _ <<<"$line"
  target=$(printf '%b' "$target")
  case $target in
  / | "$scratch"* | /proc | /proc/* | /sys | /sys/* | /dev | /dev/* | /run | /run/*) continue ;;
  esac
  if [ -d "$new$target" ]; then
    over "$target" || echo "locked.sh: $target is left out" >&2
  elif [ -f "$target" ] && [ -e "$new$target" ]; then
    # A file that is mounted alone: a copy does.
    count=$((count + 1))
    cp "$target" "$scratch/files/$count"
    mount --bind "$scratch/files/$count" "$new$target"
  fi
done

mount -t proc proc "$new/proc"
# With the cgroups, which a runtime has to make folders in.
mount --rbind /sys "$new/sys"
mount -t tmpfs -o mode=755 tmpfs "$new/run"
mkdir -p "$new/run/lock"

mount -t tmpfs -o mode=755 tmpfs "$new/dev"
mkdir "$new/dev/pts" "$new/dev/shm" "$new/dev/mqueue"
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
  read -r name major minor <<<"$node"
  mknod -m 666 "$new/dev/$name" c "$major" "$minor"
done
ln -s pts/ptmx "$new/dev/ptmx"
ln -s /proc/self/fd "$new/dev/fd"
for fd in '0 stdin' '1 stdout' '2 stderr'; do
  read -r number name <<<"$fd"
  ln -s "/proc/self/fd/$number" "$new/dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$new/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$new/dev/shm"
mount -t mqueue mqueue "$new/dev/mqueue"
mount --bind "$scratch/tmp" "$new$scratch"
chmod 755 "$new$scratch"

cd "$new"
pivot_root . .
umount --lazy .
cd "$dir"
export TMPDIR=$scratch
# Not exec: process 1 is us.
"$@"
