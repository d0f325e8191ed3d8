#!/bin/sh
# version.sh writes the number in VERSION to every file that has to name it. A test of
# internal/version compares them.
set -eu
cd "$(dirname "$0")/.."

number=$(cat VERSION)
if ! printf '%s\n' "$number" | grep -Eqx '(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,4})'; then
	echo "version.sh: VERSION has \"$number\". It has three numbers, like 1.4.0; Windows allows 255.255.65535 at most." >&2
	exit 1
fi

write() { # FILE SED-COMMANDS: leaves a file alone that is as it should be
	sed "$2" "$1" >"$1.new"
	if cmp -s "$1" "$1.new"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

write internal/version/version.go "s/^const Number = .*/const Number = \"$number\"/"
write build/darwin/Info.plist "/<key>CFBundle.*Version/{
	n
	s|<string>[0-9]*\\.[0-9]*\\.[0-9]*</string>|<string>$number</string>|
}"
write wails.json "s/\"productVersion\": \".*\"/\"productVersion\": \"$number\"/"
# The package's own version is the only one at these places.
write frontend/package.json "4s/\"version\": \".*\"/\"version\": \"$number\"/"
for line in 3 9; do
	write frontend/package-lock.json "${line}s/\"version\": \".*\"/\"version\": \"$number\"/"
done
