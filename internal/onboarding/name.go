package onboarding

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ValidateName is ValidateLine for what is shown as somebody's name: it also
// refuses a name that is written as a mail header encodes it, since a mail
// program would show another one, and words of mixed scripts, which look like
// words that they are not.
func ValidateName(field, typed string, limit int, ifEmpty string) (string, error) {
	name, err := ValidateLine(field, typed, limit, ifEmpty)
	if err != nil {
		return "", err
	}
	return name, validateScripts(field, name)
}

// ValidateClient validates a client's name, as it is stored and shown.
func ValidateClient(typed string) (string, error) {
	return ValidateName("client", typed, MaxClient, "Enter the client's name.")
}

// ValidatePersonName validates the name of a member or a client, which others read in
// emails and on pages. Nobody bears a platform's name.
func ValidatePersonName(typed string, services []string, ifEmpty string) (string, error) {
	name, err := ValidateName("name", typed, MaxName, ifEmpty)
	if err != nil {
		return "", err
	}
	if platform := posesAs(name, nameOwners(services, isFirstName(name))); platform != "" {
		return "", &InvalidError{
			Field:     "name",
			Message:   "Others would take this for " + platform + " itself. Enter a person's own name.",
			MessageID: "invalid.platform",
			Args:      map[string]string{"platform": platform},
		}
	}
	return name, nil
}

// ValidateMemberName is ValidatePersonName for a member.
func ValidateMemberName(typed string, services []string) (string, error) {
	return ValidatePersonName(typed, services, "Enter the person's name.")
}

// isFirstName reports whether Meta in a name would be a person's first name: it
// is one, unless it stands alone or with what companies call their teams.
func isFirstName(name string) bool {
	as := newSkeletons()
	teams, meta := as.words(teamNames+" care center centre trust", false), strings.Join(as.words("Meta", false), "")
	words := as.words(name, false)
	return len(words) > 1 && !slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains(teams, word) || as.isTeamOf(meta, word)
	})
}

// teamNames are what companies call those who write to their customers.
const teamNames = "ads admin business help helpdesk official platforms policy security service services suite " +
	"support team verification verified"

// isTeamOf reports whether a word is an owner's name and that of a team in one, as in
// MetaSupport.
func (s skeletons) isTeamOf(owner, word string) bool {
	return slices.ContainsFunc(s.words(teamNames, false), func(team string) bool {
		return word == owner+team || word == team+owner
	})
}

// ValidateCompany returns a company's name for display, on one line. Empty is
// allowed: the agency's name is used. A platform's name, ours, or a lookalike,
// is an InvalidError: no agency may pose as one.
func ValidateCompany(typed string, services []string) (string, error) {
	if err := checkMarks("company", strings.ToValidUTF8(typed, "")); err != nil {
		return "", err
	}
	name := CleanLine(typed)
	if strings.IndexFunc(name, isVisible) < 0 {
		name = ""
	}
	if utf8.RuneCountInString(name) > MaxCompany {
		return "", Invalid("company", fmt.Sprintf("The company name is longer than %d characters. Shorten it.", MaxCompany))
	}
	if platform := posesAs(name, nameOwners(services, false)); platform != "" {
		return "", Invalid("company", "Clients would take this for "+platform+" itself. Enter your own company's name.")
	}
	return name, validateScripts("company", name)
}

// validateScripts refuses what shows another name than it holds.
func validateScripts(field, name string) error {
	if found := regexp.MustCompile(`=\?[^?]*\?[BbQq]\?`).FindString(name); found != "" {
		return &InvalidError{
			Field:     field,
			Message:   "This is a name as an email's header encodes it. Enter the name as it is read.",
			MessageID: "invalid.encoded",
		}
	}
	for _, word := range strings.FieldsFunc(name, separatesWords) {
		if !hasOneScript(word) {
			shown := shorten(word, 60)
			return &InvalidError{
				Field:     field,
				Message:   shown + " mixes different alphabets. Type the word again in one.",
				MessageID: "invalid.mixed_scripts",
				Args:      map[string]string{"word": shown},
			}
		}
	}
	return nil
}

func separatesWords(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !isInvisible(r)
}

// hasOneScript reports whether a word is highly restrictive by UTS 39 (5.2): it is
// of one script, or of Latin and those that Chinese, Japanese and Korean write
// together.
func hasOneScript(word string) bool {
	var scripts []string
	for _, r := range word {
		if r < utf8.RuneSelf || unicode.In(r, unicode.Common, unicode.Inherited, unicode.Latin) {
			continue
		}
		for name, table := range unicode.Scripts {
			if unicode.Is(table, r) && !slices.Contains(scripts, name) {
				scripts = append(scripts, name)
			}
		}
	}
	for _, together := range [][]string{{"Han", "Hiragana", "Katakana"}, {"Han", "Bopomofo"}, {"Han", "Hangul"}} {
		if !slices.ContainsFunc(scripts, func(name string) bool { return !slices.Contains(together, name) }) {
			return true
		}
	}
	return len(scripts) == 1 && !strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}

