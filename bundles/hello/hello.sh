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

# The names of the capabilities, in the order of their bits.
names='chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read
perfmon bpf checkpoint_restore'

capabilities() {
  bits=$((0x$(sed -n 's/^CapEff:\t//p' /proc/self/status)))
  for name in $names; do
    if [ $((bits & 1)) = 1 ]; then printf ' %s' "$name"; fi
    bits=$((bits >> 1))
  done
}

if [ "$1" = wait ]; then
  while :; do sleep 1; done
fi

echo "I am $(hostname), user $(id -u), and process $$ of:"
ps -o pid,user,args
echo
echo "My mounts:"
while read -r _ target type options _; do
  printf '  %-24s %-8s %s\n' "$target" "$type" "${options%%,*}"
done </proc/mounts
echo
echo "My limits, as my control group says (version 1 or 2 of its files):"
echo "  memory     $(first /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max) bytes"
echo "  processes  $(first /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max)"
echo "  CPU time   $(first /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max) microseconds in each 100000"
# shellcheck disable=SC3045 # busybox's sh has it
echo "  files      $(ulimit -n)"
echo
echo "My rights:"
echo "  $(id)"
echo "  capabilities:$(capabilities)"
sed -n 's/^NoNewPrivs:\t1/  no new privileges/p' /proc/self/status
