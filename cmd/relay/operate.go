package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// openMode is whether a command may make database and key file.
type openMode bool

const (
	createIfMissing openMode = true
	mustExist       openMode = false // a wrong LATCHKEY_DATA is found out
)

// open opens database and key file, also beside a running relay, and makes
// sure that they belong together.
func (s *env) open(set settings, may openMode) (*sqldb.DB, *keyset.Keyset, error) {
	there, err := findData(set, may)
	if err != nil {
		return nil, nil, err
	}
	keys, err := keyset.Open(set.keyFile, time.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("LATCHKEY_KEY_FILE: %w", err)
	}
	db, err := sqldb.Open(s.ctx, sqldb.Config{Source: set.source, Migrations: store.Migrations()})
	if err == nil {
		if _, err = admin.New(admin.Config{DB: db, Keyset: keys}); err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil && !there.keys {
		_ = os.Remove(set.keyFile) // the one made just now opens nothing, and would mislead the next
		if errors.Is(err, keyset.ErrMismatch) {
			return nil, nil, configErrorf(
				"There is no key file at %s, and the database was made with one. Relays on one database share it: copy it here, "+
					"or name it in LATCHKEY_KEY_FILE.",
				set.keyFile,
			)
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("opening LATCHKEY_DB: %w", err)
	}
	if !there.database {
		s.note(fmt.Sprintf("Made a new database at %s and a key file at %s.", set.source, set.keyFile))
	}
	return db, keys, nil
}

// foundData is which of the relay's data exists. A PostgreSQL database counts as
// existing.
type foundData struct{ database, keys bool }

// findData refuses to make what the command may not make, and where a folder is
// somebody else's.
func findData(set settings, may openMode) (foundData, error) {
	there := foundData{database: set.onPostgreSQL() || isThere(set.source), keys: isThere(set.keyFile)}
	switch {
	case may == mustExist && !there.database:
		return there, configErrorf(
			"There is no database at %s. Name the relay's settings by --env FILE, or set LATCHKEY_DATA (or LATCHKEY_DB) as "+
				"it is set for `latchkey-relay serve`. Where the relay was never started, "+
				"`agency add NAME --main \"ANA <ana@example.com>\" --new` begins one.",
			set.source,
		)
	case !there.keys && (may == mustExist || there.database && !set.onPostgreSQL()):
		return there, configErrorf(
			"There is no key file at %s. Name the one this database was made with in LATCHKEY_KEY_FILE, or restore the backup "+
				"that has both.",
			set.keyFile,
		)
	}
	if !there.database {
		if err := isForeignDir(set.source); err != nil {
			return there, err
		}
	}
	if !there.keys {
		return there, isForeignDir(set.keyFile)
	}
	return there, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// operate works on the relay's data, beside a running relay.
func (s *env) operate(may openMode, fn func(o *admin.Admin, set settings) error) (err error) {
	set, err := s.readPlace()
	if err != nil {
		return err
	}
	s.note(s.worksOn(set))
	db, keys, err := s.open(set, may)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	texts, err := all.Catalog()
	if err != nil {
		return err
	}
	operator, err := admin.New(admin.Config{DB: db, Keyset: keys, Services: texts.ServiceNames(), By: userName()})
	if err != nil {
		return err
	}
	return fn(operator, set)
}

// worksOn says which relay a command works on.
func (s *env) worksOn(set settings) string {
	of := ""
	if s.fileRead {
		of = ", by the settings of " + s.file
	}
	url := cmp.Or(set.url, "a relay without LATCHKEY_URL")
	return fmt.Sprintf("Works on %s, %s%s.", url, sqldb.Describe(set.source), of)
}

func (s *env) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(s.out, format+"\n", args...)
	return err
}

func (s *env) printCode(who string, code admin.EnrolmentCode, address string) error {
	if address == "" {
		address = "the address of the relay, which LATCHKEY_URL does not say here"
	}
	return s.printf(
		"Code for %s: %s\nIt works once, until %s, together with %s. It is shown only now.", who, code.Code.Reveal(),
		dayAndTime(code.Until), address,
	)
}

type personCommand struct {
	Show   personShow   `cmd:"" help:"List where a person's address appears."`
	Forget personForget `cmd:"" help:"Take a client's name and address out of everything. What they shared stays."`
}

type personShow struct {
	Email string `arg:"" help:"The person's address, in whichever case."`
	JSON  bool   `name:"json" help:"Print a line of JSON for each place."`
}

// mentionLine is one place where an address appears, as JSON.
type mentionLine struct {
	At      onboarding.Timestamp `json:"at_ms"` // zero: not yet, an email that waits
	What    string               `json:"what"`
	Name    string               `json:"name"`
	Request string               `json:"request"`
	Agency  string               `json:"agency"` // its name
}

func (c personShow) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		mentions, err := o.PersonShow(s.ctx, c.Email)
		if err != nil {
			return err
		}
		if c.JSON {
			for _, m := range mentions {
				line := mentionLine{At: m.At, What: m.What, Name: m.Name, Request: m.Request, Agency: m.Agency}
				if err := s.printJSON(line); err != nil {
					return err
				}
			}
			return nil
		}
		if len(mentions) == 0 {
			return s.printf("%s appears nowhere.", c.Email)
		}
		table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(table, "WHEN\tWHAT\tNAME\tREQUEST\tAGENCY") // a tabwriter's error comes with Flush
		for _, m := range mentions {
			when := "not yet" // an email that waits
			if m.At != 0 {
				when = m.At.Time().UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", when, m.What, m.Name, m.Request, m.Agency)
		}
		return table.Flush()
	})
}

type personForget struct {
	Email string `arg:"" help:"The person's address, in whichever case."`
}

func (c personForget) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		mentions, err := o.PersonShow(s.ctx, c.Email)
		if err != nil {
			return err
		}
		requests, err := o.PersonForget(s.ctx, c.Email)
		if err != nil {
			return err
		}
		for _, m := range mentions {
			if m.Request == "" {
				if err := s.printf(
					"%s is a member of %s: a main user removes members, in the hub, or `latchkey-relay member remove` does.",
					c.Email, m.Agency,
				); err != nil {
					return err
				}
			}
		}
		switch requests {
		case 0:
			return s.printf("%s appears in no request.", c.Email)
		case 1:
			return s.printf(
				"%s was taken out of one request. What was shared stays. Backups made before still hold the address.", c.Email,
			)
		}
		return s.printf(
			"%s was taken out of %d requests. What was shared stays. Backups made before still hold the address.", c.Email,
			requests,
		)
	})
}

// dayAndTime formats a date and time for the operator, with weekday and time zone.
func dayAndTime(m onboarding.Timestamp) string {
	return m.Time().Format("Monday, 2 January 2006, 15:04") + " UTC"
}
