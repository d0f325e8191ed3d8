//go:build !web

package window

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
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

// instance is the D-Bus name and lock name of the running hub, one per session.
const instance = "com.latchkeyhq.latchkey"

// wailsWindow is a window of Wails.
type wailsWindow struct {
	config  Config
	session *session
	ctx     context.Context

	mu     sync.Mutex
	bounds Bounds
}

func run(ctx context.Context, config Config) (err error) {
	closeInspector()
	window := &wailsWindow{config: config, bounds: config.Bounds}
	if window.session, err = join(window); err != nil {
		return err
	}
	defer window.session.leave()
	defer func() {
		if fault := recover(); fault != nil {
			err = displayFault(fault)
		}
	}()
	width, height := config.Bounds.startSize()
	state := options.Normal
	if config.Bounds.Maximised {
		state = options.Maximised
	}
	return wails.Run(&options.App{
		Title:              config.Title,
		Width:              width,
		Height:             height,
		MinWidth:           minWidth,
		MinHeight:          minHeight,
		WindowStartState:   state,
		AssetServer:        &assetserver.Options{Handler: screens(config)},
		Bind:               []any{config.App},
		Menu:               window.menu(),
		Logger:             wailsLogger{config: config},
		LogLevelProduction: logger.ERROR,
		OnStartup:          func(started context.Context) { window.open(ctx, started) },
		OnBeforeClose: func(context.Context) bool {
			window.saveBounds()
			return false
		},
		OnShutdown: func(context.Context) {
			if config.OnClose != nil {
				config.OnClose(window.bounds)
			}
		},
		SingleInstanceLock: window.session.lock(window),
		Linux: &linux.Options{
			Icon:             config.Icon,
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
			ProgramName:      "latchkey",
		},
		Mac:     &mac.Options{OnUrlOpen: func(link string) { window.onSecondInstance([]string{link}) }},
		Windows: config.webview(),
	})
}

// webview is how Windows' web view is used. The program is built so that a computer
// without its runtime is told so, and nothing is downloaded by whoever uses it.
func (c Config) webview() *windows.Options {
	messages := windows.DefaultMessages()
	messages.Error = c.Title
	messages.ContactAdmin = c.Title + " needs the Microsoft Edge WebView2 Runtime to show its window, and this computer " +
		"does not have it. Ask whoever looks after your computers to install it for all users. Your data are as they were."
	messages.Webview2NotInstalled = "the Microsoft Edge WebView2 Runtime is not installed"
	return &windows.Options{WebviewUserDataPath: c.WebData, Messages: messages}
}

// displayFault returns the message if Wails panicked because of an unusable
// display; it re-raises any other panic.
func displayFault(fault any) error {
	if said, ok := fault.(error); ok && said.Error() == "failed to init GTK" {
		return fmt.Errorf(
			"the display %q cannot be used. Start Latchkey from a desktop that is yours",
			os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY"),
		)
	}
	panic(fault)
}

// closeInspector disables the web view's remote inspector, through which other
// programs of the user could read the page. It has to run before the web view
// starts.
func closeInspector() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "WEBKIT_INSPECTOR_") || name == "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS" {
			_ = os.Unsetenv(name) // fails only for invalid names
		}
	}
}

func (d *wailsWindow) open(ctx, started context.Context) {
	d.ctx = started
	go d.place()
	if d.config.OnOpen != nil {
		d.config.OnOpen(d)
	}
	d.session.stands(d)
	go func() {
		<-ctx.Done()
		wailsruntime.Quit(started)
	}()
}

// place moves the window to its remembered bounds, as far as they are on the
// screen where it has opened. Without them it stays in the middle.
func (d *wailsWindow) place() {
	was := d.config.Bounds
	if was.Width <= 0 || was.Maximised {
		return
	}
	screens, err := wailsruntime.ScreenGetAll(d.ctx) // waits until the window is shown
	if err != nil {
		d.config.Log.Warn("reading the sizes of the screens", "error", err)
		return
	}
	here := slices.IndexFunc(screens, func(s wailsruntime.Screen) bool { return s.IsCurrent })
	if here < 0 {
		return
	}
	bounds := was.onScreen(screens[here].Size.Width, screens[here].Size.Height)
	if width, height := was.startSize(); bounds.Width != width || bounds.Height != height {
		wailsruntime.WindowSetSize(d.ctx, bounds.Width, bounds.Height)
	}
	if was.X != 0 || was.Y != 0 {
		wailsruntime.WindowSetPosition(d.ctx, bounds.X, bounds.Y)
	}
}

func (d *wailsWindow) onSecondInstance(links []string) {
	if d.config.OnSecondInstance != nil {
		d.config.OnSecondInstance(links)
	}
}

// saveBounds stores the window's bounds while it exists.
func (d *wailsWindow) saveBounds() {
	x, y := wailsruntime.WindowGetPosition(d.ctx)
	width, height := wailsruntime.WindowGetSize(d.ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bounds.Maximised = wailsruntime.WindowIsMaximised(d.ctx); !d.bounds.Maximised {
		d.bounds.X, d.bounds.Y, d.bounds.Width, d.bounds.Height = x, y, width, height
	}
}

func (d *wailsWindow) menu() *menu.Menu {
	bar := menu.NewMenu()
	if runtime.GOOS == "darwin" {
		bar.Append(menu.AppMenu())
	}
	command := func(m *menu.Menu, label string, accelerator *keys.Accelerator, name string) {
		m.AddText(label, accelerator, func(*menu.CallbackData) {
			if d.config.OnMenu != nil {
				d.config.OnMenu(name)
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

func (d *wailsWindow) Emit(event string, data any) { wailsruntime.EventsEmit(d.ctx, event, data) }

func (d *wailsWindow) Copy(text string) error {
	if err := wailsruntime.ClipboardSetText(d.ctx, text); err != nil {
		return fmt.Errorf("copying: %w", err)
	}
	return nil
}

func (d *wailsWindow) Browse(address string) error {
	if err := browsable(address); err != nil {
		return err
	}
	wailsruntime.BrowserOpenURL(d.ctx, address)
	return nil
}

func (d *wailsWindow) Notify(n Notification) error { return d.session.notify(d.ctx, n) }

func (d *wailsWindow) SaveAs(name string, content []byte) (string, error) {
	file, err := wailsruntime.SaveFileDialog(d.ctx, wailsruntime.SaveDialogOptions{DefaultFilename: name})
	if err != nil || file == "" {
		return "", err
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return "", fmt.Errorf("writing the file: %w", err)
	}
	return file, nil
}

func (d *wailsWindow) Print() { wailsruntime.WindowPrint(d.ctx) }

func (d *wailsWindow) Focus() {
	wailsruntime.WindowUnminimise(d.ctx)
	wailsruntime.WindowShow(d.ctx)
}

func (d *wailsWindow) IsWeb() bool { return false }

// wailsLogger logs errors without the arguments of calls, which Wails includes
// when it cannot parse them.
type wailsLogger struct{ config Config }

func (l wailsLogger) Print(string)   {}
func (l wailsLogger) Trace(string)   {}
func (l wailsLogger) Debug(string)   {}
func (l wailsLogger) Info(string)    {}
func (l wailsLogger) Warning(string) {}
func (l wailsLogger) Error(string)   { l.config.Log.Error("the window reports an error") }
func (l wailsLogger) Fatal(string)   { l.config.Log.Error("the window has failed") }
