package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/version"
)

func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }

// place is an operator's shell: an environment, and what was printed.
type place struct {
	set map[string]string
	in  string // what is typed

	settings string // the file of settings that nothing names
	piped    bool   // stderr is no terminal
}

// newPlace is a machine on which nothing was done yet.
func newPlace(t *testing.T) place {
	set := good()
	set["LATCHKEY_URL"], set["LATCHKEY_LISTEN"], set["LATCHKEY_DATA"] = "http://localhost:8080", "127.0.0.1:0",
		filepath.Join(t.TempDir(), "data")
	return place{set: set}
}

func (p place) with(name, value string) place {
	set := maps.Clone(p.set)
	set[name] = value
	return place{set: set}
}

func (p place) file(name string) string { return filepath.Join(p.set["LATCHKEY_DATA"], name) }

// runs gives what a command printed, and how it ended.
func (p place) runs(t *testing.T, arguments ...string) (out, said string, code int) {
	t.Helper()
	var printed, wrong bytes.Buffer
	code = p.start(t.Context(), &printed, &wrong, arguments...)
	return printed.String(), wrong.String(), code
}

func (p place) start(ctx context.Context, out, said interface{ Write([]byte) (int, error) }, arguments ...string) int {
	var all []string
	for name, value := range p.set {
		all = append(all, name+"="+value)
	}
	return run(arguments, &env{ctx: ctx, in: strings.NewReader(p.in), out: out, stderr: said, all: all,
		defaultFile: p.settings, terminal: !p.piped,
		lookup: func(name string) (string, bool) { value, ok := p.set[name]; return value, ok }})
}

// does runs a command that has to succeed.
func (p place) does(t *testing.T, arguments ...string) string {
	t.Helper()
	out, said, code := p.runs(t, arguments...)
	if code != 0 {
		t.Fatalf("%q: ended with %d and said %s", arguments, code, said)
	}
	return out
}

// refuses runs a command that has to fail with one line that holds words.
func (p place) refuses(t *testing.T, words string, arguments ...string) {
	t.Helper()
	out, said, code := p.runs(t, arguments...)
	said = strings.Replace(said, "the configuration has mistakes:\n  ", "", 1) // one line for each
	said = regexp.MustCompile(`(?m)^Works on .*\n`).ReplaceAllString(said, "")
	if code == 0 || out != "" || strings.Contains(said, "canary") || strings.Count(said, "\n") != 1 ||
		!strings.HasPrefix(said, "latchkey-relay: ") || !strings.Contains(said, words) {
		t.Errorf("%q: ended with %d, printed %q and said %q, want one line with %q", arguments, code, out, said, words)
	}
}

// founded is a place with an agency in it.
func founded(t *testing.T) place {
	p := newPlace(t)
	p.does(t, "agency", "add", "Acme Media", "--new", "--main", "Ana Ruiz <ana@acme.example>")
	return p
}

func TestTheCommandsSayWhatTheyDid(t *testing.T) {
	p := founded(t)
	backup := filepath.Join(t.TempDir(), "relay.backup")
	for _, c := range []struct {
		command string
		words   string
	}{
		{"version", "latchkey-relay " + version.Number},
		{"agency list", "Ana Ruiz <ana@acme.example> (main)"},
		{"agency add Other --main Bo<bo@other.example>", "Code for Bo: "},
		{"member code acme-media-is-not-needed ana@acme.example", ""},
		{"agency suspend Other", "Other is suspended"},
		{"agency list", "suspended"},
		{"agency suspend Other --end", "Other goes on"},
		{"agency rename Other Others", "Other is called Others now"},
		{"member list", "bo@other.example"},
		{"member list Others --json", `"email":"bo@other.example","role":"main","computers":[],"open_codes":1`},
		{"agency remove Others --yes", "one member with 0 computers, 0 requests"},
		{"person show ana@acme.example", "Acme Media"},
		{"person show ana@acme.example --json", `"what":"member","name":"Ana Ruiz","request":"","agency":"Acme Media"}`},
		{"person show nobody@acme.example", "appears nowhere"},
		{"person forget ana@acme.example", "a main user removes members, in the hub"},
		{"person forget nobody@acme.example", "appears in no request"},
		{"keys rotate", "A new key signs from now on"},
		{"keys list", "sign and verify"},
		{"keys list --json", `"signs":false}`},
		{"backup " + backup, "Wrote database and key file"},
	} {
		if c.words == "" {
			p.refuses(t, "There is no member", strings.Fields(c.command)...)
			continue
		}
		if out := p.does(t, strings.Fields(c.command)...); !strings.Contains(out, c.words) {
			t.Errorf("%s: printed %q, want %q in it", c.command, out, c.words)
		}
	}
}

