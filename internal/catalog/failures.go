package catalog

import "slices"

// Where the steps about Facebook are done.
const (
	businessManager  = "https://business.facebook.com/"
	businessSettings = "https://business.facebook.com/settings"
	businessSupport  = "https://business.facebook.com/business-support-home"
	facebookHome     = "https://www.facebook.com/"
)

// failureInfo is what is fixed about a failure. Its texts are in
// messages/en.toml: what clients read under failure.<code>, what the agency
// reads in the hub under for_agency.<code>.
type failureInfo struct {
	code     FailureCode
	row      string // of the failures' table; empty: none
	severity Severity
	fixedBy  Party
	recovery []RecoveryOption // the best first
	link     string           // where the steps are done; its label is a text
	blocks   bool             // an asset with this cannot be chosen
	fix      Fix              // what the hub offers; empty: FixCheck
	fixIf    []fixIf          // where the hub offers something else
	open     string           // the page of FixOpen
	count    func(Args) int   // what the plural forms of its texts count
	repairs  bool             // a client repairs it by connecting or sharing the same account again
}

type fixIf struct {
	condition string // of conditions
	fix       Fix
}

// failures lists every failure, in the order of the rows.
func failures() []failureInfo {
	return slices.Concat(
		linkFailures(), signInFailures(), businessFailures(), adAccountFailures(), sharingFailures(), byHandFailures(),
		errorPageFailures(), crmFailures(), adminFailures(), checkFailures(), agencySignInFailures(), endingFailures(),
	)
}

// connectIfOwn is for what the agency repairs by connecting its own account again.
func connectIfOwn() []fixIf { return []fixIf{{"own", FixConnect}} }

// linkFailures are about a link, and who opens it.
func linkFailures() []failureInfo {
	return []failureInfo{
		{
			code: LinkPreviewed, row: "F1", severity: SeverityInfo, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: LinkExpired, row: "F2", severity: SeverityInfo, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverAskLink},
		},
		{code: LinkWithdrawn, row: "F3", severity: SeverityInfo, fixedBy: Nobody},
		{code: LinkCompleted, row: "F4", severity: SeveritySuccess, fixedBy: Nobody},
		{
			code: LinkSuperseded, row: "F5", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverSendAgain, RecoverAskLink},
		},
		{
			code: OnAPhone, row: "F6", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverEmailLink, RecoverCopyLink},
		},
		{code: AlsoStarted, row: "F7", severity: SeverityInfo, fixedBy: Nobody, recovery: []RecoveryOption{RecoverContinue}},
		{
			code: WrongPerson, row: "F8", severity: SeverityWarning, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverSkip, RecoverRetry},
		},
		{code: SuspectsFraud, row: "F9", severity: SeverityInfo, fixedBy: You},
		{code: EmailUnconfirmed, row: "F10", severity: SeverityWarning, fixedBy: TheAgency},
	}
}

// signInFailures keep a sign-in from its result, whatever the platform.
func signInFailures() []failureInfo {
	return []failureInfo{
		{
			code: SignInCancelled, row: "F13", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{code: SignInTooLate, severity: SeverityInfo, fixedBy: You, recovery: []RecoveryOption{RecoverRetry, RecoverSkip}},
		{code: SignInElsewhere, severity: SeverityInfo, fixedBy: You, recovery: []RecoveryOption{RecoverRetry}},
		{code: CookiesBlocked, severity: SeverityWarning, fixedBy: You, recovery: []RecoveryOption{RecoverRetry}},
		{
			code: PermissionUnticked, repairs: true,
			severity: SeverityWarning, fixedBy: You, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: NotConfigured, severity: SeverityWarning, fixedBy: TheAgency, fix: FixNote,
			recovery: []RecoveryOption{RecoverByHand, RecoverSkip},
		},
		{
			code: Unexpected, severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{code: RequestPaused, severity: SeverityInfo, fixedBy: TheAgency},
		{code: SignedOutHere, severity: SeverityInfo, fixedBy: You, recovery: []RecoveryOption{RecoverRetry, RecoverSkip}},
		{
			code: SharingInterrupted, severity: SeverityWarning, fixedBy: You, fix: FixRequest,
			recovery: []RecoveryOption{RecoverRetry},
		},
	}
}

// businessFailures are about a Business Manager, its users and their rights.
func businessFailures() []failureInfo {
	return []failureInfo{
		{
			code: NotInBusinessManager, row: "F14", severity: SeverityError, fixedBy: You, blocks: true, fix: FixNote,
			recovery: []RecoveryOption{RecoverRetry, RecoverHandOver, RecoverCopyNote, RecoverSkip}, link: businessSettings,
		},
		{
			code: NoBusinessManager, row: "F15", severity: SeverityError, fixedBy: You, blocks: true, fix: FixNote,
			recovery: []RecoveryOption{RecoverRetry, RecoverHandOver, RecoverCopyNote, RecoverSkip}, link: businessManager,
		},
		{
			code: OtherOwner, row: "F16", severity: SeverityError, fixedBy: Colleague, blocks: true, fix: FixNote,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip}, link: businessSettings,
		},
		{
			code: PartialAccess, row: "F17", severity: SeverityError, fixedBy: Colleague, blocks: true, fix: FixRequest,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
			count:    func(a Args) int { return len(a.People) },
		},
		{
			code: NotBusinessAdmin, row: "F18", severity: SeverityError, fixedBy: Colleague, blocks: true, fix: FixRequest,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip}, link: businessSettings,
		},
		{
			code: NewPageAdmin, row: "F19", severity: SeverityWarning, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry},
		},
		{
			code: ApproveInBusiness, row: "F20", severity: SeverityWarning, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry, RecoverCopyNote}, link: businessSettings,
		},
		{
			code: ApprovedElsewhere, row: "F21", severity: SeverityWarning, fixedBy: You, fix: FixNote,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue, RecoverCopyNote}, link: businessSettings,
		},
		{
			code: BoxUnticked, row: "F22", severity: SeverityInfo, fixedBy: You, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue}, link: businessSettings,
		},
		{
			code: ListCut, row: "F23", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: WrongFacebookUser, row: "F24", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverHandOver, RecoverCopyNote, RecoverSkip}, link: facebookHome,
		},
		{
			code: TwoFactorNeeded, row: "F25", severity: SeverityWarning, fixedBy: You, fix: FixRequest,
			fixIf:    []fixIf{{"own", FixUsers}},
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip}, link: facebookHome,
		},
	}
}

