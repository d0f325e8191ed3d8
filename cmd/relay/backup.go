package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

type backupCommand struct {
	Write  backupWrite  `cmd:"" default:"withargs" help:"Write a backup, and read it back."`
	Verify backupVerify `cmd:"" help:"Read a backup as a restore would, and say when it was made."`
}

type backupVerify struct {
	From string `arg:"" name:"file" type:"path" help:"A file that backup write wrote."`
}

func (c backupVerify) Run(s *env) error {
	if !isThere(c.From) {
		return userErrorf("There is no file %s.", c.From)
	}
	made, err := admin.VerifyBackup(s.ctx, c.From, time.Now)
	if err != nil {
		return err
	}
	return s.printf("%s is whole: a backup of %s, with a sound database and the key file that belongs to it.", c.From,
		dayAndTime(made))
}

type backupWrite struct {
	To string `arg:"" name:"file" type:"path" help:"The file to write; it must not exist."`
}

func (c backupWrite) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		err := o.Backup(s.ctx, c.To)
		if errors.Is(err, fs.ErrExist) {
			return userErrorf("There is a file %s already. A backup is written to a new one.", c.To)
		}
		if err != nil {
			return err
		}
		if err := o.RecordBackup(s.ctx); err != nil { // the backup is whole all the same
			s.note("When it was written could not be stored, so doctor does not know of it: " + explain(err))
		}
		return s.printf(
			"Wrote database and key file to %s. Whoever has it can make links of this relay, and opens no credential: keep it "+
				"safe.",
			c.To,
		)
	})
}

type restoreCommand struct {
	From string `arg:"" name:"file" type:"path" help:"A file that backup write wrote."`
}

func (c restoreCommand) Run(s *env) error {
	set, err := s.readPlace()
	if err != nil {
		return err
	}
	if !isThere(c.From) {
		return userErrorf("There is no file %s.", c.From)
	}
	for _, path := range []string{set.source, set.keyFile} {
		if !set.onPostgreSQL() && isThere(path) {
			return userErrorf(
				"There is a %s already. End the relay, move database and key file away (with relay.db-wal and relay.db-shm, "+
					"where they are), and restore then.",
				path,
			)
		}
	}
	if err := isForeignDir(set.keyFile); err != nil {
		return err
	}
	s.note(s.worksOn(set))
	done, err := admin.Restore(s.ctx, c.From, set.source, set.keyFile, time.Now)
	if err != nil {
		return err
	}
	if err := s.printf(
		"Restored the backup of %s. Emails that were waiting then are not sent (%d). Start the relay: hubs notice and "+
			"offer what they have kept.",
		dayAndTime(done.Made), done.Cancelled,
	); err != nil {
		return err
	}
	return s.printRestored(done.Agencies)
}

type restoredCommand struct {
	Moved bool `help:"Nothing was lost: the database is as the relay left it, on another server."`
}

func (c restoredCommand) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		if c.Moved {
			if err := o.MarkMoved(s.ctx); err != nil {
				return err
			}
			return s.printf("The relay goes on with this database as it is: nothing is cancelled. One that runs has to be " +
				"started again.")
		}
		done, err := o.MarkRestored(s.ctx)
		if err != nil {
			return err
		}
		if err := s.printf("Emails that were waiting are not sent (%d). Hubs notice and offer what they have kept.",
			done.Cancelled); err != nil {
			return err
		}
		return s.printRestored(done.Agencies)
	})
}

// printRestored prints what a backup brought back that may have ended since.
func (s *env) printRestored(agencies []store.RestoredAgency) error {
	if len(agencies) == 0 {
		return nil
	}
	if err := s.printf("\nThis came back, and some of it may have ended after the backup:\n"); err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "AGENCY\tMEMBER\tCOMPUTERS\tOPEN LINKS\tCODES ENDED") // a tabwriter's error comes with Flush
	for _, agency := range agencies {
		if agency.Tampered {
			fmt.Fprintf(table, "%s\tit stays stopped: see `latchkey-relay agency verify`\t\t\t\n",
				agency.Agency.Name)
			continue
		}
		fmt.Fprintf(table, "%s\t\t%d\t%d\t%d\n", agency.Agency.Name, len(agency.Devices), agency.Links, agency.Codes)
		for _, member := range agency.Members {
			var computers []string
			for _, device := range agency.Devices {
				if device.Member == member.ID {
					computers = append(computers, device.Name)
				}
			}
			fmt.Fprintf(table, "\t%s <%s> (%s)\t%s\t\t\n", member.Name, member.Email, member.Role,
				strings.Join(computers, ", "))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return s.printf(
		"\nNothing is sealed for an agency until a computer of the main user that you name has synced: it ends again what " +
			"had ended. Ask the agency who is a main user and has all their computers, then run " +
			"`latchkey-relay agency confirm AGENCY ADDRESS`. New codes have to be issued.",
	)
}
