package internal_test

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// docs/glossary.md has the words of this code. Each list here names words that
// it no longer uses.

// retiredNames are names that nothing in Go is declared by any more, by the
// folder that they are retired in; "" is everywhere.
func retiredNames() map[string]string {
	return map[string]string{
		"": `Moment OneLine CheckRequest CheckCompany CheckWords LetterState LetterQueued LetterSending
			LetterAccepted LetterRefused LetterCancelled EventLetterRefused EventNotForMe AddressLetters
			LinkLettersADay AgencyAddressesADay ErrFetchFirst ErrOlderLink ErrTooOften ErrNotSignedIn
			ErrNotAllowed ErrRefused forbiddenInLine
			Carried HandleNews serveNews newsPath ReadHoldings HoldingsA GreetA OfferRequest OfferRequestQ
			RequestWish
			SayToAgency ToAgency CopyNote LetterUnseen LinkOlder FearsFraud
			ErrMisplaced ErrNotMine CheckPublic SealUnder OpenUnder saidError
			Glance GlanceRow InSight glancer InSnapshot openGroup endGroup InTxAhead lostToAnother firstTx
			Surroundings Arrived hangUp pickUp
			SoFar ShareByHand NotForMe UnansweredError PostponedError CheckQ CampaignQ
			KeyFile OpenKeyFile RotateKeyFile linkLetter writeLink readLink openLink letterPath newCode plainCode
			newDigits isAccepted versionProof isVersion isRefresh codeLetters
			runLetters sendLetters takeInHand letterHands aboutOf keepResult unwritten errNotWanted nudge nap
			runDuties doDuty untilDuty letterGrace letterLease dutyLease longestNap shortPause lookEvery
			ErrOtherKeyFile OperatorConfig NewOperator
			passable codeLives ownCodeLives startLives offerRequest readHoldings keepRotated
			passOf sameSite aliveVisit agentsPool onPhone shareSoon lookSoon troubleOf noteTrouble noteOthers
			tellAgency tellWhoCanHelp errElsewhere errTooLong harmless signInLasts formPatience lookAgain readAgain
			EndFormerLeases LetterKind LetterRequest LetterLink LetterCompleted LetterFinishedEmpty ShownByLink
			LetterUnchecked LetterIdle LetterAgencySide ClaimLetter SendingLetter TakenLetter EndLetter Duty
			DutyKind ClaimDuty theOwner theMains leavePicks PassOn keepPromise maxPromised
			Standing StandingView Happened HappenedKind NeedKind NeedsYou newStoring nameClient keepInTouch
			finishRound keepListening errLineCut lineDead noticeSleep keepTelling untold readFact writeJSONFact
			copyShape rareTry markLife lostAndFound keepChecking checkPause putOff errNotHere mayCheck emptyHanded
			throwAway emptyKeychain keychainSaid reworded writeWords unsent overtaken savedWish wishQuestion
			asWritten EntryOffer sendOutbox ListQ AccountsQ PreviewQ RelayAt HeldRow
			readKept errInUse startError notStarted enterOwn enterDemo noDemo KeepDraft toldError mayBeginHere
			mustBeThere keepMemory othersPlace deed player answerPerson goTo Doable pretends frayed heldBy
			rooms testRooms recipe stories`,
		"cmd/relay":         `surroundings said told sentence beginning graceful`,
		"internal/demo":     `cast scene ending Facts gather Said`,
		"internal/desktop":  `desk looks wanted kept told tell`,
		"internal/hub":      `held lay me reach cycle line truth met wake kick happened Got Trouble stamp plain`,
		"internal/keychain": `Said Explain Why Working Silent meaning`,
		"internal/platform": `Finding Lasting Again Correct TryKey Instead`,
		"internal/sandbox":  `shelf letter judge conversation Act`,
		"internal/seal":     `Names Comparison`,
		"internal/sqldb":    `turns group learned bound Passing places ahead`,
		"internal/window":   `Opened Closed Ready Clicked Chosen Place ErrElsewhere Web right quiet`,
		"internal/wire":     `Carry Caller MainUsers Anyone Described Question Nothing Listen Greet Gone Heir By`,
	}
}

