// Command cluster runs another command with a PostgreSQL cluster for tests,
// so that the tests of all packages share one:
//
//	go run ./internal/sqldb/sqldbtest/cluster go test ./...
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(command []string) int {
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "cluster: name the command to run")
		return 2
	}
	// The command gets an interrupt of the terminal too; we wait for it. (It
	// would inherit an ignored signal, but not one that is caught.)
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv(sqldbtest.Variable) == "" {
		cluster, err := sqldbtest.StartCluster()
		if err != nil {
			fmt.Fprintln(os.Stderr, "cluster:", err)
			return 1
		}
		defer func() {
			if err := cluster.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, "cluster:", err)
			}
		}()
		cmd.Env = append(cmd.Env, sqldbtest.Variable+"="+cluster.Source)
	}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1) // a command ended by a signal has -1
	}
	fmt.Fprintln(os.Stderr, "cluster:", err)
	return 1
}
