package main

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
)

// checkCommand looks at what a relay needs before it starts: doctor looks at more, beside one
// that runs.
type checkCommand struct {
	JSON bool   `name:"json" help:"Write the report as JSON."`
	Mail string `help:"Send a test email to this address." placeholder:"ADDRESS"`
}

// Help is read behind the usage.
func (checkCommand) Help() string {
	return `It says whether ` + "`latchkey-relay serve`" + ` would start: settings, addresses to
listen on, key file, database and the login at the mail server. It makes nothing. Once the relay runs,
` + "`latchkey-relay doctor`" + ` looks at all of it: the public address, certificate, DNS,
disk, backup and the platforms' apps too. It ends with 1 where a line says FAILED.`
}

func (c checkCommand) Run(s *env) (err error) {
	examined := doctor.Config{OnlyMailServer: true}
	if c.Mail != "" {
		if examined.SendTo, err = onboarding.ValidateAddress("mail", c.Mail); err != nil {
			return err
		}
	}
	report, set, err := s.checkStart(examined)
	if err != nil {
		return err
	}
	if set.listen != "" {
		report = append(report, s.checkPorts(set))
	}
	return s.finishReport(report, c.JSON)
}

// checkStart examines what `serve` opens, without making it.
func (s *env) checkStart(of doctor.Config) (report []doctor.Finding, set settings, err error) {
	set, report, err = s.settingsForDoctor()
	if err != nil {
		return report, set, err
	}
	if set.smtp != "" {
		if err := addServices(&of, set); err != nil {
			return report, set, err
		}
	}
	s.note(s.worksOn(set))
	of.URL, of.Drivers = "", nil // nothing answers there yet
	if !set.onPostgreSQL() && !isThere(set.source) {
		line := doctor.Finding{Check: "database", State: doctor.OK, Text: "There is none yet: the first start makes it."}
		if _, err := findData(set, createIfMissing); err != nil {
			line.State, line.Text = doctor.Failed, explain(err)
		}
		return append(append(report, line), doctor.Run(s.ctx, of)...), set, nil
	}
	if set.onPostgreSQL() && !isThere(set.keyFile) {
		report = append(report, doctor.Finding{
			Check: "key file", State: doctor.Warning, Text: "There is no key file at " + set.keyFile + ".",
			Fix: "The first start of a new database makes it. For a database that a relay has used, copy its key file here.",
		})
		return append(report, doctor.Run(s.ctx, of)...), set, nil
	}
	report, err = s.examineData(of, set, report)
	return report, set, err
}

// checkPorts listens where the relay would, and stops at once.
func (s *env) checkPorts(set settings) doctor.Finding {
	line := doctor.Finding{Check: "listen", State: doctor.OK, Text: "The relay can listen on " + set.listen + "."}
	at, err := openPorts(set)
	if err == nil {
		err = at.close()
	}
	if err != nil {
		line.State, line.Text = doctor.Failed, explain(err)
		line.Fix = "If the relay runs already, this is so: `latchkey-relay doctor` examines one that runs."
	}
	return line
}
