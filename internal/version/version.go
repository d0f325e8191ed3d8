// Package version says which version of Latchkey a program is.
package version

import (
	"runtime/debug"
	"strconv"
	"strings"
)

// Number is what the file VERSION says; a test compares them. `make generate` writes it.
const Number = "0.1.0"

// shortCommit is how much of a commit's name is shown.
const shortCommit = 7

// Full is the number and the commit: 0.1.0 (b37c7a6). An empty commit is the one that the
// Go tool has recorded; without any, it is the number alone.
func Full(commit string) string {
	if commit == "" {
		commit = recorded()
	}
	if commit == "" {
		return Number
	}
	return Number + " (" + commit + ")"
}

// recorded returns the commit in the program's build information: `go build` alone records
// it, with a mark if the source was changed after it.
func recorded() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	commit := settings["vcs.revision"]
	if len(commit) < shortCommit {
		return ""
	}
	commit = commit[:shortCommit]
	if settings["vcs.modified"] == "true" {
		commit += "-dirty"
	}
	return commit
}

// Valid reports whether a text is a version: three numbers.
func Valid(text string) bool {
	_, ok := numbers(text)
	return ok
}

// Newer reports whether a version is newer than another. What is no version is not.
func Newer(text, than string) bool {
	a, isOne := numbers(text)
	b, isOther := numbers(than)
	if !isOne || !isOther {
		return false
	}
	for n := range a {
		if a[n] != b[n] {
			return a[n] > b[n]
		}
	}
	return false
}

// numbers reads a version. A number has at most five digits and no zero before it.
func numbers(text string) (parts [3]int, ok bool) {
	texts := strings.Split(text, ".")
	if len(texts) != len(parts) {
		return parts, false
	}
	for n, digits := range texts {
		number, err := strconv.Atoi(digits)
		if err != nil || number < 0 || len(digits) > 5 || strconv.Itoa(number) != digits {
			return parts, false
		}
		parts[n] = number
	}
	return parts, true
}
