#!/bin/bash
# Runs a command in a mount namespace of its own, where every controller that crun asks for is
# mounted, and states are kept in memory.
#
#   private.sh COMMAND...
set -euo pipefail

if [ "${1-}" != --inside ]; then
  exec bash "$(dirname "$0")/../conformance/lib/private.sh" bash "$0" --inside "$@"
fi
shift
# As /run is on every machine with systemd.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
exec "$@"
