//go:build !web

package window

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	wailsruntime "github.com/wailsapp/wails/v2/pkg/runtime"
)

// instance names the one running hub of a person's session.
const instance = "com.latchkeyhq.latchkey"

// desktop is the window as Wails gives it.
type desktop struct {
	config Config
	ctx    context.Context

	mu    sync.Mutex
	place Place
}

func run(ctx context.Context, config Config) error {
	closeInspector()
	d := &desktop{config: config, place: config.Place}
	width, height := config.Place.Width, config.Place.Height
	if width < 960 || height < 600 {
		width, height = 1280, 800
	}
	state := options.Normal
	if config.Place.Maximised {
		state = options.Maximised
	}
	return wails.Run(&options.App{
		Title: config.Title, Width: width, Height: height, MinWidth: 960, MinHeight: 600, WindowStartState: state,
		AssetServer:        &assetserver.Options{Handler: screens(config)},
		Bind:               []any{config.App},
		Menu:               d.menu(),
		Logger:             quiet{config},
		LogLevelProduction: logger.ERROR,
		OnStartup:          func(started context.Context) { d.open(ctx, started) },
		OnBeforeClose: func(context.Context) bool {
			d.remember()
			return false
		},
		OnShutdown: func(context.Context) {
			if config.Closed != nil {
				config.Closed(d.place)
			}
		},
		SingleInstanceLock: &options.SingleInstanceLock{UniqueId: instance, OnSecondInstanceLaunch: func(second options.SecondInstanceData) {
			d.Focus()
			if config.Arrived != nil {
				config.Arrived(second.Args)
			}
		}},
		Linux:   &linux.Options{Icon: config.Icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "latchkey"},
		Mac:     &mac.Options{OnUrlOpen: func(link string) { d.arrived(link) }},
		Windows: &windows.Options{WebviewIsTransparent: false},
	})
}

// closeInspector shuts the doors through which another program of the same
// person could read the page. It has to run before the web view starts.
func closeInspector() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "WEBKIT_INSPECTOR_") || name == "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS" {
			_ = os.Unsetenv(name) // it fails for names that cannot be set either
		}
	}
}

func (d *desktop) open(ctx, started context.Context) {
	d.ctx = started
	if p := d.config.Place; p.Width > 0 && !p.Maximised && (p.X != 0 || p.Y != 0) {
		wailsruntime.WindowSetPosition(started, p.X, p.Y)
	}
	if err := wailsruntime.InitializeNotifications(started); err != nil {
		d.config.Log.Warn("readying notifications", "error", err)
	} else if d.config.Clicked != nil {
		wailsruntime.OnNotificationResponse(started, func(result wailsruntime.NotificationResult) {
			if result.Error == nil {
				d.config.Clicked(result.Response.ID)
			}
		})
	}
	if d.config.Opened != nil {
		d.config.Opened(d)
	}
	go func() {
		<-ctx.Done()
		wailsruntime.Quit(started)
	}()
}

func (d *desktop) arrived(link string) {
	if d.config.Arrived != nil {
		d.config.Arrived([]string{link})
	}
}

// remember notes where the window is while it can still be asked.
func (d *desktop) remember() {
	x, y := wailsruntime.WindowGetPosition(d.ctx)
	width, height := wailsruntime.WindowGetSize(d.ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.place.Maximised = wailsruntime.WindowIsMaximised(d.ctx); !d.place.Maximised {
		d.place.X, d.place.Y, d.place.Width, d.place.Height = x, y, width, height
	}
}

func (d *desktop) menu() *menu.Menu {
	bar := menu.NewMenu()
	if runtime.GOOS == "darwin" {
		bar.Append(menu.AppMenu())
	}
	command := func(m *menu.Menu, label string, accelerator *keys.Accelerator, name string) {
		m.AddText(label, accelerator, func(*menu.CallbackData) {
			if d.config.Chosen != nil {
				d.config.Chosen(name)
			}
		})
	}
	file := bar.AddSubmenu("File")
	command(file, "Request onboarding", keys.CmdOrCtrl("n"), "request")
	command(file, "Find…", keys.CmdOrCtrl("k"), "find")
	file.AddSeparator()
	if runtime.GOOS == "darwin" {
		bar.Append(menu.EditMenu())
		bar.Append(menu.WindowMenu())
	} else {
		file.AddText("Quit", keys.CmdOrCtrl("q"), func(*menu.CallbackData) { wailsruntime.Quit(d.ctx) })
	}
	help := bar.AddSubmenu("Help")
	command(help, "Help", keys.Key("f1"), "help")
	command(help, "About Latchkey", nil, "about")
	return bar
}

func (d *desktop) Emit(event string, data any) { wailsruntime.EventsEmit(d.ctx, event, data) }

func (d *desktop) Copy(text string) error {
	if err := wailsruntime.ClipboardSetText(d.ctx, text); err != nil {
		return fmt.Errorf("copying: %w", err)
	}
	return nil
}

func (d *desktop) Browse(address string) error {
	if err := browsable(address); err != nil {
		return err
	}
	wailsruntime.BrowserOpenURL(d.ctx, address)
	return nil
}

func (d *desktop) Notify(n Notification) error {
	if !wailsruntime.IsNotificationAvailable(d.ctx) {
		return errors.New("this system shows no notifications")
	}
	if err := wailsruntime.SendNotification(d.ctx, wailsruntime.NotificationOptions{ID: n.ID, Title: n.Title, Body: n.Body}); err != nil {
		return fmt.Errorf("notifying: %w", err)
	}
	return nil
}

func (d *desktop) SaveAs(name string, content []byte) (string, error) {
	file, err := wailsruntime.SaveFileDialog(d.ctx, wailsruntime.SaveDialogOptions{DefaultFilename: name})
	if err != nil || file == "" {
		return "", err
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return "", fmt.Errorf("writing the file: %w", err)
	}
	return file, nil
}

func (d *desktop) Focus() {
	wailsruntime.WindowUnminimise(d.ctx)
	wailsruntime.WindowShow(d.ctx)
}

func (d *desktop) Web() bool { return false }

// quiet passes on that something failed, without the arguments of calls, which
// Wails writes out whole when it cannot read them.
type quiet struct{ config Config }

func (q quiet) Print(string)   {}
func (q quiet) Trace(string)   {}
func (q quiet) Debug(string)   {}
func (q quiet) Info(string)    {}
func (q quiet) Warning(string) {}
func (q quiet) Error(string)   { q.config.Log.Error("the window reports an error") }
func (q quiet) Fatal(string)   { q.config.Log.Error("the window has failed") }
