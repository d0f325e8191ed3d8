package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"
)

// MailStep is a moment of an SMTP session at which the server can fall
// silent.
type MailStep string

// The steps in the order in which a sender meets them. StepEnd is after the
// email is kept and before it is acknowledged.
const (
	StepGreeting  MailStep = "greeting"
	StepHello     MailStep = "hello"
	StepSender    MailStep = "sender"
	StepRecipient MailStep = "recipient"
	StepData      MailStep = "data"
	StepEnd       MailStep = "end"
)

// MailSteps lists the steps in their order.
func MailSteps() []MailStep {
	return []MailStep{StepGreeting, StepHello, StepSender, StepRecipient, StepData, StepEnd}
}

// MailFaults is what the mail server does wrong. The zero value is a server
// in order, which still refuses every address at bounce.example and every
// one with "unavailable" in it, as a real one refuses mailboxes it lacks.
type MailFaults struct {
	// Down closes every connection without a word.
	Down bool `json:"down"`
	// Refuse names further addresses, or whole domains, that are answered 550.
	Refuse []string `json:"refuse"`
	// Greylist is how often each address is answered 451 before it is taken.
	Greylist int `json:"greylist"`
	// Stall is the step at which the server falls silent until this changes.
	Stall MailStep `json:"stall"`
	// CutAfterData is for how many more emails the line is cut after the
	// email is kept and before its sender hears so. It counts down.
	CutAfterData int `json:"cut_after_data"`
}

// Any reports whether something is switched on.
func (f MailFaults) Any() bool {
	return f.Down || len(f.Refuse) > 0 || f.Greylist > 0 || f.Stall != "" || f.CutAfterData > 0
}

// MailCounts is what became of the emails since the server started.
type MailCounts struct {
	// Accepted are the emails kept, Cut those among them whose sender may
	// not have heard so (the line was cut, or it fell silent): each may have
	// one twin, and no other email may.
	Accepted int `json:"accepted"`
	Cut      int `json:"cut"`
	// Refused and Deferred count answers to recipients: 550 and 451.
	Refused  int `json:"refused"`
	Deferred int `json:"deferred"`
}

// Faults answers what is switched on now.
func (m *Mail) Faults() MailFaults {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.faults
	f.Refuse = append([]string{}, f.Refuse...) // never nil: in JSON it is a list
	return f
}

// Counts answers what became of the emails.
func (m *Mail) Counts() MailCounts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts
}

// SetFaults replaces everything that is switched on. Whoever is stalled at a
// step that is no longer named goes on; the greylist is emptied.
func (m *Mail) SetFaults(f MailFaults) error {
	if f.Stall != "" && !slices.Contains(MailSteps(), f.Stall) {
		return fmt.Errorf("setting mail faults: no step %q", f.Stall)
	}
	if f.Greylist < 0 || f.CutAfterData < 0 {
		return fmt.Errorf("setting mail faults: a count below zero")
	}
	refuse := make([]string, 0, len(f.Refuse))
	for _, address := range f.Refuse {
		if address = strings.ToLower(strings.TrimSpace(address)); address != "" {
			refuse = append(refuse, address)
		}
	}
	f.Refuse = refuse
	m.replaceFaults(f)
	return nil
}

func (m *Mail) clearFaults() { m.replaceFaults(MailFaults{}) }

func (m *Mail) replaceFaults(f MailFaults) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = f
	clear(m.tries)
	close(m.changed)
	m.changed = make(chan struct{})
}

// pause holds a SMTP session while it is stalled at step.
func (m *Mail) pause(step MailStep) {
	for {
		m.mu.Lock()
		stalled, changed := m.faults.Stall == step, m.changed
		m.mu.Unlock()
		if !stalled {
			return
		}
		select {
		case <-changed:
		case <-m.done:
			return
		}
	}
}

// checkFault answers what the server has against a recipient, or nil.
func (m *Mail) checkFault(address string) *smtp.SMTPError {
	address = strings.ToLower(address)
	m.mu.Lock()
	defer m.mu.Unlock()
	if refused(address, m.faults.Refuse) {
		m.counts.Refused++
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "mailbox unavailable"}
	}
	if m.tries[address] < m.faults.Greylist {
		m.tries[address]++
		m.counts.Deferred++
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, try again later"}
	}
	return nil
}

func refused(address string, also []string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return domain == "bounce.example" || strings.Contains(address, "unavailable") ||
		slices.Contains(also, address) || slices.Contains(also, domain)
}

// noteRefusal puts the refusal on the store, so that the mailbox can show it.
func (m *Mail) noteRefusal(sender, to string, answer *smtp.SMTPError) {
	status := answer.EnhancedCode
	err := m.store.add(storedMessage{ReceivedAt: m.now(), Sender: sender, To: []string{to}, Code: answer.Code,
		Status: fmt.Sprintf("%d.%d.%d", status[0], status[1], status[2]), Words: answer.Message})
	if err != nil {
		m.log.Error("noting a refusal", "error", err) // the sender has its answer all the same
	}
}

// countAccepted counts a stored email and reports whether its line is to be cut.
func (m *Mail) countAccepted() (cut bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.Accepted++
	if m.faults.CutAfterData > 0 {
		m.faults.CutAfterData--
		m.counts.Cut++
		return true
	}
	if m.faults.Stall == StepEnd {
		m.counts.Cut++
	}
	return false
}
