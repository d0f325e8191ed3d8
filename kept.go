package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// kept is what the screens find again after a start: where the window was,
// what a person prefers, and the request they were writing.
type kept struct {
	Place       window.Place    `json:"place"`
	Preferences Preferences     `json:"preferences"`
	Draft       hub.RequestForm `json:"draft"`
}

// Preferences are a person's, on this computer.
type Preferences struct {
	Compact         bool `json:"compact"`
	SingleKeys      bool `json:"single_keys"`
	NotifyConnected bool `json:"notify_connected"`
	NotifyBroken    bool `json:"notify_broken"`
	NotifyDevices   bool `json:"notify_devices"`
}

// readKept gives what was kept; a file that cannot be read is as none.
func readKept(dir string) kept {
	k := kept{Preferences: Preferences{SingleKeys: true, NotifyConnected: true, NotifyBroken: true, NotifyDevices: true}}
	text, err := os.ReadFile(keptFile(dir))
	if err != nil {
		return k
	}
	read := k
	if json.Unmarshal(text, &read) != nil {
		return k
	}
	return read
}

// write replaces the file whole: after a stop in the middle the older one is there.
func (k kept) write(dir string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keeping what the screens prefer: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	half, err := os.CreateTemp(dir, "screens-*.json")
	if err != nil {
		return fmt.Errorf("keeping what the screens prefer: %w", err)
	}
	defer func() { _ = os.Remove(half.Name()) }() // it is gone when all went well
	if _, err = half.Write(text); err == nil {
		err = half.Sync()
	}
	if closing := half.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(half.Name(), keptFile(dir))
	}
	if err != nil {
		return fmt.Errorf("keeping what the screens prefer: %w", err)
	}
	return nil
}
