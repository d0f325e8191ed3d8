package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A data folder has one program at a time. A window that is opened while watch
// runs asks it for the folder with a file, and watch goes on once the window is
// closed.
const (
	wantedFile = "wanted"     // a window, or an enrolment, waits for the folder
	statusFile = "watch.json" // what watch last wrote of itself
)

const (
	statusInterval = 15 * time.Second
	statusLife     = 4 * statusInterval // an older status is of a watch that was killed
	wantedLife     = time.Minute        // an older file is of a window that was killed
	handoverTime   = 30 * time.Second   // for watch to end what it began
	handoverPoll   = 200 * time.Millisecond
)

// takeDataDir locks a data folder, and asks a running watch for it first.
func takeDataDir(ctx context.Context, dir string) (*os.File, error) {
	lock, err := lockDataDir(dir)
	if !errors.Is(err, errDataDirInUse) {
		return lock, err
	}
	if _, live := readWatchStatus(dir, time.Now()); !live {
		return nil, err
	}
	wanted := filepath.Join(dir, wantedFile)
	_ = os.Remove(wanted) // an old one keeps its time on some systems
	if err := os.WriteFile(wanted, nil, 0o600); err != nil {
		return nil, fmt.Errorf("asking for the data folder: %w", err)
	}
	defer func() { _ = os.Remove(wanted) }() // an old one is ignored
	for end := time.Now().Add(handoverTime); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(handoverPoll):
		}
		if lock, err = lockDataDir(dir); !errors.Is(err, errDataDirInUse) {
			return lock, err
		}
	}
	return nil, errDataDirInUse
}

// isWanted reports whether a window waits for the folder.
func isWanted(dir string, now time.Time) bool {
	file, err := os.Stat(filepath.Join(dir, wantedFile))
	return err == nil && now.Sub(file.ModTime()).Abs() < wantedLife
}

// readWatchStatus reads what watch last wrote, and whether that is new enough
// to be of one that runs.
func readWatchStatus(dir string, now time.Time) (status WatchStatus, live bool) {
	text, err := os.ReadFile(filepath.Join(dir, statusFile))
	if err != nil || json.Unmarshal(text, &status) != nil {
		return WatchStatus{}, false
	}
	return status, now.Sub(status.Written.Time()).Abs() < statusLife
}

// writeWatchStatus replaces the file in one step, so that no reader sees half of it.
func writeWatchStatus(dir string, status WatchStatus) error {
	text, err := json.Marshal(status)
	if err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	path := filepath.Join(dir, statusFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	return nil
}
