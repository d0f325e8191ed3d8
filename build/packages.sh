#!/bin/sh
# packages.sh [PART…]: writes what is attached to a release to build/packages. Parts are
# relay, linux and windows; without any: all. RELAYS names some of the relays, as
# linux-amd64, that of this machine among them. The same commit gives the same bytes, from
# any folder, with the same tools. `make packages` runs it.
set -eu
cd "$(dirname "$0")/.."

number=$(cat VERSION)
out=$PWD/build/packages
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT INT TERM
# What carries a time carries the commit's.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
umask 022

# The same tools for everybody: what modules pin.
nfpm() {
	said=$(go tool -modfile=tools/packages.mod nfpm package "$@" 2>&1) || {
		printf '%s\n' "$said" >&2
		return 1
	}
}
winres() { go tool -modfile=tools/packages.mod go-winres "$@"; }
bill() { # PROGRAM FILE: the bill of materials of a Go program
	go tool -modfile=tools/go.mod cyclonedx-gomod bin -json -noserial -notimestamp -version "$number" -output "$2" "$1"
}

say() { printf 'packages: %s\n' "$*"; }

# What is built is built by the Makefile's own rules.
relay_for() { # GOOS GOARCH FILE
	GOOS=$1 GOARCH=$2 make --no-print-directory relay RELAY="$3"
}

signed() { # FILE: signs it where SIGN says how
	if [ -n "${SIGN:-}" ]; then
		say "signing $(basename "$1")"
		# shellcheck disable=SC2086 # a command and its words
		$SIGN "$1"
	fi
}

# The files of a package have the commit's time too.
settle() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

# put MODE FILE DESTINATION
put() { install -D -m "$1" "$2" "$3"; }

# filled FILE: a template with the version and its day.
filled() { sed "s/@NUMBER@/$number/g; s/@DATE@/$(date -d "@$SOURCE_DATE_EPOCH" +%F)/g" "$1"; }

