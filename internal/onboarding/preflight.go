package onboarding

// PreflightCheck is one thing that has to be so before a request is sent.
type PreflightCheck string

// The checks, in the order of lists.
const (
	PreflightAdmin    PreflightCheck = "admin"    // the request's Facebook user is an admin of its Business Manager
	PreflightSignIn   PreflightCheck = "sign_in"  // the user's sign-in is valid for as long as the link
	PreflightPlatform PreflightCheck = "platform" // of each service: it is set up, and its platform answers
	PreflightMail     PreflightCheck = "mail"     // emails can be sent
	PreflightAddress  PreflightCheck = "address"  // the relay answers at the address in the link
	PreflightDevice   PreflightCheck = "device"   // a device can receive what the client shares
)

// PreflightChecks lists the checks in the order of lists.
func PreflightChecks() []PreflightCheck {
	return []PreflightCheck{
		PreflightAdmin, PreflightSignIn, PreflightPlatform, PreflightMail, PreflightAddress, PreflightDevice,
	}
}

// PreflightState is the result of a check.
type PreflightState string

// With PreflightStop the invitation would lead nowhere. PreflightUnknown means that
// the check could not be made now.
const (
	PreflightOK      PreflightState = "ok"
	PreflightUnknown PreflightState = "unknown"
	PreflightWarning PreflightState = "warning"
	PreflightStop    PreflightState = "stop"
)

// PreflightReason is why a check is not PreflightOK. The screens have a sentence for
// each, and a way to mend it.
type PreflightReason string

// The reasons, by the check that they belong to.
const (
	ReasonNotAdmin    PreflightReason = "not_admin"    // the user has another role now
	ReasonNoBusiness  PreflightReason = "no_business"  // the user is no longer in the Business Manager
	ReasonRoleUnknown PreflightReason = "role_unknown" // the platform does not tell the role
	ReasonElsewhere   PreflightReason = "elsewhere"    // only another computer can ask the platform
	ReasonKeychain    PreflightReason = "keychain"     // this computer can, once its keychain opens

	ReasonSignInEnded PreflightReason = "sign_in_ended"
	ReasonSignInEnds  PreflightReason = "sign_in_ends" // before the link does
	ReasonNoUser      PreflightReason = "no_user"      // by hand, and nobody here can look what arrives

	ReasonNotOffered   PreflightReason = "not_offered"   // the relay's operator has not set it up
	ReasonAppBroken    PreflightReason = "app_broken"    // a hub found that the relay's app does not work
	ReasonPlatformDown PreflightReason = "platform_down" // it does not answer now

	ReasonNoMail   PreflightReason = "no_mail"   // the relay has no mail server
	ReasonMailDown PreflightReason = "mail_down" // the mail server does not take anything now: emails wait

	ReasonUnreachable PreflightReason = "unreachable" // nothing answers at the address
	ReasonOtherRelay  PreflightReason = "other_relay" // something else answers there
	ReasonCertificate PreflightReason = "certificate" // this computer does not get the relay's own certificate

	ReasonNoDevice PreflightReason = "no_device"
	ReasonRestored PreflightReason = "restored" // nothing is received until a main user has confirmed the backup

	ReasonOffline PreflightReason = "offline" // the relay cannot be asked now
)

// PreflightLine is the result of one check.
type PreflightLine struct {
	Check   PreflightCheck  `json:"check"`
	State   PreflightState  `json:"state"`
	Reason  PreflightReason `json:"reason,omitempty"`  // empty: PreflightOK
	Service Service         `json:"service,omitempty"` // of PreflightPlatform
	Detail  string          `json:"detail,omitempty"`  // what a server replied, for whoever mends it
}

// IsChangeable reports whether what a request asks for can still be changed: nobody was
// sent it, and nobody has opened its link.
func (r Request) IsChangeable() bool { return len(r.Recipients) == 0 && r.Opened == 0 }
