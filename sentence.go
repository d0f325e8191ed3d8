package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// errInUse says that another program has the data folder.
var errInUse = errors.New("another program has the data folder")

// startError is why there is no hub, in a sentence for whoever started the
// program, in a window or at a terminal.
type startError struct {
	sentence string
	err      error
}

func (e *startError) Error() string { return e.sentence }

func (e *startError) Unwrap() error { return e.err }

// notStarted says what is wrong with the data folder, or with the demo, and
// what to do. What has no sentence of its own is shown in one line.
func notStarted(dir string, err error) *startError {
	oneLine := strings.Join(strings.Fields(err.Error()), " ")
	var file *fs.PathError
	said := func(format string, args ...any) *startError { return &startError{fmt.Sprintf(format, args...), err} }
	switch {
	case errors.Is(err, errDemo):
		return said("The demo did not start. Close what you can spare, and start it again. (%s)", oneLine)
	case errors.Is(err, errInUse):
		return said("The data folder %s is in use by another Latchkey. End that one, or start this one with a folder of its own (--data).", dir)
	case errors.Is(err, sqldb.ErrNewerSchema):
		return said("A newer Latchkey has used the data folder %s. Start that one; nothing was changed.", dir)
	case errors.Is(err, sqldb.ErrDamaged):
		return said("The data in %s is damaged. Move the folder away and join your agency again with a new code: your relay has all but what waited to be sent.", dir)
	case errors.Is(err, syscall.ENOSPC), sqldb.IsFull(err):
		return said("The disk of the data folder %s is full. Make room, then start Latchkey again; nothing that was kept is lost.", dir)
	case errors.Is(err, syscall.EROFS), sqldb.IsReadOnly(err):
		return said("The data folder %s can only be read. Make it writable for you, or start Latchkey with another one (--data).", dir)
	case errors.Is(err, fs.ErrPermission), sqldb.IsClosed(err):
		return said("The data folder %s is closed to you. Make it yours, or start Latchkey with another one (--data).", dir)
	case errors.As(err, &file):
		return said("The data folder %s cannot be used: %v. Start Latchkey with another one (--data).", dir, file.Err)
	}
	return said("The data in %s could not be opened. It is still where it was. Start Latchkey again; if it stays like this, whoever looks after this computer can help. (%s)", dir, oneLine)
}
