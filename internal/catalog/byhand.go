package catalog

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
