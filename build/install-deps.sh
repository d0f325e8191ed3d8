#!/bin/sh
# install-deps.sh check|run|desktop|test|bench|gallery|packages|wine:
# installs what that command needs and this machine lacks. Debian and Ubuntu: through apt, as root or with
# sudo. macOS: the brew lines are printed. What is there is left alone; a repeat
# takes no time. check needs Go and Node.js alone and installs nothing.
set -eu

purpose=${1:?install-deps.sh: say what for: check, run, desktop, test, bench, gallery, packages or wine}

has() { command -v "$1" >/dev/null 2>&1; }

say() { printf '%s\n' "$*" >&2; }

# The tools everything starts from are the machine's owner's to choose.
missing=
has go || missing="$missing Go-1.26"
has node || missing="$missing Node.js-20"
has npm || missing="$missing npm"
[ "$purpose" = check ] || has cc || has gcc || missing="$missing a-C-compiler"
if [ -n "$missing" ]; then
	say "install-deps: please install these first:$missing"
	exit 1
fi

has_postgres() {
	has initdb && return 0
	for found in /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb; do
		[ -x "$found" ] && return 0
	done
	return 1
}

has_chromium() {
	[ -n "${LATCHKEY_CHROMIUM:-}" ] || has chromium-headless-shell ||
		has chromium || has chromium-browser || has google-chrome ||
		[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ]
}

# Each line: is it there, apt's name, brew's name ("-": not needed on macOS).
packages= brews=
want() {
	packages="$packages $1"
	[ "$2" = - ] || brews="$brews
  brew install $2"
}

case $purpose in
check | run) ;;
desktop)
	if [ "$(uname)" = Linux ]; then
		has pkg-config || want pkg-config -
		has pkg-config && pkg-config --exists gtk+-3.0 || want libgtk-3-dev -
		has pkg-config && pkg-config --exists webkit2gtk-4.1 || want libwebkit2gtk-4.1-dev -
	fi
	;;
packages)
	# deb and rpm come from a Go module; these make Windows' installers.
	has makensis || want nsis -
	has wixl || want wixl -
	has msibuild || want msitools -
	# The hub for the other kind of machine is linked, too.
	has aarch64-linux-gnu-gcc || want "gcc-aarch64-linux-gnu libc6-dev-arm64-cross" -
	has faketime || want faketime -
	;;
wine)
	has wine || want "wine wine64" -
	has x86_64-w64-mingw32-gcc || want gcc-mingw-w64-x86-64-win32 -
	has curl || want curl -
	;;
test | gallery | bench)
	# Debian has Chromium without a window of its own: it takes a quarter less time.
	if grep -qs '^ID=debian' /etc/os-release && [ -z "${LATCHKEY_CHROMIUM:-}" ]; then
		has chromium-headless-shell || want chromium-headless-shell -
	else
		has_chromium || want chromium "--cask chromium"
	fi
	# The pictures' typeface; a machine without it shows another one.
	if has fc-list; then
		fc-list | grep -qi "Inter" || want fonts-inter "--cask font-inter"
	else
		want "fontconfig fonts-inter" -
	fi
	;;
*)
	say "install-deps: $purpose is not check, run, desktop, test, bench, gallery, packages or wine"
	exit 2
	;;
esac
if [ "$purpose" = bench ]; then
	has wrk || want wrk wrk
fi
if [ "$purpose" = test ] || [ "$purpose" = bench ]; then
	[ -n "${LATCHKEY_TEST_POSTGRES:-}" ] || has_postgres || want postgresql "postgresql@17"
	if [ "$(uname)" = Linux ]; then
		has gnome-keyring-daemon || want gnome-keyring -
		has secret-tool || want libsecret-tools -
		has keepassxc || want keepassxc -
		has dbus-run-session || want dbus -
	fi
fi
if [ "$purpose" = test ] || [ "$purpose" = bench ]; then
	if [ "$(uname)" = Linux ]; then
		# The desktop program is built, and used in its window.
		has pkg-config || want pkg-config -
		has pkg-config && pkg-config --exists gtk+-3.0 || want libgtk-3-dev -
		has pkg-config && pkg-config --exists webkit2gtk-4.1 || want libwebkit2gtk-4.1-dev -
		has Xvfb || want xvfb -
		has openbox || want openbox -
		has xdotool || want xdotool -
		has wmctrl || want wmctrl -
		has xprop && has xev || want x11-utils -
		has xclip || want xclip -
		has import || want imagemagick -
		has dunst || want dunst -
		# The desktop opens a link, and its entry is as desktops want it.
		has gio || want libglib2.0-bin -
		has xdg-mime || want xdg-utils -
		has desktop-file-validate || want desktop-file-utils -
		[ -e /usr/share/dbus-1/services/org.a11y.Bus.service ] || want at-spi2-core -
	fi
fi
if [ "$purpose" = test ] && grep -qs '^ID=debian' /etc/os-release; then
	# The story is walked in other engines where apt has them.
	has firefox-esr || want firefox-esr -
	has WebKitWebDriver || want webkit2gtk-driver -
	has xvfb-run || want xauth -
fi

[ -n "$packages" ] || exit 0

if [ "$(uname)" = Darwin ]; then
	[ -n "$brews" ] || exit 0
	say "install-deps: please install what is missing:$brews"
	exit 1
fi
if ! has apt-get; then
	say "install-deps: please install what Debian calls:$packages"
	exit 1
fi

line="apt-get update && apt-get install --no-install-recommends$packages"
if [ "$(id -u)" = 0 ]; then
	as_root() { "$@"; }
elif has sudo; then
	as_root() { sudo "$@"; }
else
	say "install-deps: this machine lacks some packages, and this user may not install them. As root, run once:"
	say "  $line"
	exit 1
fi
say "install-deps: installing$packages"

# Tests make their own PostgreSQL cluster: Debian's need not be made or started.
case $packages in
*postgresql*)
	if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		as_root mkdir -p /etc/postgresql-common
		echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	;;
esac
as_root apt-get update -q
# shellcheck disable=SC2086 # the names are words
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold $packages
