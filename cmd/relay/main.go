// Command latchkey-relay is the relay: the API for hubs and the wizard for
// clients, and the commands of whoever runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// version is set by the linker.
var version = "development"

// commands are what the program can be told. Settings are in the environment:
// a flag would show them in the list of processes.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the relay."`
	Demo    demoCommand    `cmd:"" help:"Run a whole demo: a relay, pretend platforms and a mailbox, on this computer alone."`
	Agency  agencyCommand  `cmd:"" help:"Add, list and suspend agencies."`
	Member  memberCommand  `cmd:"" help:"Help a member of an agency."`
	Person  personCommand  `cmd:"" help:"Show or forget what is kept of one person."`
	Keys    keysCommand    `cmd:"" help:"Look after the key file."`
	Backup  backupCommand  `cmd:"" help:"Write database and key file into one file."`
	Restore restoreCommand `cmd:"" help:"Put a backup in place. The relay must not be running."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

// surroundings is what a command works with.
type surroundings struct {
	ctx    context.Context
	out    io.Writer
	log    *slog.Logger
	lookup func(string) (string, bool)
	all    []string
}

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	parser, err := kong.New(&commands{}, kong.Name("latchkey-relay"),
		kong.Description("The hosted half of Latchkey. Settings are environment variables, see docs/relay.md."), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(os.Stderr, "latchkey-relay:", err)
		return 2
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		parser.Errorf("%s", err)
		return 2
	}
	err = command.Run(&surroundings{ctx: ctx, out: os.Stdout, log: log, lookup: os.LookupEnv, all: os.Environ()})
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "latchkey-relay:", sentence(err))
	return 1
}

// sentence is what a person at the terminal reads of an error.
func sentence(err error) string {
	var wrong *onboarding.InvalidError
	switch {
	case errors.As(err, &wrong):
		return wrong.Sentence
	case errors.Is(err, relay.ErrOtherKeyFile):
		return "LATCHKEY_KEY_FILE is not the key file this database was made with. Name the right one, or restore the backup that has both."
	case errors.Is(err, sqldb.ErrNoBackup):
		return "A PostgreSQL database is backed up with pg_dump and restored with pg_restore; keep the key file with it."
	}
	return err.Error()
}

type versionCommand struct{}

func (versionCommand) Run(s *surroundings) error {
	_, err := fmt.Fprintln(s.out, "latchkey-relay", version)
	return err
}
