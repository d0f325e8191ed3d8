// Package logfile writes a program's log into a file of bounded size, for whoever helps its
// user.
//
// It makes no folder, and fails no caller: a log that cannot be written is lost.
package logfile

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// MaxSize is how large the file becomes, in bytes, before it is set aside as the one before.
const MaxSize = 5 << 20

// name is that of the newest file. The one before has oldSuffix behind it.
const (
	name      = "latchkey.log"
	oldSuffix = ".1"
)

// File is the log in a folder. It is opened for each line, so that two programs of one user
// can write it, and each can set it aside. It is safe for concurrent use.
type File struct {
	path string
	max  int64

	mu sync.Mutex
}

// In is the log in a folder, which need not exist yet.
func In(dir string) *File { return &File{path: filepath.Join(dir, name), max: MaxSize} }

// Write appends a line. It always succeeds.
func (f *File) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if info, err := os.Stat(f.path); err == nil && info.Size()+int64(len(line)) > f.max {
		_ = os.Rename(f.path, f.path+oldSuffix) // the other program was faster, or has it open
	}
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return len(line), nil // its reader finds that it ends
	}
	_, _ = file.Write(line) // the same
	_ = file.Close()        // the same
	return len(line), nil
}

// Remove deletes the log: it names the agency's clients.
func (f *File) Remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = os.Remove(f.path)             // it may be missing
	_ = os.Remove(f.path + oldSuffix) // the same
}

// Handler writes lines of JSON from a level on.
func (f *File) Handler(level slog.Level) slog.Handler {
	return slog.NewJSONHandler(f, &slog.HandlerOptions{Level: level})
}