func TestRetiredNamesAreNotDeclared(t *testing.T) {
	names := retiredNames()
	for file, parsed := range parsed(t) {
		var retired []string
		for folder, list := range names {
			if folder == "" || strings.HasPrefix(file, folder+"/") {
				retired = append(retired, strings.Fields(list)...)
			}
		}
		for _, name := range declaredNames(parsed) {
			if slices.Contains(retired, name) {
				t.Errorf("%s declares %s, which docs/glossary.md retired", file, name)
			}
		}
	}
}

// declaredNames are the functions, methods, types, constants, variables and
// fields of a file. Variables within functions are not among them.
func declaredNames(file *ast.File) []string {
	var names []string
	add := func(idents ...*ast.Ident) {
		for _, ident := range idents {
			names = append(names, ident.Name)
		}
	}
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			add(d.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					add(s.Names...)
				case *ast.TypeSpec:
					add(s.Name)
					ast.Inspect(s.Type, func(n ast.Node) bool {
						switch part := n.(type) {
						case *ast.StructType:
							for _, field := range part.Fields.List {
								add(field.Names...)
							}
						case *ast.InterfaceType:
							for _, method := range part.Methods.List {
								add(method.Names...)
							}
						}
						return true
					})
				}
			}
		}
	}
	return names
}

// retiredTags are names that JSON had.
const retiredTags = `heir check_words comparison standing happened trouble waits agency_addresses_a_day
	address_letters link_letters_a_day letter sentence`

func TestRetiredNamesAreNotInJSON(t *testing.T) {
	tag := regexp.MustCompile(`json:"([^",]*)`)
	for file, parsed := range parsed(t) {
		ast.Inspect(parsed, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok && field.Tag != nil {
				name := tag.FindStringSubmatch(field.Tag.Value)
				if name != nil && name[1] != "" && slices.Contains(strings.Fields(retiredTags), name[1]) {
					t.Errorf("%s has %s in JSON, which docs/glossary.md retired", file, name[1])
				}
			}
			return true
		})
	}
}

// retiredSQL are tables and columns that the schemas had, by folder: a column
// that is right in another table with its table's name.
func retiredSQL() map[string]string {
	return map[string]string{
		"internal/hub": `facts request_truths item_truths request_words item_words refusals truth seen place words
			ends_ms question tries next_ms ahead sentence discard_ms step`,
		"internal/relay": `facts letters duties not_for_me written starts signins holdings skips reply_codes mark view_n
			gone_ms made_ms look_up choices sealed_ms sealed_until_ms extra until_ms idle_ms lease_by of_item
			lease_life next_ms words emails.ended_ms jobs.ended_ms by_name by_email`,
	}
}

func TestRetiredNamesAreNotInSQL(t *testing.T) {
	comment := regexp.MustCompile(`--[^\n]*`)
	name := regexp.MustCompile(
		`(?m)CREATE (?:VIRTUAL )?TABLE (\w+)|^\s+(\w+)\s+(?:TEXT|BIGINT|INTEGER|BYTEA|BLOB)\b|` +
			`[(,]\s*(\w+) (?:TEXT|BIGINT|BYTEA)\b`,
	)
	for file, text := range texts(t, ".sql") {
		for folder, list := range retiredSQL() {
			if !strings.HasPrefix(file, folder+"/") {
				continue
			}
			table := ""
			for _, m := range name.FindAllStringSubmatch(comment.ReplaceAllString(text, ""), -1) {
				if m[1] != "" {
					table = m[1]
				}
				retired, column := strings.Fields(list), m[2]+m[3]
				if slices.Contains(retired, m[1]+column) || slices.Contains(retired, table+"."+column) {
					t.Errorf("%s has %s in SQL, which docs/glossary.md retired", file, m[1]+m[2]+m[3])
				}
			}
		}
	}
}

