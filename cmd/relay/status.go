package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/version"
)

type statusCommand struct {
	JSON bool `name:"json" help:"Print one line of JSON; times are in milliseconds since 1970."`
}

// relayStatus is what the command prints as JSON.
type relayStatus struct {
	Version  string `json:"version"`
	URL      string `json:"url"`
	Database string `json:"database"`
	store.Status
	LastBackup onboarding.Timestamp `json:"last_backup_ms"` // zero: none was written by `backup`
}

func (c statusCommand) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, set settings) error {
		status := relayStatus{Version: version.Full(commit), URL: set.url, Database: sqldb.Describe(set.source)}
		var err error
		if status.Status, err = o.ReadStatus(s.ctx); err != nil {
			return err
		}
		if status.LastBackup, err = o.LastBackup(s.ctx); err != nil {
			return err
		}
		if c.JSON {
			return s.printJSON(status)
		}
		table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		for _, line := range [][2]string{
			{"agencies", fmt.Sprint(status.Agencies)},
			{"computers", fmt.Sprint(status.Computers)},
			{"open requests", fmt.Sprint(status.OpenRequests)},
			{"emails that wait", emailsWaiting(status.Status)},
			{"last email taken", timeOrNever(status.LastEmail)},
			{"webhooks that wait", fmt.Sprint(status.WebhooksOpen)},
			{"last backup", timeOrNever(status.LastBackup)},
			{"version", status.Version},
		} {
			fmt.Fprintf(table, "%s\t%s\n", line[0], line[1]) // a tabwriter's error comes with Flush
		}
		return table.Flush()
	})
}

func emailsWaiting(s store.Status) string {
	if s.EmailsWaiting == 0 {
		return "0"
	}
	return fmt.Sprintf("%d, the oldest since %s; the mail server did not take %d of them yet", s.EmailsWaiting,
		dayAndTime(s.OldestEmail), s.EmailsFailed)
}

func timeOrNever(at onboarding.Timestamp) string {
	if at == 0 {
		return "never"
	}
	return dayAndTime(at)
}

// printJSON prints a value as one line.
func (s *env) printJSON(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return s.printf("%s", line)
}