// LookAlike reports whether people can take one name for the other.
func LookAlike(a, b string) bool {
	as := newSkeletons()
	words := as.words(a, false)
	return strings.EqualFold(a, b) || len(words) > 0 && slices.Equal(words, as.words(b, false))
}

// nameOwners are those whose names nobody else bears: the services, the companies
// behind them with their other brands, and we. Meta may be a first name.
func nameOwners(services []string, firstName bool) []string {
	owners := append([]string{"Instagram", "WhatsApp", "Google", "Latchkey"}, services...)
	if !firstName {
		owners = append(owners, "Meta")
	}
	return owners
}

// posesAs returns which owner's name a name resembles, or "". It compares each
// run of words, with and without the signs that are read as text: "Facebook
// Support" is refused, and so are "Faceb00k", "Face book" and "FacebookHelp";
// "Metal Works" is not.
func posesAs(name string, owners []string) string {
	const unmistakable = 6 // characters: a longer word that has these is no other word
	as := newSkeletons()
	for _, owner := range owners {
		folded := strings.Join(as.words(owner, false), "")
		for _, signs := range []bool{false, true} {
			words := as.words(name, signs)
			for i, word := range words {
				if len(folded) >= unmistakable && strings.Contains(word, folded) || as.isTeamOf(folded, word) {
					return owner
				}
				for j := i + 1; j <= len(words); j++ {
					if strings.Join(words[i:j], "") == folded {
						return owner
					}
				}
			}
		}
	}
	return ""
}

// skeletons fold names to how they look: the skeleton of UTS 39 (4), and further
// in lower case, without accents, and with the digits that are read as text.
type skeletons struct {
	alike map[rune]string
	twins *strings.Replacer
}

//go:embed lookalikes.txt
var lookalikes string

func newSkeletons() skeletons {
	alike := map[rune]string{'Ғ': "f", 'ғ': "f"} // to Unicode's list they look Greek
	for line := range strings.Lines(lookalikes) {
		ascii, numbers, _ := strings.Cut(line, " ")
		for number := range strings.FieldsSeq(numbers) {
			if r, err := strconv.ParseInt(number, 16, 32); err == nil && ascii != "#" && alike[rune(r)] == "" {
				alike[rune(r)] = ascii
			}
		}
	}
	return skeletons{alike: alike, twins: strings.NewReplacer(
		// digits that are read as text
		"0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "i", "l",
		// what has a Latin twin as a capital
		"в", "b", "к", "k", "м", "m", "т", "t", "н", "h",
		"β", "b", "κ", "k", "μ", "m", "τ", "t", "ε", "e",
		// small capitals
		"ᴀ", "a", "ʙ", "b", "ᴅ", "d", "ᴇ", "e", "ꜰ", "f", "ɢ", "g", "ʜ", "h", "ɪ", "l", "ᴊ", "j", "ᴋ", "k", "ʟ", "l",
		"ᴍ", "m", "ɴ", "n", "ᴘ", "p", "ʀ", "r", "ᴛ", "t",
		"rn", "m", "vv", "w",
	)}
}

// words are the words of a name, folded; signs are read as text too: $, @, | and !.
func (s skeletons) words(name string, signs bool) []string {
	var text strings.Builder
	// Though they decompose to TM, SM and s: a long one is read as f.
	name = strings.NewReplacer("™", " ", "℠", " ", "ſ", "f", "ẛ", "f", "ﬅ", "ft").Replace(name)
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.IsMark(r) || isInvisible(r):
		case s.alike[r] != "":
			text.WriteString(s.alike[r])
		default:
			text.WriteRune(enclosed(r))
		}
	}
	folded := strings.ToLower(text.String())
	if signs {
		folded = strings.NewReplacer("$", "s", "@", "a", "|", "l", "!", "l").Replace(folded)
	}
	return strings.FieldsFunc(s.twins.Replace(folded), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// enclosed is what stands in a circle, a square or a flag, which Unicode does not
// decompose.
func enclosed(r rune) rune {
	for _, first := range []rune{'\U0001f150', '\U0001f170', '\U0001f1e6'} {
		if r >= first && r < first+26 {
			return 'a' + r - first
		}
	}
	return r
}