// retiredExports are names that the screens exported.
const retiredExports = `useSay useAct Told tell everyRequest everyAccount Shell useShell useRoute wantedRoute usePaused
	atOnce Rows useRows inTurn outdated Hands Awaited Drawn useLate Barrier firstAnswers useSaveKey w`

func TestRetiredNamesAreNotExportedByTheScreens(t *testing.T) {
	export := regexp.MustCompile(
		`(?m)^export (?:default )?(?:async )?(?:function|const|let|type|interface|class|enum) (\w+)`,
	)
	for file, text := range texts(t, ".ts", ".tsx") {
		for _, m := range export.FindAllStringSubmatch(text, -1) {
			if slices.Contains(strings.Fields(retiredExports), m[1]) {
				t.Errorf("%s exports %s, which docs/glossary.md retired", file, m[1])
			}
		}
	}
}

// retiredWords are what no comment, string, document, screen or name has.
func retiredWords() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(glances?|errands?|nudges?|naps?|duty|duties|quiet lines?|pretend(s|ed|ing)?|` +
		`takes? in hand|houses?|rooms?|arrows?|letters?|surroundings|standing|heirs?|deeds?|shelf|shelves|tolls?|` +
		`truths?)\b`)
}

// otherMeanings are where such a word is another one: they are taken out of a
// line before it is read.
func otherMeanings() *regexp.Regexp {
	return regexp.MustCompile(`(?i)letters?[^.]{0,20} (and|or|nor) (digits?|numbers?)|` +
		`digits?[^.]{0,20} (and|or|for|,) letters?|` +
		`(single|double|lower-?case|upper-?case|capital|latin|greek|cyrillic|accented|` +
		`block|small|one|two|first|of)[ -]letters?|` +
		`letters? of (a|the) (word|name|column|text)|letters? that were typed|letter-?spacing|monogram|` +
		`arrow(s|[ -]?(keys?|up|down|left|right|functions?))|(up|down|left|right|mantine-popover)[ -]?arrow|\barrow aspen|` +
		`temple arrow|make(s)? room|leaves? room|room (for|left)|no room|Northlight House|^House$|in[- ]house`)
}

func TestRetiredWordsAreNotWritten(t *testing.T) {
	retired, other := retiredWords(), otherMeanings()
	inspect := func(file, prose string) {
		for line := range strings.SplitSeq(prose, "\n") {
			if word := retired.FindString(other.ReplaceAllString(line, "")); word != "" {
				t.Errorf("%s says %q, which docs/glossary.md retired: %s", file, word, strings.TrimSpace(line))
			}
		}
	}
	for file, text := range texts(t, ".go") {
		if file != "internal/vocabulary_test.go" {
			inspect(file, goProse(text))
		}
	}
	quoted := regexp.MustCompile("//[^\n]*|(?s:/\\*.*?\\*/)|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`|>[^<>{}\n]+<")
	for file, text := range texts(t, ".ts", ".tsx", ".mjs", ".js") {
		inspect(file, strings.Join(quoted.FindAllString(text, -1), "\n"))
	}
	for file, text := range texts(t, ".sql") {
		inspect(file, strings.Join(regexp.MustCompile(`--[^\n]*`).FindAllString(text, -1), "\n"))
	}
	for file, text := range texts(t, ".md", ".toml", ".templ", ".html") {
		if file != "docs/glossary.md" {
			inspect(file, text)
		}
	}
}

// othersNames are names with a retired word that are not ours to choose, or that mean
// what the word still means.
func othersNames() map[string]string {
	return map[string]string{
		"keys, and Tabler's icons": `ArrowDown ArrowUp useArrowKeys IconArrowDown IconArrowLeft IconArrowRight IconArrowUp`,
		"Mantine's Popover":        `arrow arrowOffset arrowSize withArrow`,
		"Go's unicode and CSS":     `IsLetter letter-spacing`,
		"letters of an alphabet": `single-letter TestAReplyKeepsItsLettersWhateverItsCodePage
			TestOnlyTheFirstLetterChangesItsCase TestACodeIsReadAloudWithoutLettersThatLookAlike`,
	}
}

