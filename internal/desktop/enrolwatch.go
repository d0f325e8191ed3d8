package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/collation/rootorder"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EnrolWatch enrols this computer without a window: it reads the relay's
// address and the code, a line each, prints the number to compare, and waits
// until another hub has approved this computer, or until ctx ends.
func EnrolWatch(ctx context.Context, config Config, in io.Reader, out io.Writer) (err error) {
	if config.PolicyError != nil {
		return explainStartup(config.Dir, config.PolicyError)
	}
	// A watch that runs goes on while the questions are open.
	lines := bufio.NewReader(in)
	address, err := readLine(ctx, lines, out, "Address of the relay: ")
	if err != nil {
		return err
	}
	code, err := readLine(ctx, lines, out, "Code (it works once): ")
	if err != nil {
		return err
	}
	lock, err := takeDataDir(ctx, config.Dir)
	if err != nil {
		return explainStartup(config.Dir, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	drivers, err := all.ForHub(all.WithRoute(config.Addresses, config.Route))
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Config{
		Dir: config.Dir, Catalog: config.Catalog, Keychain: config.Keychain, Drivers: drivers, Log: config.Log,
		SortKey: rootorder.New().Key, CheckRelay: config.Policy.CheckRelay, Route: config.Route,
	})
	if err != nil {
		return explainStartup(config.Dir, err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if err := findRelay(ctx, h, address); err != nil {
		return err
	}
	if err := h.Enrol(ctx, address, onboarding.NewSecret(code), computerName()); err != nil {
		return explainEnrolment(err)
	}
	return waitForApproval(ctx, h, out)
}

// readLine reads an answer. The code is no argument of the program: those are
// in the shell's history and in the list of processes.
func readLine(ctx context.Context, in *bufio.Reader, out io.Writer, question string) (string, error) {
	if _, err := fmt.Fprint(out, question); err != nil {
		return "", fmt.Errorf("asking: %w", err)
	}
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // it ends with the program, if nothing is typed
		line, err := in.ReadString('\n')
		answers <- answer{line, err}
	}()
	var line string
	var err error
	select {
	case <-ctx.Done():
		return "", errors.New("nothing was changed: the questions were not answered")
	case a := <-answers:
		line, err = a.line, a.err
	}
	if line = strings.TrimSpace(line); line == "" {
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading the answer: %w", err)
		}
		return "", errors.New("nothing was entered. Two lines are read: the relay's address, then the code")
	}
	return line, nil
}

// findRelay probes an address before the code goes there.
func findRelay(ctx context.Context, h *hub.Hub, address string) error {
	found, err := h.FindRelay(ctx, address)
	var invalid *onboarding.InvalidError
	switch {
	case errors.As(err, &invalid):
		return errors.New(invalid.Message)
	case err != nil:
		return err
	}
	switch found.State {
	case hub.RelayFound:
		return nil
	case hub.RelayElsewhere:
		return fmt.Errorf("this relay's own address is %s. Enter that one", found.Address)
	case hub.RelayTooNew:
		return errors.New("this relay needs a newer Latchkey. Install it first")
	case hub.RelaySilent:
		return fmt.Errorf("nothing answers at %s. Look at the address and at this computer's network", found.Address)
	case hub.RelayInspected:
		return errors.New("what answers there has a certificate of an authority that this computer does not know. If a " +
			"proxy inspects what passes, set its authority (the policy ExtraCA); if not, this may not be your relay")
	case hub.RelayCertificate, hub.RelayClock:
		return fmt.Errorf("the certificate of %s is not valid here. Look at this computer's clock; else do not join, and "+
			"tell the relay's operator", found.Address)
	case hub.RelayProxy:
		return errors.New("the proxy of this network wants a sign-in. Its administrator can let Latchkey through")
	case hub.RelayGateway, hub.RelayBusy:
		return fmt.Errorf("the relay at %s is not available at the moment. Try again in a minute", found.Address)
	}
	return fmt.Errorf("what answers at %s is no relay", found.Address)
}

// explainEnrolment explains in a sentence why a computer did not join.
func explainEnrolment(err error) error {
	var invalid *onboarding.InvalidError
	reason := keychain.ReasonOf(err)
	switch {
	case errors.As(err, &invalid):
		return errors.New(invalid.Message)
	case reason != keychain.OK:
		return fmt.Errorf("this computer did not join. %s (%s)", keychainProblem(reason), keychain.Detail(err))
	case errors.Is(err, onboarding.ErrNotFound):
		return errors.New("the relay does not know this code: it has expired, was withdrawn or has a slip. Get a new one " +
			"from a main user")
	case errors.Is(err, onboarding.ErrConflict):
		return errors.New("this computer has joined already, or another one has used the code. A main user can give you " +
			"a new one")
	case errors.Is(err, onboarding.ErrRateLimited):
		return errors.New("too many codes were tried. Wait a few minutes")
	case wire.ObstacleOf(err) != "":
		return errors.New("the relay cannot be reached. Run this again with the same code: it was not lost")
	}
	return fmt.Errorf("this computer did not join: %w", err)
}

// waitForApproval prints the number to compare, and waits until a person has
// compared it in another hub.
func waitForApproval(ctx context.Context, h *hub.Hub, out io.Writer) error {
	shown := ""
	for {
		info, err := h.SessionInfo(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			_, err := fmt.Fprintln(out, "\nThis computer has joined. It can be approved later too, while latchkey watch runs.")
			return err
		case info.State == session.Revoked || info.State == session.NotEnrolled:
			return errors.New("this computer was refused in another hub. Nothing was passed on to it")
		case info.Fingerprint == "" && info.ReadUntil != 0:
			_, err := fmt.Fprintf(out, "This computer works for %s, as %s. Start it with: latchkey watch\n",
				info.Agency, info.Member)
			return err
		case info.Fingerprint != shown && info.Fingerprint != "":
			shown = info.Fingerprint
			if _, err := fmt.Fprintf(out, "This computer has joined %s, as %s.\nIn another hub of %s, compare this number, "+
				"and answer there:\n\n  %s\n\nWaiting for the answer. Ctrl+C ends the waiting, and nothing else.\n",
				info.Agency, info.Member, info.Member, shown); err != nil {
				return fmt.Errorf("showing the number: %w", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
