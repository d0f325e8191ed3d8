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
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/latchkeyhq/latchkey/internal/version"
)

// commit is set by the linker.
var commit string

// commands are what the program can be told. Settings are in the environment:
// a flag would show them in the list of processes.
type commands struct {
	ShowVersion kong.VersionFlag `name:"version" help:"Say which version this is."`

	Env string `placeholder:"FILE" help:"Read the settings from this file. Without it: LATCHKEY_ENV, or ${file}."`

	Serve serveCommand `cmd:"" help:"Run the relay."`

	Demo demoCommand `cmd:"" help:"Run a whole demo: a relay, simulated platforms and a mailbox, on this computer alone."`

	Check    checkCommand    `cmd:"" help:"Say whether the relay would start: settings, ports, data, mail login."`
	Doctor   doctorCommand   `cmd:"" help:"Examine a relay that runs: address, data, mail and the platforms' apps."`
	Status   statusCommand   `cmd:"" help:"Say how much there is, and what waits."`
	Agency   agencyCommand   `cmd:"" help:"Add, list, rename, suspend and remove agencies."`
	Member   memberCommand   `cmd:"" help:"List, help and remove members of agencies."`
	Person   personCommand   `cmd:"" help:"Show or forget what is kept of one person."`
	Review   reviewCommand   `cmd:"" help:"Let a platform's reviewers try your app by a link of their own."`
	Audit    auditCommand    `cmd:"" help:"Verify the histories of requests."`
	Keys     keysCommand     `cmd:"" help:"Look after the key file."`
	Backup   backupCommand   `cmd:"" help:"Write database and key file into one file, or verify such a file."`
	Restore  restoreCommand  `cmd:"" help:"Put a backup in place. The relay must not be running."`
	Restored restoredCommand `cmd:"" help:"Say that the database was put back without restore: by pg_restore, as a copy."`
	Version  versionCommand  `cmd:"" help:"Say which version this is."`
}

// env is what a command works with.
type env struct {
	ctx    context.Context
	in     io.Reader // answers to questions
	out    io.Writer // what was asked for
	stderr io.Writer // the log, and what went wrong
	log    *slog.Logger
	level  slog.LevelVar // of the log
	lookup func(string) (string, bool)
	all    []string

	file        string // of the settings: of --env, then the one that was read
	setenv      func(name, value string)
	terminal    bool   // a person reads stderr
	defaultFile string // is read where nothing else names one
	fileRead    bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends what does not end by itself
	os.Exit(run(os.Args[1:], &env{
		ctx: ctx, in: os.Stdin, out: os.Stdout, stderr: os.Stderr, lookup: os.LookupEnv, all: os.Environ(),
		setenv:      func(name, value string) { _ = os.Setenv(name, value) }, // only a name that is none fails
		defaultFile: settingsFile, terminal: isTerminal(os.Stderr),
	}))
}

// withHelp asks for help where nothing is asked for, and where help is asked for as a command.
func withHelp(arguments []string) []string {
	switch {
	case len(arguments) == 0:
		return []string{"--help"}
	case arguments[0] == "help":
		return append(slices.Clone(arguments[1:]), "--help")
	}
	return arguments
}

// run is the whole program but for the process around it. It gives the exit
// code: 2 is a command that there is not.
func run(arguments []string, s *env) int {
	s.log = slog.New(slog.NewJSONHandler(s.stderr, &slog.HandlerOptions{Level: &s.level}))
	var read commands
	parser, err := newParser(&read, kong.Writers(s.out, s.stderr))
	if err != nil {
		fmt.Fprintln(s.stderr, "latchkey-relay:", err)
		return exitUsage
	}
	command, err := parser.Parse(withHelp(arguments))
	if err != nil {
		asked := "latchkey-relay"
		wrong := new(kong.ParseError)
		if errors.As(err, &wrong) && wrong.Context.Selected() != nil {
			asked = wrong.Context.Selected().FullPath()
		}
		what := strings.TrimRight(err.Error(), ".?")
		if strings.HasPrefix(what, "expected one of") { // kong cuts this list
			what = asked + " needs one of " + strings.Join(commandsOf(wrong), ", ")
		}
		s.complain(fmt.Sprintf("%s. `%s --help` says how it is used.", what, asked))
		return exitUsage
	}
	s.file = read.Env
	if err := command.Run(s); err != nil {
		s.complain(explain(err))
		return exitCode(err)
	}
	return 0
}

// commandsOf are the commands below the one that was named.
func commandsOf(wrong *kong.ParseError) []string {
	if wrong.Context == nil {
		return nil
	}
	at := wrong.Context.Selected()
	if at == nil {
		at = wrong.Context.Model.Node
	}
	var names []string
	for _, below := range at.Children {
		names = append(names, below.Name)
	}
	return names
}

// isTerminal reports whether a person reads a file of the process as it is written.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// complain writes what went wrong: a sentence at a terminal, else a line of the log.
func (s *env) complain(sentence string) {
	if s.terminal {
		fmt.Fprintln(s.stderr, "latchkey-relay:", sentence)
		return
	}
	for line := range strings.Lines(sentence) {
		s.log.Error(strings.TrimSpace(line))
	}
}

// note writes what is worth knowing beside the output: a sentence at a terminal, else a
// line of the log.
func (s *env) note(sentence string) {
	if s.terminal {
		fmt.Fprintln(s.stderr, sentence)
		return
	}
	s.log.Info(sentence)
}

func newParser(read *commands, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(read, append(options, kong.Name("latchkey-relay"),
		kong.Vars{"file": settingsFile, "version": named(), "platforms": reviewedPlatforms()},
		kong.Description("The hosted half of Latchkey. Settings are environment variables, or lines of a file: "+
			"`latchkey-relay serve --help` lists them, docs/relay.md explains them."))...)
}

type versionCommand struct{}

// named is the program with its version.
func named() string { return "latchkey-relay " + version.Full(commit) }

func (versionCommand) Run(s *env) error { return s.printf("%s", named()) }
