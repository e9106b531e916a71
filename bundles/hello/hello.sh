#!/bin/sh
# Runs inside: tells what the container can see of itself.
first() {
  for file in "$@"; do
    if [ -r "$file" ]; then
      cat "$file"
      return
    fi
  done
  echo "not to be seen"
}

if [ "$1" = wait ]; then
  while :; do sleep 1; done
fi

echo "I am $(hostname), user $(id -u), and process $$ of:"
ps -o pid,user,args
echo
echo "My mounts:"
while read -r source target type options _; do
  printf '  %-16s %-8s %s\n' "$target" "$type" "${options%%,*}"
done </proc/mounts
echo
echo "My limits:"
echo "  memory     $(first /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max) bytes"
echo "  processes  $(first /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max)"
echo "  CPU time   $(first /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max) microseconds in each 100000"
echo "  files      $(ulimit -n)"
