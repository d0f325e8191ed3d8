// Command latchkey is the hub: the agency's desktop app. Built with the tag
// web it is latchkey-web, the same screens served to a browser on loopback.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/latchkeyhq/latchkey/internal/demo"
	"github.com/latchkeyhq/latchkey/internal/desktop"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
	"github.com/latchkeyhq/latchkey/internal/logfile"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/version"
	"github.com/latchkeyhq/latchkey/internal/window"
)

//go:embed all:frontend/dist
var screens embed.FS

//go:embed build/appicon.png
var icon []byte

// commit is set by the linker. The screens and an error's details show it.
var commit string

// commands are the flags of both builds; only the web build uses Addr.
type commands struct {
	Data string `help:"The data folder. Empty: the user's own." env:"LATCHKEY_HUB_DATA" type:"path"`
	JSON bool   `help:"Print where the screens are, or the status of watch, as one line of JSON." name:"json"`

	Version  kong.VersionFlag `help:"Print which version this is."`
	Diagnose bool             `help:"Print what helps whoever looks after this computer: no secret, and nobody's name."`

	Open  openCommand  `cmd:"" default:"withargs" help:"Open the screens."`
	Watch watchCommand `cmd:"" help:"Keep the hub at work without screens: sync, checks, reports, renewals."`
}

// openCommand opens the screens.
type openCommand struct {
	Addr string   `help:"Where to serve the screens. A loopback address." default:"127.0.0.1:0"`
	Demo bool     `help:"Open on the demo: a relay, simulated platforms and a mailbox on this computer."`
	Link []string `arg:"" optional:"" help:"A latchkey:// link that was opened."`

	Dev devFlags `embed:""`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "latchkey:", err)
		os.Exit(1)
	}
}

func run() error {
	var c commands
	number := version.Full(commit)
	parser, err := kong.New(&c, kong.Name("latchkey"), kong.UsageOnError(),
		kong.Vars{"version": "latchkey " + number},
		kong.Description("Ask clients for access; see what they gave, and use it."))
	if err != nil {
		return err
	}
	chosen, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if c.Data == "" {
		if c.Data, err = dataFolder(); err != nil {
			return err
		}
	}
	texts, err := all.Catalog()
	if err != nil {
		return err
	}
	config := desktop.Config{
		Catalog: texts, Dir: c.Data, Keychain: system.New(system.Config{}), Version: number,
		Addresses: desktop.PlatformAddresses(),
	}
	config.Policy, config.PolicyError = policy.Load()
	if config.PolicyError == nil {
		config.Route, config.PolicyError = config.Policy.Route()
	}
	if c.Diagnose {
		_, err := fmt.Print(desktop.Diagnose(context.Background(), config))
		return err
	}
	if strings.HasPrefix(chosen.Command(), "watch") {
		return c.Watch.run(config, c.JSON)
	}
	return c.Open.run(config, c.JSON)
}

func (c *openCommand) run(config desktop.Config, asJSON bool) error {
	files, err := fs.Sub(screens, "frontend/dist")
	if err != nil {
		return fmt.Errorf("finding the screens: %w", err)
	}
	file := logfile.In(config.Dir)
	if c.Demo {
		file = nil // the demo leaves the data folder alone
	}
	if err := useLog(&config, file, func(to io.Writer) slog.Handler {
		return slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelWarn})
	}); err != nil {
		return err
	}
	log := config.Log
	config.Demo, config.Links = c.Demo, c.Link
	app, err := desktop.New(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var printing sync.WaitGroup
	var failed error
	err = window.Run(ctx, window.Config{
		Title: "Latchkey", Icon: icon, Screens: files, App: &App{desktop: app}, Bridge: app.Handler(),
		Preview: app.PreviewHandler(), WebData: webData(), Bounds: app.Bounds(), Links: c.Link, Log: log, Address: c.Addr,
		DevOrigin: c.Dev.origin(),
		OnOpen:    app.OnOpen, OnClose: app.OnClose, OnMenu: app.OnMenu,
		OnSecondInstance: app.OnSecondInstance, OnNotificationClick: app.OnNotificationClick,
		OnReady: func(address string) {
			printing.Go(func() {
				if failed = announce(ctx, app, address, asJSON); failed != nil {
					stop()
					return
				}
				log.Info("Latchkey is open", "version", config.Version, "folder", config.Dir)
			})
		},
	})
	stop()
	printing.Wait()
	if errors.Is(err, window.ErrAlreadyRunning) {
		fmt.Println("Latchkey is open already. Its window was brought to the front.")
		err = nil
	}
	return errors.Join(failed, err, app.Close())
}

// announce prints the screens' address, after the hub has opened.
func announce(ctx context.Context, app *desktop.App, address string, asJSON bool) error {
	facts, err := app.Started(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if !asJSON {
		fmt.Println("Latchkey is open at", address)
		if facts != nil {
			fmt.Println("The demo's mailbox is at", facts.Mailbox)
		}
		return nil
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		URL string `json:"url"`
		*demo.Info
	}{address, facts})
}

// webData is where Windows' web view keeps what a browser does: with the data of the
// program, and on this computer alone. Without it: the web view's own choice, which other
// computers of the user get too.
func webData() string {
	dir, err := os.UserCacheDir()
	if runtime.GOOS != "windows" || err != nil {
		return ""
	}
	return filepath.Join(dir, "Latchkey", "WebView2")
}

// dataFolder is the system's folder for a user's application data.
func dataFolder() (string, error) {
	switch runtime.GOOS {
	case "windows":
		dir, err := os.UserCacheDir() // %LocalAppData%: not synchronised to other computers
		if err != nil {
			return "", fmt.Errorf("finding the data folder: %w", err)
		}
		return filepath.Join(dir, "Latchkey"), nil
	case "darwin":
		dir, err := os.UserConfigDir() // Application Support
		if err != nil {
			return "", fmt.Errorf("finding the data folder: %w", err)
		}
		return filepath.Join(dir, "Latchkey"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "latchkey"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the data folder: %w", err)
	}
	return filepath.Join(home, ".local", "share", "latchkey"), nil
}
