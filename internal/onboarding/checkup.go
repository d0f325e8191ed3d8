package onboarding

// CheckupCheck is one thing that whoever runs a relay has to look after.
type CheckupCheck string

// The checks, in the order of lists.
const (
	CheckupDatabase CheckupCheck = "database" // it answers, and is sound
	CheckupKeyFile  CheckupCheck = "key_file" // it is there, and only the relay can read it
	CheckupDisk     CheckupCheck = "disk"     // there is space left
	CheckupBackup   CheckupCheck = "backup"   // there is one of the last days
	CheckupClock    CheckupCheck = "clock"    // it is right
	CheckupMail     CheckupCheck = "mail"     // the mail server takes emails
	CheckupSender   CheckupCheck = "sender"   // the sender's domain says who may send in its name
	CheckupApp      CheckupCheck = "app"      // of each service: the platform knows the relay's app
)

// CheckupChecks lists the checks in the order of lists.
func CheckupChecks() []CheckupCheck {
	return []CheckupCheck{
		CheckupDatabase, CheckupKeyFile, CheckupDisk, CheckupBackup, CheckupClock, CheckupMail, CheckupSender, CheckupApp,
	}
}

// CheckupState is the result of a check.
type CheckupState string

// With CheckupWarning it works, and needs care. CheckupUnknown means that the relay could
// not find out.
const (
	CheckupOK      CheckupState = "ok"
	CheckupUnknown CheckupState = "unknown"
	CheckupWarning CheckupState = "warning"
	CheckupFailed  CheckupState = "failed"
)

// CheckupLine is the result of one check, for an agency: without names of hosts, paths or
// what a server replied.
type CheckupLine struct {
	Check   CheckupCheck `json:"check"`
	Service Service      `json:"service,omitempty"` // of CheckupApp
	State   CheckupState `json:"state"`
}
