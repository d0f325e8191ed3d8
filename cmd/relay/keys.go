package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

type keysCommand struct {
	List   keysList   `cmd:"" help:"List the keys of the key file, without showing them."`
	Rotate keysRotate `cmd:"" help:"Add a key that signs from now on. Older links go on working."`
	Retire keysRetire `cmd:"" help:"End an older key that may have leaked, and the links that it signed, after saying so."`
}

type keysList struct {
	JSON bool `name:"json" help:"Print a line of JSON for each key."`
}

// keyLine is a key as JSON.
type keyLine struct {
	Number int                  `json:"number"`
	Made   onboarding.Timestamp `json:"made_ms"`
	Signs  bool                 `json:"signs"` // the others only verify
	// Retired is since when it verifies nothing; zero: it does.
	Retired onboarding.Timestamp `json:"retired_ms,omitzero"`
}

func (c keysList) Run(s *env) error {
	set, err := s.readPlace()
	if err != nil {
		return err
	}
	if !isThere(set.keyFile) {
		return noKeyFile(set)
	}
	s.note(s.worksOn(set))
	keys, err := keyset.List(set.keyFile)
	if err != nil {
		return fmt.Errorf("LATCHKEY_KEY_FILE: %w", err)
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(table, "KEY\tMADE\tUSED TO") // a tabwriter's error comes with Flush
	}
	for _, key := range keys {
		if c.JSON {
			line := keyLine{Number: int(key.Number), Made: key.Made, Signs: key.Signs, Retired: key.Retired}
			if err := s.printJSON(line); err != nil {
				return err
			}
			continue
		}
		use := "verify"
		switch {
		case key.Signs:
			use = "sign and verify"
		case key.Retired != 0:
			use = "nothing but hashes of before: retired on " + dayAndTime(key.Retired)
		}
		fmt.Fprintf(table, "%d\t%s\t%s\n", key.Number, dayAndTime(key.Made), use)
	}
	return table.Flush()
}

func noKeyFile(set settings) error {
	return configErrorf(
		"There is no key file at %s. Set LATCHKEY_DATA (or LATCHKEY_KEY_FILE) as it is set for `latchkey-relay serve`.",
		set.keyFile,
	)
}

type keysRotate struct{}

func (keysRotate) Run(s *env) error {
	set, err := s.readPlace()
	if err != nil {
		return err
	}
	if !isThere(set.keyFile) {
		return noKeyFile(set)
	}
	if err := isForeignDir(set.keyFile); err != nil {
		return err
	}
	if err := s.rotate(set); err != nil {
		return fmt.Errorf("LATCHKEY_KEY_FILE: %w", err)
	}
	return s.printf("A new key signs from now on; a running relay takes it up within seconds. Back up %s.", set.keyFile)
}

// rotate adds a key, and has it logged where the database is at hand.
func (s *env) rotate(set settings) error {
	if !set.onPostgreSQL() && !isThere(set.source) {
		s.note(s.worksOn(set))
		return keyset.Rotate(set.keyFile, time.Now())
	}
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		recorded, err := o.RotateKeys(s.ctx)
		if err == nil && !recorded {
			s.note("The key was added, but the database could not take a note of it for the log.")
		}
		return err
	})
}

type keysRetire struct {
	Number int  `arg:"" help:"The key's number, as keys list has it."`
	Yes    bool `help:"Retire it without a question, for scripts."`
}

func (c keysRetire) Run(s *env) error {
	if c.Number < 1 || c.Number > math.MaxUint8 {
		return noSuchKey(c.Number)
	}
	return s.operate(mustExist, func(o *admin.Admin, set settings) error {
		plan, err := o.PlanRetirement(s.ctx, byte(c.Number))
		if err != nil {
			return c.explain(err)
		}
		if plan.Done != 0 {
			return s.printf("Key %d was retired on %s.", c.Number, dayAndTime(plan.Done))
		}
		if err := s.printRetirement(plan); err != nil {
			return err
		}
		if !c.Yes {
			if err := s.ask(fmt.Sprintf("Retire key %d?", c.Number)); err != nil {
				return err
			}
		}
		if err := o.RetireKey(s.ctx, plan); err != nil {
			return c.explain(err)
		}
		total, _ := plan.Total()
		return s.printf("Key %d is retired; a running relay takes it up within seconds. %s\nBack up %s: a backup of "+
			"before needs the key file of before.", c.Number, endedLinks(total.Requests), set.keyFile)
	})
}

func noSuchKey(number int) error {
	return userErrorf("There is no key %d. `latchkey-relay keys list` shows them.", number)
}

// explain says why a key was not retired.
func (c keysRetire) explain(err error) error {
	switch {
	case errors.Is(err, keyset.ErrNoKey):
		return noSuchKey(c.Number)
	case errors.Is(err, keyset.ErrSigns):
		return userErrorf("Key %d is the newest: it signs. Add another one with `latchkey-relay keys rotate`, wait a "+
			"minute, and retire this one then.", c.Number)
	case errors.Is(err, keyset.ErrTooFresh):
		return userErrorf("The newest key was made less than a minute ago, and a relay that runs may not sign with it yet. " +
			"Wait a minute. Where relays have copies of the key file, give all of them the new one first.")
	case errors.Is(err, admin.ErrStillSigned):
		return userErrorf("A relay still signs with an older key. Give every relay the same key file, and repeat this " +
			"command. No key was retired.")
	case errors.Is(err, store.ErrTampered):
		return userErrorf("Some rows are not as the relay wrote them, so they cannot be signed anew. No key was retired. " +
			"`latchkey-relay agency verify` names them: undo the change, restore a backup, or accept them with " +
			"`latchkey-relay agency accept`. Then repeat this command.")
	}
	return err
}

// printRetirement says what ends with a key.
func (s *env) printRetirement(plan admin.Retirement) error {
	total, reviews := plan.Total()
	err := s.printf("All that key %d protects in the database is signed and sealed with the newest key. Then nothing "+
		"that key %d signed is believed any more. What this ends:", plan.Number, plan.Number)
	for _, line := range []struct {
		n            int
		one, several string
	}{
		{total.Requests, "link of an open request", "links of open requests"},
		{total.Repairs, "open link to repair an account", "open links to repair an account"},
		{total.Receipts, "link of a receipt", "links of receipts"},
		{total.Codes, "code that adds a computer", "codes that add a computer"},
		{reviews, "link of a review", "links of reviews: `latchkey-relay review list` shows the new ones"},
	} {
		if line.n > 0 {
			err = errors.Join(err, s.printf("  %s", count(line.n, line.one, line.several)))
		}
	}
	err = errors.Join(err, s.printf("  in emails that were sent: links that stop emails"))
	for _, e := range plan.Ends {
		if !e.Review && e.Requests > 0 {
			err = errors.Join(err, s.printf("%s has %s whose link ends.", e.Agency,
				count(e.Requests, "open request", "open requests")))
		}
	}
	return err
}

// endedLinks says which links of requests ended, and what hubs do about it.
func endedLinks(n int) string {
	if n == 0 {
		return "No link of an open request ended."
	}
	return fmt.Sprintf("%s ended: hubs show the new link, and send it to the client by Resend or Copy link.",
		upperFirst(count(n, "link of an open request", "links of open requests")))
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
