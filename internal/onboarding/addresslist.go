package onboarding

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// SplitAddresses takes a typed or pasted list of recipients apart, as mail
// programs write them: with commas, semicolons or lines, with names, comments,
// groups, and names with a comma of their own, which Outlook does not quote:
// "Last, First <a@b.example>; …". Each entry is one address, not validated yet,
// or what is none, as it was typed.
func SplitAddresses(text string) []string {
	text = strings.NewReplacer("\uff20", "@", "\uff1c", "<", "\uff1e", ">").Replace(text)
	var entries []string
	for _, line := range cutOutside(text, ";\n\r\u2028\u2029\uff1b\u061b") {
		cells := cutOutside(line, "\t")
		if strings.Contains(line, "@") { // a row of a table: the other cells are about the person
			cells = slices.DeleteFunc(cells, func(cell string) bool { return !strings.Contains(cell, "@") })
		}
		for _, cell := range cells {
			entries = append(entries, splitAtCommas(cell)...)
		}
	}
	return entries
}

// ValidateTypedAddress validates what was typed or pasted into the field of one
// address, also with a name as mail programs write it: "Ana Ruiz <a@b.example>".
// It returns what ValidateAddress returns.
func ValidateTypedAddress(field, typed string) (string, error) {
	list := SplitAddresses(typed)
	with := slices.DeleteFunc(slices.Clone(list), func(entry string) bool { return !strings.Contains(entry, "@") })
	if len(with) > 1 {
		return "", &InvalidError{Field: field, Message: "Enter one address alone.", MessageID: "invalid.address_one"}
	}
	if len(list) == 1 {
		typed = list[0]
	}
	return ValidateAddress(field, typed)
}

// splitAtCommas takes apart what commas divide. What is before a name with an
// address is part of the name: "Last, First <a@b.example>".
func splitAtCommas(text string) []string {
	var entries, name []string
	for _, part := range cutOutside(text, ",\uff0c\u3001\u060c") {
		part = TrimPasted(part)
		switch {
		case part == "":
		case !strings.Contains(part, "@"):
			name = append(name, part)
		case len(enclosedAddresses(part)) > 0:
			entries, name = append(entries, addressesIn(part)...), nil
		default:
			entries, name = slices.Concat(entries, name, addressesIn(part)), nil
		}
	}
	return append(entries, name...)
}

// addressesIn returns the addresses of one entry, or the entry as it is.
func addressesIn(entry string) []string {
	bare := withoutScheme(withoutQuotes(entry))
	bare = bare[len(regexp.MustCompile(`^[^@<"[]*:\s*`).FindString(bare)):] // To:, or the name of a group
	if parsed, err := mail.ParseAddress(bare); err == nil {
		return []string{withoutScheme(withoutQuotes(parsed.Address))}
	}
	if found := enclosedAddresses(bare); len(found) > 0 {
		return found
	}
	words := strings.Fields(bare)
	if len(words) == 1 {
		return words
	}
	written := 0
	for _, word := range words {
		if strings.Contains(word, "@") {
			written++
		}
	}
	if written > 1 { // a list with spaces alone
		return words
	}
	return []string{entry} // with a space that does not belong there
}

// enclosedAddresses are the addresses in brackets: "<a@b.example>", and
// "[mailto:a@b.example]" as older versions of Outlook write it.
func enclosedAddresses(entry string) []string {
	var found []string
	enclosed := regexp.MustCompile(`<([^<>]*@[^<>]*)>|\[([^\[\]]*@[^\[\]]*)\]`)
	for _, match := range enclosed.FindAllStringSubmatch(entry, -1) {
		address := withoutScheme(TrimPasted(match[1] + match[2]))
		if !slices.Contains(found, address) { // both are written: <a@b.example><mailto:a@b.example>
			found = append(found, address)
		}
	}
	return found
}

// withoutScheme is the address of a mailto: link.
func withoutScheme(text string) string {
	if len(text) > len("mailto:") && strings.EqualFold(text[:len("mailto:")], "mailto:") {
		text, _, _ = strings.Cut(text[len("mailto:"):], "?")
	}
	return text
}

// withoutQuotes removes the quotes around an address.
func withoutQuotes(text string) string {
	for _, quotes := range []string{"''", `""`, "‘’", "“”", "„“", "«»"} {
		first, size := utf8.DecodeRuneInString(quotes)
		inside, opened := strings.CutPrefix(text, string(first))
		if inside, closed := strings.CutSuffix(inside, quotes[size:]); opened && closed {
			return inside
		}
	}
	return text
}

// cutOutside cuts a text at separators that stand in no quotes, brackets or
// comment.
func cutOutside(text, separators string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); {
		if size := enclosedSize(text[i:]); size > 0 {
			i += size
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if strings.ContainsRune(separators, r) {
			parts = append(parts, text[start:i])
			start = i + size
		}
		i += size
	}
	return append(parts, text[start:])
}

// enclosedSize is the size of what a quote or bracket at the start encloses on
// its line, with both; 0: nothing.
func enclosedSize(text string) int {
	closing := strings.IndexByte(`"<(`, text[0])
	if closing < 0 {
		return 0
	}
	for i := 1; i < len(text) && text[i] != '\n' && text[i] != '\r'; i++ {
		switch text[i] {
		case '\\':
			i++
		case `">)`[closing]:
			return i + 1
		}
	}
	return 0
}
