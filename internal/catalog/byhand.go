package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// byHandFailures are about what a client named and shares without a sign-in.
func byHandFailures() []failureInfo {
	return []failureInfo{
		{
			code: NamedByClient, severity: SeverityWarning, fixedBy: You, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue}, link: businessSettings,
		},
		{
			code: NamedUnclear, severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
		},
	}
}

// WhyNotConnected is why an item failed or waits. What was shared by hand waits for the
// agency where its check has found something.
func WhyNotConnected(i onboarding.Item) FailureCode {
	found := FailureCode(i.Access.Failure)
	if i.State == onboarding.ItemWaiting && (found == NamedUnclear || found == NotAssigned) {
		return found
	}
	return FailureCode(i.Failure)
}
