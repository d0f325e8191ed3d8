#!/bin/sh
# After a removal. Debian: remove, then purge; rpm: 0. Database, keys and backups stay:
# without them every link and every computer of the agencies is lost.
set -e

case "$1" in
purge | 0)
	echo "latchkey-relay: the data stay in /var/lib/latchkey, backups in /var/lib/latchkey-backups, secrets in" \
		"/etc/latchkey, and their user is latchkey. Delete them by hand when no agency needs them any more."
	;;
remove) ;;
*) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
