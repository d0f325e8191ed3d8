package desktop

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// uiState survives restarts: the window's bounds, the user's preferences, and
// the draft of a request. It holds no secret.
type uiState struct {
	Bounds      window.Bounds      `json:"bounds"`
	Preferences Preferences        `json:"preferences"`
	Draft       outbox.RequestForm `json:"draft"`
}

// Preferences are the user's preferences on this computer.
type Preferences struct {
	Compact         bool `json:"compact"`
	SingleKeys      bool `json:"single_keys"`
	NotifyConnected bool `json:"notify_connected"`
	NotifyClients   bool `json:"notify_clients"`
	NotifyBroken    bool `json:"notify_broken"`
	NotifyDevices   bool `json:"notify_devices"`
	HideFirstSteps  bool `json:"hide_first_steps"`
}

func uiStateFile(dir string) string { return filepath.Join(dir, "ui-state.json") }

// loadUIState returns an empty state if the file is unreadable.
func loadUIState(dir string) uiState {
	s := uiState{Preferences: Preferences{
		SingleKeys: true, NotifyConnected: true, NotifyClients: true, NotifyBroken: true, NotifyDevices: true,
	}}
	text, err := os.ReadFile(uiStateFile(dir))
	if err != nil {
		return s
	}
	read := s
	if json.Unmarshal(text, &read) != nil {
		return s
	}
	return read
}

// save replaces the file atomically: a crash leaves the older one.
func (s uiState) save(dir string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("storing the state of the screens: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	temp, err := os.CreateTemp(dir, "ui-state-*.json")
	if err != nil {
		return fmt.Errorf("storing the state of the screens: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // fails after the rename, which is fine
	if _, err = temp.Write(text); err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), uiStateFile(dir))
	}
	if err != nil {
		return fmt.Errorf("storing the state of the screens: %w", err)
	}
	return nil
}