documents() { # FOLDER PACKAGE: licence and changelog, as Debian has them
	doc=$1/usr/share/doc/$2
	mkdir -p "$doc"
	put 644 LICENSE "$doc/copyright"
	gzip -9nc CHANGELOG.md >"$doc/CHANGELOG.md.gz"
	{
		echo "$2 ($number-1) stable; urgency=medium"
		printf '\n  * Release %s: CHANGELOG.md.gz has what is new.\n\n' "$number"
		echo " -- The Latchkey founders <founders@latchkey.example>  $(date -R -d "@$SOURCE_DATE_EPOCH")"
	} | gzip -9n >"$doc/changelog.Debian.gz"
	chmod 644 "$doc"/*
}

manual() { # PROGRAM NAME SECTION SUMMARY DESTINATION: a manual page of what the program says of itself
	mkdir -p "$(dirname "$5")"
	"$1" --help >"$stage/help"
	awk -v name="$2" -v section="$3" -v summary="$4" -v number="$number" '
		function plain(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); gsub(/\047/, "\\(aq", s)
			if (s ~ /^\./) s = "\\&" s; return s }
		BEGIN {
			printf ".TH %s %s \"\" \"Latchkey %s\"\n.SH NAME\n%s \\- %s\n", toupper(name), section, number, plain(name), summary
		}
		NR == 1 { sub(/^Usage: /, ""); printf ".SH SYNOPSIS\n%s\n.SH DESCRIPTION\n", plain($0); next }
		/^[A-Z][A-Za-z ]*:$/ { if (open) print ".fi"; sub(/:$/, ""); printf ".SH %s\n.nf\n", toupper($0); open = 1; next }
		{ print plain($0) }
		END { if (open) print ".fi"; print ".SH SEE ALSO\nhttps://github.com/latchkeyhq/latchkey" }
	' "$stage/help" | gzip -9n >"$5"
	chmod 644 "$5"
}

# The programs of the relay, and its packages.
relay_part() {
	for which in $relays; do
		os=${which%-*} arch=${which#*-}
		file=$out/latchkey-relay-$number-$which
		[ "$os" != windows ] || file=$file.exe
		relay_for "$os" "$arch" "$file"
		if [ "$os" = windows ]; then signed "$file"; fi
	done
	native=$out/latchkey-relay-$number-linux-$(go env GOARCH)
	bill "$native" "$out/latchkey-relay-$number.cdx.json"
	for which in $relays; do
		[ "${which%-*}" != linux ] || relay_package "${which#*-}"
	done
}

relay_package() { # ARCH
	root=$stage/relay-$1
	put 755 "$out/latchkey-relay-$number-linux-$1" "$root/usr/bin/latchkey-relay"
	put 755 build/linux/relay/latchkey-relay-admin "$root/usr/sbin/latchkey-relay-admin"
	put 755 build/linux/relay/backup.sh "$root/usr/lib/latchkey/relay-backup"
	units=$root/usr/lib/systemd/system
	mkdir -p "$units"
	# The unit of a manual installation, but for where the program is.
	sed -e '1s/.*/# systemd unit of the relay./' -e '2,3d' -e 's|/usr/local/bin|/usr/bin|g' \
		build/latchkey-relay.service >"$units/latchkey-relay.service"
	chmod 644 "$units/latchkey-relay.service"
	put 644 build/linux/relay/latchkey-relay-backup.service "$units/latchkey-relay-backup.service"
	put 644 build/linux/relay/latchkey-relay-backup.timer "$units/latchkey-relay-backup.timer"
	# No setting of the sample counts before somebody has written it.
	sed -e 's/^LATCHKEY_/#LATCHKEY_/' -e 's|^#LATCHKEY_DATA=|LATCHKEY_DATA=|' build/relay.env >"$root.env"
	documents "$root" latchkey-relay
	doc=$root/usr/share/doc/latchkey-relay
	put 644 docs/relay.md "$doc/relay.md"
	put 644 build/latchkey-relay-tls.conf "$doc/examples/latchkey-relay-tls.conf"
	put 644 build/away.html "$doc/examples/away.html"
	manual "$native" latchkey-relay 1 "the hosted half of Latchkey" "$root/usr/share/man/man1/latchkey-relay.1.gz"
	printf '%s\n' '.TH LATCHKEY\-RELAY\-ADMIN 8 "" "Latchkey '"$number"'"' .SH NAME \
		'latchkey\-relay\-admin \- runs a command of the relay as its user, with its settings' .SH SYNOPSIS \
		'latchkey\-relay\-admin COMMAND [ARGUMENTS]' .SH DESCRIPTION \
		'Runs latchkey\-relay(1) as the user latchkey, with the settings of /etc/latchkey/relay.env.' .SH EXAMPLE \
		'latchkey\-relay\-admin doctor' .SH 'SEE ALSO' 'latchkey\-relay(1)' |
		gzip -9n >"$stage/admin.8.gz"
	put 644 "$stage/admin.8.gz" "$root/usr/share/man/man8/latchkey-relay-admin.8.gz"
	put 644 build/linux/relay/lintian-overrides "$root/usr/share/lintian/overrides/latchkey-relay"
	settle "$root"
	settle "$root.env"
	NUMBER=$number STAGE=$root ARCH=$1 export NUMBER STAGE ARCH
	nfpm -f build/linux/relay.yaml -p deb -t "$out/latchkey-relay_${number}_$1.deb"
	rpm=x86_64
	[ "$1" = amd64 ] || rpm=aarch64
	nfpm -f build/linux/relay.yaml -p rpm -t "$out/latchkey-relay-$number-1.$rpm.rpm"
	rm -rf "$root"
}