func TestAListOfNoAgenciesSaysHowToAddOne(t *testing.T) {
	p := newPlace(t)
	_, _, stop := serving(t, p)
	if out := p.does(t, "agency", "list"); !strings.Contains(out, "There is no agency yet") {
		t.Errorf("printed %q", out)
	}
	stop()
}

func TestACodeIsPrintedOnceAndWithItsAddress(t *testing.T) {
	out := founded(t).does(t, "member", "code", "Acme Media", "ana@acme.example")
	if !regexp.MustCompile(`(?m)^Code for Ana Ruiz: [A-Z0-9]{4}(-[A-Z0-9]{4}){4}$`).MatchString(out) ||
		!strings.Contains(out, "http://localhost:8080") {
		t.Errorf("printed %q", out)
	}
}

func TestEachMistakeAtTheTerminalHasOneLine(t *testing.T) {
	p := founded(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	folder, existing := t.TempDir(), filepath.Join(t.TempDir(), "existing")
	if err := os.WriteFile(existing, []byte("a file of somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := p.with("LATCHKEY_DATA", filepath.Join(folder, "elsewhere"))
	for _, c := range []struct {
		in    place
		words string
		asked []string
	}{
		{p, "`latchkey-relay --help` says how", []string{"sevre"}},
		{p, `"version". `, []string{"versoin"}},
		{p, "is not a full address", []string{"person", "show", "ana"}},
		{p, "is not a full address", []string{"person", "forget", "ana"}},
		{p.with("LATCHKEY_DTAA", folder), "LATCHKEY_DTAA is not a setting", []string{"agency", "list"}},
		{elsewhere.with("LATCHKEY_LISTEN", "nowhere.invalid:8080"), "a name that this machine does not know",
			[]string{"serve"}},
		{elsewhere, "There is no database at " + folder, []string{"agency", "add", "New", "--main", "Bo <bo@acme.example>"}},
		{p.with("LATCHKEY_DATA", existing), "is below a file", []string{"serve"}},
		{p, "is below a file", []string{"backup", filepath.Join(existing, "b")}},
		{p, "unknown flag --port", []string{"serve", "--port", "80"}},
		{p, "`latchkey-relay agency add --help`", []string{"agency", "add", "Acme"}},
		{p, `as "Ana Ruiz <ana@acme.example>"`, []string{"agency", "add", "New", "--main", "ana@acme.example"}},

		{p, "There is an agency Acme Media already", []string{"agency", "add", "acme media", "--main",
			"Bo <bo@acme.example>"}},
		{p, "`latchkey-relay agency list` shows them", []string{"agency", "suspend", "Nobody"}},
		{p, "`latchkey-relay member list` shows them", []string{"member", "code", "Acme Media", "bo@acme.example"}},
		{p, "`latchkey-relay agency list` shows them", []string{"agency", "rename", "Nobody", "Somebody"}},
		{p, "`latchkey-relay agency list` shows them", []string{"agency", "remove", "Nobody"}},
		{p, "`latchkey-relay agency list` shows them", []string{"member", "list", "Nobody"}},
		{p, "`latchkey-relay member list` shows them", []string{"member", "remove", "Acme Media", "bo@acme.example"}},
		{p, "Ana Ruiz is the last main user", []string{"member", "remove", "Acme Media", "ana@acme.example", "--yes"}},
		{elsewhere, "There is no database at " + folder, []string{"agency", "list"}},
		{elsewhere, "There is no database at " + folder, []string{"backup", filepath.Join(folder, "b")}},
		{elsewhere, "There is no key file at " + folder, []string{"keys", "rotate"}},
		{p, "There is a file " + existing + " already", []string{"backup", existing}},
		{p, "There is a " + p.file("relay.db") + " already", []string{"restore", existing}},
		{elsewhere, "There is no file ", []string{"restore", filepath.Join(folder, "missing")}},
		{elsewhere, "This is not a backup", []string{"restore", existing}},
		{elsewhere.with("LATCHKEY_DB", "postgres://relay@db.example/relay"), "pg_restore", []string{"restore", existing}},
		{p.with("LATCHKEY_LISTEN", taken.Addr().String()), "Another program listens on " + taken.Addr().String(),
			[]string{"serve"}},
		{p.with("LATCHKEY_DB", "postgres://relay:canary@127.0.0.1:1/relay"), "LATCHKEY_DB names a PostgreSQL server that " +
			"cannot be reached", []string{"serve"}},
		{p.with("LATCHKEY_DB", "postgres://relay:%zzcanary@db.example/relay"), "LATCHKEY_DB is no address of a database",
			[]string{"serve"}},
		{p.with("LATCHKEY_KEY_FILE", existing), "LATCHKEY_KEY_FILE: ", []string{"serve"}},
		{p.with("LATCHKEY_KEY_FILE", filepath.Join(folder, "none")), "There is no key file at " + folder, []string{"serve"}},
		{p.with("LATCHKEY_DB", existing), "There is no key file at ", []string{"serve"}},
		{p.with("LATCHKEY_DB", folder), "it is a folder", []string{"agency", "list"}},
	} {
		in := c.in
		if c.words == "There is no key file at " { // a foreign file as the database, with no key beside it
			in = in.with("LATCHKEY_KEY_FILE", filepath.Join(folder, "none"))
		}
		in.refuses(t, c.words, c.asked...)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("a refused command left %v and %v", left, err)
	}
}

func TestADatabaseThatIsNoneOrNewerIsLeftAlone(t *testing.T) {
	p := founded(t)
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: p.file("relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "Another version of this program has used this database", "serve")

	p = founded(t)
	damaged := []byte(strings.Repeat("not a database ", 500))
	if err := os.WriteFile(p.file("relay.db"), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "restore a backup", "serve")
	if kept, err := os.ReadFile(p.file("relay.db")); err != nil || !bytes.Equal(kept, damaged) {
		t.Errorf("the damaged file was touched: %v", err)
	}
}

func TestFilesAreTheOperatorsAlone(t *testing.T) {
	p, folder := founded(t), t.TempDir()
	p.does(t, "keys", "rotate")
	backup := filepath.Join(folder, "new", "why?#100%41.backup")
	p.does(t, "backup", backup)
	restored := p.with("LATCHKEY_DATA", filepath.Join(folder, "data?mode=memory#"))
	restored.does(t, "restore", backup)
	if out := restored.does(t, "agency", "list"); !strings.Contains(out, "Acme Media") {
		t.Errorf("the backup has no agency: %q", out)
	}
	var made []string
	for _, root := range []string{p.file(""), filepath.Join(folder, "new"), restored.file("")} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if entry.IsDir() {
				want = 0o700
			} else {
				made = append(made, entry.Name())
			}
			info, err := entry.Info()
			if err == nil && info.Mode().Perm() != want {
				t.Errorf("%s: mode %v, want %v", path, info.Mode().Perm(), want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{"relay.db", "relay.key", filepath.Base(backup), "relay.db", "relay.key"}
	if !slices.Equal(made, want) {
		t.Errorf("the commands made %q, want %q", made, want)
	}
	if err := os.Chmod(p.file("relay.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "0600", "serve")
}

func TestABackupIsRestoredWholeOrNotAtAll(t *testing.T) {
	p := founded(t)
	backup := filepath.Join(t.TempDir(), "relay.backup")
	p.does(t, "backup", backup)
	content, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	for _, size := range []int{0, 100, 700, 2500, 5000, len(content) / 2} {
		if err := os.WriteFile(cut, content[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		there := newPlace(t)
		there.refuses(t, "backup", "restore", cut)
		if left, _ := os.ReadDir(there.file("")); len(left) != 0 { // the folder may be there
			t.Errorf("cut at %d: %v is left", size, left)
		}
	}
	there := newPlace(t)
	out := there.does(t, "restore", backup)
	for _, words := range []string{
		"Restored the backup of ", "Acme Media", "Ana Ruiz <ana@acme.example> (main)", "OPEN LINKS",
		"Nothing is sealed for an agency until a computer of the main user that you name has synced",
	} {
		if !strings.Contains(out, words) {
			t.Errorf("printed %q, want %q in it", out, words)
		}
	}
	const unnamed = "restored: waits for `latchkey-relay agency confirm`"
	if out := there.does(t, "agency", "list"); !strings.Contains(out, unnamed) {
		t.Errorf("after restoring: %q", out)
	}
	there.refuses(t, "There is no main user bo@acme.example", "agency", "confirm", "Acme Media", "bo@acme.example")
	there.does(t, "agency", "confirm", "Acme Media", "ana@acme.example")
	out = there.does(t, "agency", "list")
	if !strings.Contains(out, "restored: waits for a computer of ana@acme.example") {
		t.Errorf("after naming who confirms: %q", out)
	}
	p.refuses(t, "nothing was restored", "agency", "confirm", "Acme Media", "ana@acme.example")
	if out := p.does(t, "restored"); !strings.Contains(out, "Ana Ruiz <ana@acme.example> (main)") ||
		!strings.Contains(p.does(t, "agency", "list"), unnamed) {
		t.Errorf("of a database that was put back in another way it printed %q", out)
	}
	// The log of a relay that was killed would be played over the restored file.
	beside := newPlace(t)
	if err := os.MkdirAll(beside.file(""), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(beside.file("relay.db-wal"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	beside.refuses(t, "relay.db-wal", "restore", backup)
}

// lines is a log that is read while it is written.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// serving runs `serve` until the test ends or stop is called.
func serving(t *testing.T, p place) (address string, log *lines, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	log = &lines{}
	ended := make(chan int, 1)
	go func() { ended <- p.start(ctx, log, log, "serve") }()
	stop = sync.OnceValue(func() int { cancel(); return <-ended })
	t.Cleanup(func() { stop() })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for line := range strings.Lines(log.String()) {
			var said struct{ Msg, Listen string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "the relay is running" {
				return "http://" + said.Listen, log, stop
			}
		}
	}
	t.Fatalf("the relay does not run: %s", log)
	return "", nil, nil
}

func TestServeAnswersBesideCommandsAndEndsCleanly(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		p := newPlace(t).with("LATCHKEY_DB", source)
		one, _, stopOne := serving(t, p)
		other, _, stopOther := serving(t, p) // two on one database
		p.does(t, "agency", "add", "Acme Media", "--new", "--main", "Ana Ruiz <ana@acme.example>")
		p.does(t, "keys", "rotate")
		for _, address := range []string{one, other} {
			answer, err := http.Get(address + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close() // it was not read
			if answer.StatusCode != http.StatusOK {
				t.Errorf("/healthz answers %d", answer.StatusCode)
			}
		}
		if out := p.does(t, "agency", "list"); !strings.Contains(out, "Acme Media") {
			t.Errorf("listed %q", out)
		}
		if a, b := stopOne(), stopOther(); a != 0 || b != 0 {
			t.Errorf("they ended with %d and %d", a, b)
		}
	})
}

func TestAnotherKeyFileIsRefusedAndNoneIsLeftBehind(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		p := newPlace(t).with("LATCHKEY_DB", source)
		p.does(t, "agency", "add", "Acme Media", "--new", "--main", "Ana Ruiz <ana@acme.example>")
		wrong := filepath.Join(t.TempDir(), "wrong.key")
		p.with("LATCHKEY_KEY_FILE", wrong).refuses(t, "There is no key file at "+wrong, "serve")
		if isThere(wrong) {
			t.Error("a key file that fits nothing was left behind")
		}
		away := newPlace(t).with("LATCHKEY_DB", "postgres://relay@127.0.0.1:1/relay")
		away.refuses(t, "cannot be reached", "serve")
		if isThere(away.file("relay.key")) {
			t.Error("a key file for a database that was never reached was left behind")
		}
		other := founded(t)
		p.with("LATCHKEY_KEY_FILE", other.file("relay.key")).refuses(t, "not the key file this database was made with",
			"serve")
	})
}

func TestARequestThatHasBegunIsFinishedAfterSIGTERM(t *testing.T) {
	p := founded(t)
	address, _, stop := serving(t, p)
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // it may be closed already
	if _, err := fmt.Fprintf(conn, "POST /api/v1/enrol HTTP/1.1\r\nHost: localhost\r\nContent-Type: "+
		"application/json\r\nContent-Length: 2\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // the head is read: the request has begun
	ended := make(chan int, 1)
	go func() { ended <- stop() }()
	time.Sleep(200 * time.Millisecond)
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(address, "http://"), time.Second); err == nil {
		t.Error("a new connection is taken after SIGTERM")
	}
	if _, err := fmt.Fprint(conn, "}"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := conn.Read(answer); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 ") {
		t.Errorf("what had begun got %q and %v", answer, err)
	}
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

func TestHelpIsACommandToo(t *testing.T) {
	for _, c := range []struct{ asked, want []string }{
		{nil, []string{"--help"}},
		{[]string{"help"}, []string{"--help"}},
		{[]string{"help", "keys", "list"}, []string{"keys", "list", "--help"}},
		{[]string{"keys", "help"}, []string{"keys", "help"}},
	} {
		if got := withHelp(c.asked); !slices.Equal(got, c.want) {
			t.Errorf("%q: taken as %q, want %q", c.asked, got, c.want)
		}
	}
}

func TestWhatIsSaidToNoTerminalIsJSON(t *testing.T) {
	p := founded(t)
	p.piped = true
	for _, c := range []struct {
		asked []string
		words string // the level, and the message
		code  int
	}{
		{[]string{"agency", "list"}, "INFO Works on http://localhost:8080, database ", 0},
		{[]string{"backup", p.file("relay.db")}, "ERROR There is a file ", exitFailed},
		{[]string{"agency", "lst"}, "latchkey-relay agency --help", exitUsage},
	} {
		_, said, code := p.runs(t, c.asked...)
		found := false
		for line := range strings.Lines(said) {
			var entry struct{ Level, Msg string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Errorf("%q: said %q, which is no JSON", c.asked, line)
			}
			found = found || strings.Contains(entry.Level+" "+entry.Msg, c.words)
		}
		if !found || code != c.code {
			t.Errorf("%q: ended with %d and said %s", c.asked, code, said)
		}
	}
}

func TestTheLogHasWhatItsLevelAllows(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	_ = free.Close() // for the relay
	p := newPlace(t).with("LATCHKEY_LOG_LEVEL", "warn").with("LATCHKEY_LISTEN", at)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log, ended := &lines{}, make(chan int, 1)
	go func() { ended <- p.start(ctx, log, log, "serve") }()
	for code := 0; code != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if answer, err := http.Get("http://" + at + "/readyz"); err == nil {
			code = answer.StatusCode
			_ = answer.Body.Close() // it was not read
		}
		if t.Context().Err() != nil {
			t.Fatalf("it does not answer: %s", log)
		}
	}
	cancel()
	if code := <-ended; code != 0 || strings.Contains(log.String(), "INFO") {
		t.Errorf("ended with %d and logged %s", code, log)
	}
}

func TestAnAgencyIsRemovedOnlyAfterAYes(t *testing.T) {
	p := founded(t)
	for _, typed := range []string{"", "no\n"} {
		p.in = typed
		if out, _, code := p.runs(t, "agency", "remove", "Acme Media"); code != exitFailed ||
			!strings.Contains(out, "At the platforms nothing ends") {
			t.Errorf("after %q: ended with %d and printed %q", typed, code, out)
		}
	}
	p.in = "yes\n"
	p.does(t, "agency", "remove", "Acme Media")
	if out := p.does(t, "agency", "list"); !strings.Contains(out, "There is no agency yet") {
		t.Errorf("listed %q", out)
	}
	_, log, stop := serving(t, p)
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), `"command":"agency remove"`); {
		if time.Now().After(deadline) {
			t.Fatalf("the log does not have it: %s", log)
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
}

func TestCheckSaysWhetherTheRelayWouldStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // nothing was read
	fresh := newPlace(t)
	for _, c := range []struct {
		in    place
		words []string
	}{
		{fresh, []string{"database: There is none yet", "listen: The relay can listen on", "FAILED   mail server"}},
		{founded(t), []string{"ok       database: The database is sound", "ok       key file"}},
		{fresh.with("LATCHKEY_LISTEN", taken.Addr().String()), []string{"FAILED   listen: Another program listens"}},
		{fresh.with("LATCHKEY_OPERATOR", ""), []string{"FAILED   settings: LATCHKEY_OPERATOR is not set"}},
	} {
		out, _, code := c.in.runs(t, "check") // the mail server of these settings does not answer
		for _, words := range c.words {
			if code != exitFailed || !strings.Contains(out, words) {
				t.Errorf("ended with %d and printed\n%swant %q in it", code, out, words)
			}
		}
	}
	if isThere(fresh.file("")) {
		t.Error("it made the folder of the data")
	}
}

func TestAPageThatIsDamagedDeepDownIsSaidPlainly(t *testing.T) {
	p := founded(t)
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: p.file("relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	err = db.QueryRowContext(t.Context(), `SELECT rootpage FROM sqlite_master WHERE name = 'members'`).Scan(&page)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(p.file("relay.db"))
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	copy(content[(page-1)*pageSize:], bytes.Repeat([]byte{0xEE}, pageSize))
	if err := os.WriteFile(p.file("relay.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "The database file is damaged. Stop the relay", "member", "list")
	if _, _, code := p.runs(t, "member", "list"); code != exitConfig {
		t.Errorf("it ended with %d, want %d", code, exitConfig)
	}
}