func TestRetiredWordsAreNoPartsOfNames(t *testing.T) {
	retired := retiredWords()
	var others []string
	for _, names := range othersNames() {
		others = append(others, strings.Fields(names)...)
	}
	inspect := func(file string, names []string) {
		for _, name := range names {
			if slices.ContainsFunc(others, func(other string) bool { return strings.EqualFold(other, name) }) {
				continue
			}
			for _, part := range nameParts(name) {
				if retired.MatchString(part) {
					t.Errorf("%s has the name %s, of which docs/glossary.md retired %q", file, name, part)
				}
			}
		}
	}
	// A name within prose has several parts. One word alone is a name in code, and prose elsewhere.
	compound := regexp.MustCompile(`[A-Za-z]\w*[-_A-Z][\w-]*`)
	name := regexp.MustCompile(`[A-Za-z_][\w-]*`)
	quoted := regexp.MustCompile("//[^\n]*|(?s:/\\*.*?\\*/)|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`|>[^<>{}\n]+<")
	for file, text := range texts(t, ".go") {
		if file != "internal/vocabulary_test.go" {
			inspect(file, compound.FindAllString(text, -1))
			inspect(file, goNames(text))
		}
	}
	for file, text := range texts(t, ".ts", ".tsx", ".mjs", ".js", ".css") {
		inspect(file, compound.FindAllString(text, -1))
		inspect(file, name.FindAllString(quoted.ReplaceAllString(text, ""), -1))
	}
	for file, text := range texts(t, ".sql") {
		inspect(file, name.FindAllString(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, ""), -1))
	}
	for file, text := range texts(t, ".json", ".toml", ".templ", ".html") {
		inspect(file, compound.FindAllString(text, -1))
	}
}

func TestANameIsDividedIntoItsWords(t *testing.T) {
	for name, want := range map[string]string{
		"letterTo": "letter to", "HTTPLetter": "http letter", "letter_unseen": "letter unseen", "no-Letter2": "no letter 2",
		"letterless": "letterless", "URL": "url", "base32Letters": "base 32 letters", "_x": "x",
	} {
		if got := strings.Join(nameParts(name), " "); got != want {
			t.Errorf("%s is divided into %q, want %q", name, got, want)
		}
	}
}

// nameParts are the words of a name in camelCase, snake_case or kebab-case.
func nameParts(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	add := func(end int) {
		if word := strings.Trim(string(runes[start:end]), "_-"); word != "" {
			words = append(words, strings.ToLower(word))
		}
		start = end
	}
	for i := 1; i < len(runes); i++ {
		before, at := runes[i-1], runes[i]
		acronymEnds := unicode.IsUpper(before) && unicode.IsUpper(at) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if at == '_' || at == '-' || unicode.IsLower(before) && !unicode.IsLower(at) ||
			unicode.IsDigit(before) && unicode.IsLetter(at) || acronymEnds {
			add(i)
		}
	}
	add(len(runes))
	return words
}

// goNames are the names in a Go file's code.
func goNames(text string) []string {
	var names []string
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(text)), []byte(text), nil, 0)
	for {
		_, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return names
		case token.IDENT:
			names = append(names, literal)
		}
	}
}

// goProse is a Go file's comments and strings.
func goProse(text string) string {
	var prose []string
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(text)), []byte(text), nil, scanner.ScanComments)
	for {
		_, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return strings.Join(prose, "\n")
		case token.COMMENT:
			prose = append(prose, literal)
		case token.STRING:
			if value, err := strconv.Unquote(literal); err == nil {
				prose = append(prose, value)
			}
		}
	}
}

// texts are the files of the repository whose names end so, by path.
func texts(t *testing.T, endings ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case "node_modules", ".git", "build", "dist", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(endings, path.Ext(name)) || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		files[strings.TrimPrefix(filepath.ToSlash(name), "../")] = string(text)
		return err
	})
	if err != nil {
		t.Fatalf("reading the files: %v", err)
	}
	if len(files) == 0 {
		t.Fatalf("found no file that ends in %v: the walk starts in the wrong place", endings)
	}
	return files
}
