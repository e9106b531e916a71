#!/bin/bash
# Runs a command as somebody else than root, with what such a user of a machine has: a range of ids
# in /etc/subuid and /etc/subgid, and cgroups of his own.
#
#   as.sh user COMMAND...             an ordinary user
#   as.sh user-namespace COMMAND...   the root of a user namespace that such a user has made: who
#                                     Podman calls a runtime as
#
# By root, in a mount namespace of its own (private.sh): the user is known there alone, and the
# machine's /etc is as it was. By an ordinary user, who is then himself that user.
set -euo pipefail

identity=$1
shift
case $identity in
user) words=("$@") ;;
user-namespace) words=(unshare --user --map-root-user --map-auto --mount "$@") ;;
*)
  echo "$0: no identity '$identity': there are user and user-namespace" >&2
  exit 2
  ;;
esac
if [ "$(id -u)" != 0 ]; then exec "${words[@]}"; fi

name=tester id=4713 first=2000000
scratch=$(mktemp -d)
groups=()
# shellcheck disable=SC2317 # the trap calls it
tidy() {
  for group in "${groups[@]}"; do
    echo $$ >"${group%/*}/cgroup.procs"
    find "$group" -depth -type d -exec rmdir {} ';' || true
  done
  for file in passwd group subuid subgid; do umount "/etc/$file" 2>/dev/null || true; done
  rm -rf --one-file-system "$scratch"
}
trap tidy EXIT

for file in passwd group subuid subgid; do
  [ ! -e "/etc/$file" ] || cp "/etc/$file" "$scratch/$file"
done
echo "$name:x:$id:$id::$scratch/home:/bin/bash" >>"$scratch/passwd"
echo "$name:x:$id:" >>"$scratch/group"
echo "$name:$first:65536" | tee -a "$scratch/subuid" >>"$scratch/subgid"
for file in passwd group subuid subgid; do mount --bind "$scratch/$file" "/etc/$file"; done
chmod 755 "$scratch"
install -d -o "$id" -g "$id" "$scratch/home" "$scratch/run"

# In every hierarchy a cgroup that is his, with a process of his in one below it, as systemd has it for
# a unit that delegates (on v2 one that has processes gives no controllers on).
while read -r mount; do
  group=$mount/$name-$$
  mkdir "$group"
  groups+=("$group")
  if [ -e "$mount/cgroup.subtree_control" ]; then
    sed 's/\(^\| \)/&+/g' "$group/cgroup.controllers" >"$group/cgroup.subtree_control"
  fi
  mkdir "$group/main"
  # A cpuset of v1 begins empty, and takes no process like that.
  for below in "$group" "$group/main"; do
    for file in cpuset.cpus cpuset.mems; do
      if [ -e "$below/$file" ] && [ -z "$(<"$below/$file")" ]; then
        cat "$below/../$file" >"$below/$file"
      fi
    done
  done
  chown -R "$id:$id" "$group"
  echo $$ >"$group/main/cgroup.procs"
done < <(awk '$0 ~ / - cgroup2? / && $5 ~ "^/sys/fs/cgroup" { print $5 }' /proc/self/mountinfo)

status=0
setpriv --reuid="$id" --regid="$id" --clear-groups --inh-caps=-all \
  env HOME="$scratch/home" USER="$name" LOGNAME="$name" XDG_RUNTIME_DIR="$scratch/run" \
  "${words[@]}" || status=$?
exit "$status"
