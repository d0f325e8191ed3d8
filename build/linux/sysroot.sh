#!/bin/sh
# sysroot.sh FOLDER: fills a folder with what the hub is linked with for arm64, from
# Debian's packages, on a machine of another kind. Nothing of them runs. It takes 1.2 GB.
set -eu
to=${1:?sysroot.sh: name the folder}
[ ! -e "$to/.complete" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$to" "$work/lists/partial" "$work/archives/partial"
: >"$work/status"
# The lists of packages and what is installed are its own: this machine stays as it is.
apt() {
	apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State::Lists="$work/lists" \
		-o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}
apt update >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
apt install -y --download-only --no-install-recommends libgtk-3-dev libwebkit2gtk-4.1-dev >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	exit 1
}
for package in "$work"/archives/*.deb; do
	dpkg -x "$package" "$to"
done
touch "$to/.complete"
