#!/bin/sh
# backup.sh FOLDER: writes a backup of the relay, verifies it, and keeps the newest 14.
# latchkey-relay-backup.service runs it.
set -eu

keep=14
cd "$1"
relay=${LATCHKEY_RELAY:-/usr/bin/latchkey-relay}
new=latchkey-$(date -u +%Y-%m-%dT%H%M%SZ).backup

# It has its name once it is known to be whole; what a stop has left of one before goes.
rm -f ./*.backup.new
"$relay" backup write "$PWD/$new.new"
"$relay" backup verify "$PWD/$new.new"
mv "$new.new" "$new"

# Names sort by their time. Nothing is deleted before the newest is there.
# shellcheck disable=SC2012 # these names are ours
ls -r ./latchkey-*.backup | tail -n "+$((keep + 1))" | while IFS= read -r old; do
	rm -f "$old"
done
