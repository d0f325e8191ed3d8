package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mistaken is the message about a configuration's one mistake; empty: none.
func mistaken(t *testing.T, set map[string]string) string {
	t.Helper()
	_, err := read(set)
	var lines mistakes
	if err != nil && !errors.As(err, &lines) {
		t.Fatal(err)
	}
	return strings.Join(lines, " ")
}

func TestEachSettingIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := file("whole", strings.Repeat("x", 4096), 0o640)
	long := file("long", strings.Repeat("x", 4097), 0o600)
	open := file("open", "secret", 0o604)
	empty := file("empty", " \n", 0o600)
	lines := file("lines", "one\ntwo", 0o600)
	for _, c := range []struct{ name, value, want string }{
		{"LATCHKEY_URL", "https://a.example:1", ""},
		{"LATCHKEY_URL", "https://a.example:65535", ""},
		{"LATCHKEY_URL", "https://a.example:65536", "is not an address of the form"},
		{"LATCHKEY_URL", "https://a.example:0", "is not an address of the form"},
		{"LATCHKEY_URL", "http://127.0.0.1:8080/", ""},
		{"LATCHKEY_URL", "https://", "is not an address of the form"},
		{"LATCHKEY_URL", "https://u@a.example", "is not an address of the form"},
		{"LATCHKEY_URL", "https://a.example/x", "is not an address of the form"},
		{"LATCHKEY_URL", "https://a.example?x", "is not an address of the form"},
		{"LATCHKEY_URL", "https://a.example#x", "is not an address of the form"},
		{"LATCHKEY_URL", "http://10.0.0.1", "has to begin with https://"},
		{"LATCHKEY_LISTEN", ":0", ""},
		{"LATCHKEY_LISTEN", "[::1]:8080", ""},
		{"LATCHKEY_LISTEN", ":65536", "is not host:port or :port"},
		{"LATCHKEY_LISTEN", "::1:8080", "is not host:port or :port"},
		{"LATCHKEY_SMTP", "smtps://mail.example:465/", ""},
		{"LATCHKEY_SMTP", "smtp://mail.example?x", "is not of the form smtp://"},
		{"LATCHKEY_SMTP", "smtp://mail.example#x", "is not of the form smtp://"},
		{"LATCHKEY_SMTP", "smtp://:25", "is not of the form smtp://"},
		{"LATCHKEY_SMTP", "smtp://u@mail.example", "is not set, but LATCHKEY_SMTP names the user u"},
		{"LATCHKEY_SMTP_PASSWORD", "x", "is set, but LATCHKEY_SMTP names no user"},
		{"LATCHKEY_MAIL_FROM", "relay@localhost", ""},
		{"LATCHKEY_MAIL_FROM", "relay@host", "is not a full email address"},
		{"LATCHKEY_MAIL_FROM", "ü@access.example.com", "has a character before its @ that most mail servers refuse"},
		{"LATCHKEY_MAIL_FROM", "relay@bücher.example", ""},
		{"LATCHKEY_OPERATOR_CONTACT", "https://a.example/abuse", ""},
		{"LATCHKEY_OPERATOR_CONTACT", "https:///abuse", "is neither a full email address without a name nor an https://"},
		{"LATCHKEY_OPERATOR_CONTACT", "Ana <a@b.example>", "is neither a full email address without a name nor"},
		{"LATCHKEY_OPERATOR_CONTACT", "abuse@localhost", "is neither a full email address without a name nor"},
		{"LATCHKEY_TRUSTED_PROXY", "10.0.0.1, 10.1.2.3/8 2001:db8::1", ""},
		{"LATCHKEY_TRUSTED_PROXY", "::ffff:10.0.0.1 ::ffff:10.2.0.0/112", ""},
		{"LATCHKEY_TRUSTED_PROXY", "10.0.0.1,0.0.0.0/0", `has "0.0.0.0/0": then every client could choose the address`},
		{"LATCHKEY_TRUSTED_PROXY", "::/0", `has "::/0": then every client`},
		{"LATCHKEY_TRUSTED_PROXY", "::ffff:0.0.0.0/96", `has "::ffff:0.0.0.0/96": then every client`},
		{"LATCHKEY_TRUSTED_PROXY", "10.0.0.1,localhost", `has "localhost", which is neither an IP address nor a range`},
		{"LATCHKEY_META_REVIEW", "pending", ""},
		{"LATCHKEY_META_REVIEW", "approved", ""},
		{"LATCHKEY_META_REVIEW", "no", "is neither approved nor pending"},
		{"LATCHKEY_META_API_URL", "http://127.0.0.1:1", ""},
		{"LATCHKEY_META_API_URL", "https://u@a.example", "is not an https:// address"},
		{"LATCHKEY_META_API_URL", "https://", "is not an https:// address"},
		{"LATCHKEY_META_CLIENT_ID", "1", "LATCHKEY_META_CLIENT_SECRET_FILE is not set, but LATCHKEY_META_CLIENT_ID is"},
		{"LATCHKEY_META_CLIENT_SECRET", "x", "LATCHKEY_META_CLIENT_ID is not set, but its secret is"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", long, "which is too long for a secret"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", open, "which every user of this machine can read"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", empty, "which is empty"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", lines, "which holds more than one line"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", dir, "which is a folder"},
		{"LATCHKEY_SMTP_PASSWORD_FILE", filepath.Join(dir, "none"), "which cannot be read"},
		{"LATCHKEY_DB", "postgresql://a/b", ""},
		{"LATCHKEY_DB", "postgres://relay:a%23b%40c@db.example/relay?sslmode=require", ""},
		{"LATCHKEY_DB", "postgres://relay:canary#word@db.example/relay", "write @ as %40"},
		{"LATCHKEY_DB", "postgres://relay:canary@word@db.example/relay", "write @ as %40"},
		{"LATCHKEY_DB", "postgres://relay:canary/word@db.example/relay", "write @ as %40"},
		{"LATCHKEY_DB", "postgres://relay:canary?word@db.example/relay", "write @ as %40"},
		{"LATCHKEY_DB", "postgres://relay:canary%word@db.example/relay", "write @ as %40"},
		{"LATCHKEY_DB", "mysql://a/b", "is neither a file nor a postgres:// address"},
		{"LATCHKEY_DB", "sqlite:///var/lib/relay.db", "is neither a file nor a postgres:// address"},
		{"LATCHKEY_DB", "file:relay.db?mode=memory", "is neither a file nor a postgres:// address"},
		{"LATCHKEY_DB", "data/why?.db", ""},
		{"LATCHKEY_DB_FILE", whole, "which does not hold a postgres:// address"},
		{"LATCHKEY_OPERATER", "x", "is not a setting of the relay; check its spelling"},
		{"LATCHKEY_HUB_DATA", "x", ""},
		{"LATCHKEY_TEST_POSTGRES", "x", ""},
		{"OTHER", "x", ""},
	} {
		set := maps.Clone(good())
		set[c.name] = c.value
		if got := mistaken(t, set); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s=%q: got %q, want %q", c.name, c.value, got, c.want)
		}
	}
	set := maps.Clone(good())
	set["LATCHKEY_SMTP"], set["LATCHKEY_SMTP_PASSWORD_FILE"] = "smtp://u@mail.example", whole
	if got := mistaken(t, set); got != "" {
		t.Errorf("a secret as long as it may be, for its group: %q", got)
	}
	set["LATCHKEY_SMTP_PASSWORD"] = "x"
	if got := mistaken(t, set); !strings.Contains(got, "are both set; keep one") {
		t.Errorf("a secret twice: %q", got)
	}
}

func TestProxiesAreRangesWithoutWhatIsBeyondThem(t *testing.T) {
	set := maps.Clone(good())
	set["LATCHKEY_TRUSTED_PROXY"] = "10.0.0.1, 10.1.2.3/8 2001:db8::1,2001:db8::1/32 ::ffff:10.0.0.2,::ffff:10.3.2.1/104"
	s, err := read(set)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, prefix := range s.trustedProxies {
		got = append(got, prefix.String())
	}
	if want := []string{
		"10.0.0.1/32", "10.0.0.0/8", "2001:db8::1/128", "2001:db8::/32", "10.0.0.2/32", "10.0.0.0/8",
	}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s.listen != "127.0.0.1:8080" {
		t.Errorf("it listens at %s", s.listen)
	}
}
