#!/bin/sh
# install.sh puts the hub that `make desktop` has built where this person's
# desktop finds it: in the menu, and as what opens latchkey:// links. It needs
# no rights but theirs; a repeat replaces what was there.
set -eu
cd "$(dirname "$0")/../.."

programs=$HOME/.local/bin
data=${XDG_DATA_HOME:-$HOME/.local/share}

install -D -m 755 build/bin/latchkey "$programs/latchkey"
install -D -m 644 build/appicon.png "$data/icons/hicolor/512x512/apps/latchkey.png"
mkdir -p "$data/applications"
# The folder of programs need not be in the desktop's path.
sed "s|^Exec=latchkey |Exec=\"$programs/latchkey\" |" build/linux/latchkey.desktop >"$data/applications/latchkey.desktop"

# Desktops that keep a list of who opens what read it anew.
if command -v update-desktop-database >/dev/null 2>&1; then
	update-desktop-database -q "$data/applications"
fi
if command -v xdg-mime >/dev/null 2>&1; then
	xdg-mime default latchkey.desktop x-scheme-handler/latchkey
fi
echo "Latchkey is in $programs, in the menu, and opens latchkey:// links."
