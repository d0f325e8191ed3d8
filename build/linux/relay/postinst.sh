#!/bin/sh
# After an installation or an upgrade. Debian: configure [OLD-VERSION]; rpm: how many are
# installed now.
set -e

first=
case "$1:$2" in
configure: | 1:) first=yes ;;
configure:* | [2-9]:) ;;
*) exit 0 ;;
esac

getent passwd latchkey >/dev/null ||
	useradd --system --user-group --home-dir /var/lib/latchkey --shell /usr/sbin/nologin latchkey
# The relay's group reads the settings and the secrets beside them, and nobody else.
chgrp latchkey /etc/latchkey /etc/latchkey/relay.env

# Without systemd, as in a container, the program is started in another way.
command -v systemctl >/dev/null || exit 0
if [ -n "$first" ]; then
	# The timer starts with the relay. Who disables it has it disabled after an upgrade, too.
	systemctl --quiet enable latchkey-relay-backup.timer || true
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	systemctl try-restart latchkey-relay.service || true # only one that runs
fi
if [ -n "$first" ]; then
	echo "latchkey-relay is not started yet. Fill in /etc/latchkey/relay.env, then: systemctl enable --now latchkey-relay"
fi
