# package.sh is read by build/packages.sh: the hub for Windows, as a program, as MSI and
# as setup. It uses number, out, stage, winres, filled, signed, settle, say and bill.

# guid TEXT: the same text has the same one, so that the same source gives the same MSI.
guid() {
	printf '%s' "$1" | sha256sum | cut -c 1-32 | tr a-f A-F |
		sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/\1-\2-5\3-8\4-\5/'
}

windows_hub() { # ARCH, as Go names it
	dir=$stage/windows-$1
	mkdir -p "$dir"
	make --no-print-directory windows GOARCH="$1" HUB="$dir/latchkey.exe"
	cp build/windows/latchkey.ico "$dir/"
	filled build/windows/winres.json >"$dir/winres.json"
	winres patch --no-backup --in "$dir/winres.json" "$dir/latchkey.exe"
	signed "$dir/latchkey.exe"
	settle "$dir"
	name=x64
	[ "$1" = amd64 ] || name=$1
	msi "$dir" "$name" "$out/latchkey-$number-$name.msi"
	if [ "$1" = amd64 ]; then
		setup "$dir" "$out/latchkey-$number-x64-setup.exe"
		bill "$dir/latchkey.exe" "$out/latchkey-$number-windows.cdx.json"
	fi
	rm -rf "$dir"
}

setup() { # FOLDER FILE
	say "making $(basename "$2")"
	makensis -V2 -NOCD "-DNUMBER=$number" "-DSOURCE=$1" "-DOUT=$2" ${SIGN:+"-DSIGN=$SIGN"} build/windows/latchkey.nsi
	signed "$2"
}

msi() { # FOLDER x64|arm64 FILE
	say "making $(basename "$3")"
	msi=$3
	wxs=$PWD/build/windows/latchkey.wxs
	# wixl knows no arm64; the package is the same but for its word in the summary.
	(cd "$1" && still wixl -a x64 -D NUMBER="$number" -D PRODUCT="$(guid "product $number $2")" -o "$msi" "$wxs")
	query "UPDATE \`Component\` SET \`Condition\` = 'RELAYURL' WHERE \`Component\` = 'Preset'"
	query "UPDATE \`Component\` SET \`Condition\` = 'DESKTOPICON' WHERE \`Component\` = 'DesktopIcon'"
	# What msiexec is told under SYSTEM reaches the part that installs.
	secure=$(msiinfo export "$msi" Property | tr -d '\r' | awk -F '\t' '$1 == "SecureCustomProperties" { print $2 }')
	secure="$secure;RELAYURL;DESKTOPICON;INSTALLDIR"
	query "UPDATE \`Property\` SET \`Value\` = '$secure' WHERE \`Property\` = 'SecureCustomProperties'"
	# An upgrade without RELAYURL keeps the one of before; the log says when WebView2 is
	# missing. These set properties and run nothing.
	property KeepRelayURL RELAYURL '[KEPT_RELAYURL]' 'KEPT_RELAYURL AND NOT RELAYURL' 101
	property KeepDesktopIcon DESKTOPICON '[KEPT_DESKTOPICON]' 'KEPT_DESKTOPICON AND NOT DESKTOPICON' 102
	missing='The WebView2 runtime is not installed for this computer: Latchkey shows no window until it is.'
	property NoteWebView2 NOTE "$missing" 'NOT WEBVIEW2' 103
	platform=x64
	[ "$2" = x64 ] || platform=Arm64
	still msibuild "$msi" -s "Latchkey $number" Latchkey "$platform;1033" "{$(guid "package $number $2")}"
	signed "$msi"
}

# The tools write the time of day into an MSI: theirs stands still.
still() { faketime -f "$(date -u -d "@$SOURCE_DATE_EPOCH" '+%F %T')" "$@"; }

query() { still msibuild "$msi" -q "$1"; }

property() { # ACTION PROPERTY VALUE CONDITION SEQUENCE: sets a property after AppSearch
	query "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('$1', 51, '$2', '$3')"
	for table in InstallUISequence InstallExecuteSequence; do
		query "INSERT INTO \`$table\` (\`Action\`, \`Condition\`, \`Sequence\`) VALUES ('$1', '$4', $5)"
	done
}