# The hub for Linux: linked as a position-independent program.
hub_package() { # ARCH PROGRAM
	root=$stage/hub-$1
	put 755 "$2" "$root/usr/bin/latchkey"
	put 644 build/linux/latchkey.desktop "$root/usr/share/applications/latchkey.desktop"
	put 644 build/appicon.png "$root/usr/share/icons/hicolor/512x512/apps/latchkey.png"
	filled build/linux/com.latchkeyhq.latchkey.metainfo.xml >"$stage/metainfo"
	put 644 "$stage/metainfo" "$root/usr/share/metainfo/com.latchkeyhq.latchkey.metainfo.xml"
	sed -e 's|%h/.local/bin/latchkey|/usr/bin/latchkey|' -e 's|^# Where .* puts it\. .*|# Where the package has it.|' \
		build/linux/latchkey-watch.service >"$stage/watch"
	put 644 "$stage/watch" "$root/usr/lib/systemd/user/latchkey-watch.service"
	documents "$root" latchkey
	put 644 docs/hub.md "$root/usr/share/doc/latchkey/hub.md"
	manual "$stage/latchkey" latchkey 1 "asks clients for access; shows what they gave, and uses it" \
		"$root/usr/share/man/man1/latchkey.1.gz"
	settle "$root"
	# The oldest C library that the program can run with.
	GLIBC=$(grep -ao 'GLIBC_2\.[0-9]*' "$2" | sort -uV | tail -n 1 | cut -d _ -f 2)
	NUMBER=$number STAGE=$root ARCH=$1 export NUMBER STAGE ARCH GLIBC
	nfpm -f build/linux/hub.yaml -p deb -t "$out/latchkey_${number}_$1.deb"
	if [ "$1" != amd64 ]; then
		rm -rf "$root"
		return
	fi
	nfpm -f build/linux/hub.yaml -p rpm -t "$out/latchkey-$number-1.x86_64.rpm"
	bill "$2" "$out/latchkey-$number.cdx.json"
	rm -rf "$root"
}

# This one runs here: it says what it can do, for the manual page.
hub_here() {
	[ -e "$stage/latchkey" ] || make --no-print-directory desktop HUB="$stage/latchkey" HUB_MODE=-buildmode=pie
}

# hub_arm64 FILE: linked here, and not run.
hub_arm64() {
	root=$PWD/build/sysroot-arm64
	sh build/linux/sysroot.sh "$root"
	libraries=$root/usr/lib/aarch64-linux-gnu
	PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH='' \
		PKG_CONFIG_LIBDIR=$libraries/pkgconfig:$root/usr/share/pkgconfig \
		CC="aarch64-linux-gnu-gcc --sysroot=$root" GOARCH=arm64 \
		CGO_LDFLAGS="-Wl,-rpath-link,$libraries:$root/lib/aarch64-linux-gnu" \
		make --no-print-directory desktop HUB="$1" HUB_MODE=-buildmode=pie
}

linux_part() {
	hub_here
	hub_package amd64 "$stage/latchkey"
	hub_arm64 "$stage/latchkey-arm64"
	hub_package arm64 "$stage/latchkey-arm64"
}

windows_part() {
	. build/windows/package.sh
	for arch in amd64 arm64; do
		windows_hub "$arch"
	done
}

# The screens are in the bill of materials of their own.
screens_bill() {
	npm --prefix frontend sbom --sbom-format cyclonedx --omit dev |
		node -e 'let s = ""; process.stdin.on("data", d => s += d).on("end", () => {
			const b = JSON.parse(s); delete b.serialNumber; delete b.metadata.timestamp
			console.log(JSON.stringify(b, null, 2)) })' >"$out/latchkey-screens-$number.cdx.json"
}

# What admins put into their policies.
policies() {
	(cd build/policies && find . -type f -printf '%P\n') | while read -r file; do
		put 644 "build/policies/$file" "$out/policies/$file"
	done
}

parts=${*:-relay linux windows}
relays=${RELAYS:-linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64}
sh build/install-deps.sh packages
rm -rf "$out"
mkdir -p "$out"
make --no-print-directory screens
case " $parts " in *" linux "* | *" windows "*) screens_bill ;; esac
for part in $parts; do
	case $part in
	relay | linux | windows) "${part}_part" ;;
	*)
		echo "packages.sh: $part is not relay, linux or windows" >&2
		exit 2
		;;
	esac
done
policies
(cd "$out" && find . -type f -printf '%P\n' | sort | xargs sha256sum) >"$stage/sums"
put 644 "$stage/sums" "$out/SHA256SUMS"
cat "$out/SHA256SUMS"
