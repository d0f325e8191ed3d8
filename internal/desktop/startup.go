package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// errDataDirInUse means that another program uses the data folder.
var errDataDirInUse = errors.New("another program has the data folder")

// StartupError is why no hub is open, as a sentence for the user, in a window
// or at a terminal.
type StartupError struct {
	message string
	err     error
}

func (e *StartupError) Error() string { return e.message }

func (e *StartupError) Unwrap() error { return e.err }

// explainStartup describes an error of the data folder, or of the demo, and
// what the user can do. An error without its own message is shown in one line.
func explainStartup(dir string, err error) *StartupError {
	oneLine := strings.Join(strings.Fields(err.Error()), " ")
	var file *fs.PathError
	explain := func(format string, args ...any) *StartupError {
		return &StartupError{message: fmt.Sprintf(format, args...), err: err}
	}
	var policyError *policy.Error
	var invalid *onboarding.InvalidError
	switch {
	case errors.As(err, &policyError):
		return explain("%s", policyError.Error())
	case errors.Is(err, hub.ErrRelayNotAllowed):
		return explain("This computer has joined a relay that your organisation does not allow here. Nothing was "+
			"deleted. Ask whoever looks after this computer to allow it, or to remove the data in %s. (%s)", dir, oneLine)
	case errors.As(err, &invalid) && invalid.Field == "demo":
		return explain("%s Start Latchkey without it.", invalid.Message)
	case errors.Is(err, errDemo):
		return explain("The demo did not start. Close what you can spare, and start it again. (%s)", oneLine)
	case errors.Is(err, errWatchRuns):
		return explain("Another latchkey watch runs with the data folder %s. One is enough: latchkey watch --status "+
			"describes it.", dir)
	case errors.Is(err, errDataDirInUse):
		return explain("The data folder %s is in use by another Latchkey. End that one, or start this one with a "+
			"folder of its own (--data).", dir)
	case errors.Is(err, sqldb.ErrNewerSchema):
		return explain("A newer Latchkey has used the data folder %s. Start that one; nothing was changed.", dir)
	case errors.Is(err, replica.ErrForeignSchema):
		return explain("The data in %s was written by an early version of Latchkey, which this one cannot read. Move the "+
			"folder away and join your agency again with a new code: your relay has all but what waited to be sent.", dir)
	case errors.Is(err, sqldb.ErrDamaged):
		return explain("The data in %s is damaged. Move the folder away and join your agency again with a new code: "+
			"your relay has all but what waited to be sent.", dir)
	case errors.Is(err, syscall.ENOSPC), sqldb.IsFull(err):
		return explain("The disk of the data folder %s is full. Make room, then start Latchkey again; nothing that "+
			"was kept is lost.", dir)
	case errors.Is(err, syscall.EROFS), sqldb.IsReadOnly(err):
		return explain("The data folder %s can only be read. Make it writable for you, or start Latchkey with "+
			"another one (--data).", dir)
	case errors.Is(err, fs.ErrPermission), sqldb.IsClosed(err):
		return explain("The data folder %s is closed to you. Make it yours, or start Latchkey with another one "+
			"(--data).", dir)
	case errors.As(err, &file):
		return explain("The data folder %s cannot be used: %v. Start Latchkey with another one (--data).", dir, file.Err)
	}
	return explain("The data in %s could not be opened. It is still where it was. Start Latchkey again; if it "+
		"stays like this, whoever looks after this computer can help. (%s)", dir, oneLine)
}
