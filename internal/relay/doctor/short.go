package doctor

import (
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Short is a report as agencies may read it: the worst state of each thing, and nothing
// of what the lines say.
func Short(report []Finding) []onboarding.CheckupLine {
	lines := []onboarding.CheckupLine{}
	for _, finding := range report {
		line, is := shortOf(finding)
		if !is {
			continue
		}
		n := slices.IndexFunc(lines, func(other onboarding.CheckupLine) bool {
			return other.Check == line.Check && other.Service == line.Service
		})
		if n < 0 {
			lines = append(lines, line)
		} else if severity(line.State) > severity(lines[n].State) {
			lines[n].State = line.State
		}
	}
	order := onboarding.CheckupChecks()
	slices.SortStableFunc(lines, func(a, b onboarding.CheckupLine) int {
		return slices.Index(order, a.Check) - slices.Index(order, b.Check)
	})
	return lines
}

// shortOf is what a finding is about; false: it is for the operator alone.
func shortOf(finding Finding) (onboarding.CheckupLine, bool) {
	line := onboarding.CheckupLine{State: map[State]onboarding.CheckupState{
		OK: onboarding.CheckupOK, Warning: onboarding.CheckupWarning, Failed: onboarding.CheckupFailed,
		Unknown: onboarding.CheckupUnknown,
	}[finding.State]}
	if at, is := strings.CutPrefix(finding.Check, "app "); is {
		line.Check, line.Service = onboarding.CheckupApp, onboarding.Platform(at).Service()
		return line, true
	}
	is := false
	line.Check, is = map[string]onboarding.CheckupCheck{
		"database": onboarding.CheckupDatabase, "key file": onboarding.CheckupKeyFile, "disk": onboarding.CheckupDisk,
		"backup": onboarding.CheckupBackup, "clock": onboarding.CheckupClock, "mail server": onboarding.CheckupMail,
		"SPF": onboarding.CheckupSender, "DKIM": onboarding.CheckupSender, "DMARC": onboarding.CheckupSender,
		"MX": onboarding.CheckupSender,
	}[finding.Check]
	return line, is
}

// severity orders states: what is not known hides nothing that is.
func severity(state onboarding.CheckupState) int {
	return slices.Index([]onboarding.CheckupState{
		onboarding.CheckupUnknown, onboarding.CheckupOK, onboarding.CheckupWarning, onboarding.CheckupFailed,
	}, state)
}
