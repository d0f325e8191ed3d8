// Command lookalikes makes the list of characters that look like those of ASCII
// from Unicode's confusables.txt, which it reads from its standard input.
//
// It fetches nothing: whoever runs it has looked at the file.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const header = "" +
	"# Of https://www.unicode.org/Public/%s/security/confusables.txt the characters whose prototype, without its " +
	"marks,\n# is of ASCII letters and digits; those that compatibility decomposition (NFKD) changes are left out.\n" +
	"# Made by: go run ./internal/onboarding/lookalikes < confusables.txt > internal/onboarding/lookalikes.txt\n" +
	"# (c) 2025 Unicode, Inc., under https://www.unicode.org/license.txt\n"

// columns bounds a line of the list.
const columns = 120

func main() {
	if err := write(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// write fails if the file is not one of Unicode's lists.
func write(out io.Writer, confusables io.Reader) error {
	version, alike := "", map[string][]rune{}
	lines := bufio.NewScanner(confusables)
	for lines.Scan() {
		if _, named, found := strings.Cut(lines.Text(), "# Version: "); found {
			version = named
		}
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		fields := strings.Split(text, ";")
		if len(fields) < 3 {
			continue
		}
		source, err := characters(fields[0])
		if err != nil {
			return fmt.Errorf("reading %q: %w", lines.Text(), err)
		}
		prototype, err := characters(fields[1])
		if err != nil {
			return fmt.Errorf("reading %q: %w", lines.Text(), err)
		}
		if ascii := looksLike(source, prototype); ascii != "" {
			alike[ascii] = append(alike[ascii], []rune(source)...)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the list: %w", err)
	}
	if version == "" || len(alike) == 0 {
		return fmt.Errorf("reading the list: %d lines and no version: it is not confusables.txt", len(alike))
	}
	return writeList(out, version, alike)
}

func writeList(out io.Writer, version string, alike map[string][]rune) error {
	text := fmt.Sprintf(header, version)
	var all []string
	for ascii := range alike {
		all = append(all, ascii)
	}
	slices.Sort(all)
	for _, ascii := range all {
		slices.Sort(alike[ascii])
		line := ascii
		for _, r := range alike[ascii] {
			number := fmt.Sprintf(" %04X", r)
			if len(line)+len(number) > columns {
				text, line = text+line+"\n", ascii
			}
			line += number
		}
		text += line + "\n"
	}
	_, err := io.WriteString(out, text)
	return err
}

// characters reads numbers like "0430 0301".
func characters(numbers string) (string, error) {
	var text strings.Builder
	for number := range strings.FieldsSeq(numbers) {
		r, err := strconv.ParseInt(number, 16, 32)
		if err != nil {
			return "", err
		}
		text.WriteRune(rune(r))
	}
	return text.String(), nil
}

// looksLike is what a character looks like, in lower case; empty: not like ASCII, or a
// decomposition tells it already.
func looksLike(source, prototype string) string {
	if utf8.RuneCountInString(source) != 1 || source[0] < utf8.RuneSelf || norm.NFKD.String(source) != source {
		return ""
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(prototype))
	if strings.Trim(bare, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return bare
}