// adAccountFailures are what an ad account lacks that can be shared.
func adAccountFailures() []failureInfo {
	return []failureInfo{
		{
			code: AccountRestricted, row: "F26", severity: SeverityWarning, fixedBy: You, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue, RecoverSkip}, link: businessSupport,
		},
		{
			code: AccountClosed, row: "F26", severity: SeverityWarning, fixedBy: You, fix: FixNote, // offered to nobody
			link: businessSettings,
		},
		{
			code: PaymentOverdue, row: "F26", severity: SeverityWarning, fixedBy: You, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue, RecoverSkip}, link: businessSettings,
		},
	}
}

// sharingFailures are Facebook's answers to sharing.
func sharingFailures() []failureInfo {
	return []failureInfo{
		{
			code: AgencySide, row: "F27", severity: SeverityWarning, fixedBy: TheAgency, fix: FixOpen, open: businessSettings,
			fixIf:    []fixIf{{"version_ended", FixNote}, {"app_refused", FixNote}, {"crm", FixNote}},
			recovery: []RecoveryOption{RecoverByHand, RecoverRetry, RecoverSkip},
		},
		{
			code: TemporarilyBlocked, row: "F28", severity: SeverityWarning, fixedBy: Platform,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: AppNotApproved, row: "F29", severity: SeverityWarning, fixedBy: TheAgency, fix: FixNote,
			recovery: []RecoveryOption{RecoverByHand, RecoverRetry, RecoverSkip},
		},
		{
			code: AlreadyShared, row: "F30", severity: SeveritySuccess, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: PartlyDone, row: "F31", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue}, count: func(a Args) int { return a.Waits },
		},
		{code: OnlyAdsAndPages, row: "F32", severity: SeverityInfo, fixedBy: TheAgency},
		{
			code: ManualShare, severity: SeverityWarning, fixedBy: You, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry, RecoverCopyNote}, link: businessSettings,
		},
	}
}

