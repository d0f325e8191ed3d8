#!/bin/sh
# Before a removal; an upgrade leaves the relay running. Debian: remove; rpm: 0.
set -e

case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac
command -v systemctl >/dev/null || exit 0
if [ -d /run/systemd/system ]; then
	systemctl stop latchkey-relay.service latchkey-relay-backup.timer || true
fi
systemctl --quiet disable latchkey-relay.service latchkey-relay-backup.timer || true
