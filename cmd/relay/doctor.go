package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

type doctorCommand struct {
	JSON     bool   `name:"json" help:"Write the report as JSON."`
	SendTo   string `help:"Send a test email to this address." placeholder:"ADDRESS"`
	Received string `help:"Read an email that this relay sent, as it arrived, with its headers." placeholder:"FILE"`
	Selector string `help:"The selector of DKIM that the mail provider named." placeholder:"NAME"`
}

// maxReceived is the largest email that is read, in bytes.
const maxReceived = 1 << 20

func (c doctorCommand) Run(s *env) (err error) {
	examined := doctor.Config{Selector: c.Selector}
	if c.SendTo != "" {
		if examined.SendTo, err = onboarding.ValidateAddress("send-to", c.SendTo); err != nil {
			return err
		}
	}
	if c.Received != "" {
		if examined.Received, err = readReceived(c.Received); err != nil {
			return err
		}
	}
	report, err := s.examine(examined)
	if err != nil {
		return err
	}
	return s.finishReport(report, c.JSON)
}

// finishReport prints a report, and fails where a line of it does.
func (s *env) finishReport(report []doctor.Finding, asJSON bool) (err error) {
	if asJSON {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		err = out.Encode(report)
	} else {
		err = s.printReport(report)
	}
	if err == nil && doctor.Worst(report) == doctor.Failed {
		return userErrorf("Something does not work; see the lines marked FAILED.")
	}
	return err
}

func readReceived(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, userErrorf("There is no email at %s that this command can read.", path)
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, maxReceived+1))
	if err != nil || len(text) > maxReceived {
		return nil, userErrorf("%s cannot be read as an email: it is a folder, or larger than 1 MB.", path)
	}
	return text, nil
}

// examine looks at all that the settings name. A mistake in them is a line of the report:
// what can be examined without them is.
func (s *env) examine(of doctor.Config) (report []doctor.Finding, err error) {
	set, report, err := s.settingsForDoctor()
	if err != nil {
		return report, err
	}
	if set.smtp != "" {
		if err := addServices(&of, set); err != nil {
			return report, err
		}
	}
	s.note(s.worksOn(set))
	return s.examineData(of, set, report)
}

// examineData opens database and key file, which exist, and examines them with all else.
func (s *env) examineData(of doctor.Config, set settings, report []doctor.Finding) (_ []doctor.Finding, err error) {
	db, keys, err := s.open(set, mustExist)
	if err != nil {
		report = append(report, doctor.Finding{
			Check: "database", State: doctor.Failed, Text: explain(err),
			Fix: "Then run this again: other lines need the database.",
		})
		return append(report, doctor.Run(s.ctx, of)...), nil
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	operator, err := admin.New(admin.Config{DB: db, Keyset: keys})
	if err != nil {
		return report, err
	}
	if err := operator.CheckPlace(s.ctx); errors.Is(err, store.ErrPutBack) {
		report = append(report, doctor.Finding{
			Check: "database", State: doctor.Failed, Text: explain(err), Fix: "Until then the relay does not start.",
		})
	} else if err != nil {
		return report, err
	}
	of.DB, of.Source, of.Keys, of.Begun = db, set.source, set.keyFile, operator.BeginCheckup
	if of.Backup, err = operator.LastBackup(s.ctx); err != nil {
		return report, err
	}
	if err := addDomains(s.ctx, &of, set, operator); err != nil {
		return report, err
	}
	return append(report, doctor.Run(s.ctx, of)...), nil
}

// addDomains adds the agencies' domains, where the relay serves any.
func addDomains(ctx context.Context, to *doctor.Config, set settings, operator *admin.Admin) error {
	if !set.domains {
		return nil
	}
	served, err := operator.Domains(ctx)
	if err != nil {
		return err
	}
	to.DomainProof = domains.ProofPath
	for _, d := range served {
		to.Domains = append(to.Domains, doctor.Domain{Domain: d.Domain, Agency: d.AgencyName})
	}
	return nil
}

// settingsForDoctor reads the settings. With mistakes, which are lines of the report, only
// where the data is.
func (s *env) settingsForDoctor() (set settings, report []doctor.Finding, err error) {
	set, err = s.readSettings()
	var wrong mistakes
	if !errors.As(err, &wrong) {
		report = []doctor.Finding{{Check: "settings", State: doctor.OK, Text: "The settings have no mistake."}}
		return set, append(report, set.egress.describe()...), err
	}
	for _, text := range wrong {
		report = append(report, doctor.Finding{
			Check: "settings", State: doctor.Failed, Text: text, Fix: "`latchkey-relay serve --help` lists the settings.",
		})
	}
	r := &reader{lookup: s.lookup}
	set = settings{}
	set.place(r)
	return set, report, nil
}

// addServices adds what the settings name: the address, the mail server and the platforms.
func addServices(to *doctor.Config, set settings) (err error) {
	to.URL, to.From = set.url, set.mailFrom // no roots: clients' browsers do not trust the relay's file
	server := set.mailConfig()
	server.StepTimeout = 10 * time.Second
	to.Sender, err = mail.NewSender(server)
	if err != nil {
		return err
	}
	to.Drivers, err = all.ForRelay(set.routedApps(), time.Now)
	return err
}

// printReport writes a line for each finding, and below it what to do.
func (s *env) printReport(report []doctor.Finding) error {
	for _, line := range report {
		mark := map[doctor.State]string{
			doctor.OK: "ok     ", doctor.Warning: "warning", doctor.Failed: "FAILED ", doctor.Unknown: "unknown",
		}[line.State]
		if err := s.printf("%s  %s: %s", mark, line.Check, line.Text); err != nil {
			return err
		}
		if line.Fix == "" {
			continue
		}
		if err := s.printf("%s  %s", strings.Repeat(" ", len(mark)), line.Fix); err != nil {
			return err
		}
	}
	return nil
}