// errorPageFailures are what clients say that a platform's error page said.
func errorPageFailures() []failureInfo {
	ways := []RecoveryOption{RecoverRetry, RecoverSkip}
	return []failureInfo{
		{
			code: PageSaidUnavailable, row: "F29", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: append([]RecoveryOption{RecoverByHand}, ways...),
		},
		{
			code: PageSaidDenied, severity: SeverityWarning, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
		{code: PageSaidLater, row: "F48", severity: SeverityWarning, fixedBy: Platform, recovery: ways},
		{code: PageSaidOther, severity: SeverityWarning, fixedBy: You, recovery: ways},
	}
}

// crmFailures are about CRMs: users, addresses and keys.
func crmFailures() []failureInfo {
	return []failureInfo{
		{
			code: MayNotConnect, repairs: true,
			row: "F37", severity: SeverityError, fixedBy: Colleague, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
		{
			code: WhichAccount, row: "F38", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry},
		},
		{
			code: AddressOfApp, row: "F44", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: AddressNotHTTPS, row: "F44", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: AddressUnknown, row: "F44", severity: SeverityError, fixedBy: You, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: KeyRefused, repairs: true,
			row: "F45", severity: SeverityError, fixedBy: You, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{code: KeyIsPersonal, row: "F46", severity: SeverityInfo, fixedBy: You, recovery: []RecoveryOption{RecoverContinue}},
		{
			code: AccountRefreshed, row: "F47", severity: SeveritySuccess, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: PlatformDown, row: "F48", severity: SeverityWarning, fixedBy: Platform,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: PlatformBusy, severity: SeverityWarning, fixedBy: Platform,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: ProductNotInPlan, repairs: true,
			row: "F39", severity: SeverityWarning, fixedBy: TheAgency, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: FeatureNotGiven, row: "F39", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: KeySeesNothing, repairs: true,
			severity: SeverityError, fixedBy: Colleague, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverHandOver, RecoverRetry, RecoverSkip},
		},
		{
			code: AccountUnpaid, row: "F45", severity: SeverityError, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
	}
}

// adminFailures are about picked files, and what the client's own admin has to do.
func adminFailures() []failureInfo {
	return []failureInfo{
		{
			code: NothingPicked, row: "F36", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverHandOver, RecoverCopyNote, RecoverSkip},
		},
		{
			code: LeftOut, row: "F36", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue, RecoverSkip},
		},
		{code: TooManyPicked, severity: SeverityInfo, fixedBy: You, recovery: []RecoveryOption{RecoverRetry, RecoverSkip}},
		{
			code: InTrash, row: "F53", severity: SeverityError, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote},
		},
		{
			code: AdminMustInstall, repairs: true,
			row: "F41", severity: SeverityError, fixedBy: Colleague, fix: FixRequest,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
		{
			code: AdminMustApprove, repairs: true,
			row: "F41", severity: SeverityError, fixedBy: Colleague, fix: FixRequest,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
		{
			code: SignInAddressOfApp, row: "F42", severity: SeverityError, fixedBy: You, fix: FixRequest,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInAddressUnknown, row: "F42", severity: SeverityError, fixedBy: You, fix: FixRequest,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: NoAPIAccess, repairs: true, row: "F43", severity: SeverityError, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
	}
}

// checkFailures are found later, by the agency's own checks.
func checkFailures() []failureInfo {
	return []failureInfo{
		{
			code: OtherAccount, severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote},
		},
		{
			code: CredentialLost, severity: SeverityWarning, fixedBy: TheAgency, repairs: true,
			recovery: []RecoveryOption{RecoverRetry},
		},
		{
			code: UserInactive, repairs: true,
			row: "F55", severity: SeverityError, fixedBy: Colleague, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry, RecoverHandOver, RecoverCopyNote, RecoverSkip},
		},
		{
			code: CredentialRefused, repairs: true,
			row: "F51", severity: SeverityError, fixedBy: Colleague, fix: FixRequest,
			fixIf:    connectIfOwn(),
			recovery: []RecoveryOption{RecoverRetry},
		},
		{
			code: ShareRemoved, repairs: true,
			row: "F53", severity: SeverityError, fixedBy: Colleague, fix: FixRequest,
			fixIf:    []fixIf{{"sheet", FixRequest}, {"own", FixCheck}},
			recovery: []RecoveryOption{RecoverRetry},
		},
		{
			code: LevelLowered, repairs: true,
			row: "F54", severity: SeverityError, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverRetry}, link: businessSettings,
		},
		{
			code: AgencyAccepts, severity: SeverityWarning, fixedBy: TheAgency, fix: FixOpen, open: businessSettings,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: NotAssigned, severity: SeverityWarning, fixedBy: TheAgency, fix: FixOpen, open: businessSettings,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: SessionLimited, repairs: true,
			row: "F51", severity: SeverityError, fixedBy: Colleague, fix: FixRequest,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote},
		},
		{
			code: RoleTooLow, repairs: true,
			row: "F40", severity: SeverityError, fixedBy: Colleague, fix: FixRequest, fixIf: connectIfOwn(),
			recovery: []RecoveryOption{RecoverHandOver, RecoverCopyNote, RecoverRetry, RecoverSkip},
		},
	}
}

// endingFailures are what is left when the agency ends an access.
func endingFailures() []failureInfo {
	return []failureInfo{
		{
			code: WithdrawByHand, severity: SeverityInfo, fixedBy: Colleague, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: GrantShared, severity: SeverityInfo, fixedBy: TheAgency, fix: FixNote,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: NeverArrived, severity: SeverityInfo, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
	}
}

// agencySignInFailures are found by a check, too: the sign-in of the agency's own user ended.
func agencySignInFailures() []failureInfo {
	return []failureInfo{
		{
			code: SessionEnded, severity: SeverityWarning, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInEnded, row: "F49", severity: SeverityError, fixedBy: TheAgency, fix: FixUsers,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInExpired, row: "F50", severity: SeverityError, fixedBy: TheAgency, fix: FixUsers,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: AppRemoved, row: "F55", severity: SeverityError, fixedBy: TheAgency, fix: FixUsers,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SecurityCheck, row: "F49", severity: SeverityError, fixedBy: TheAgency, fix: FixUsers,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip}, link: facebookHome,
		},
	}
}
