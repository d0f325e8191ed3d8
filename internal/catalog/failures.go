package catalog

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
}

type fixIf struct {
	condition string // of conditions
	fix       Fix
}

// failures lists every failure, in the order of the rows.
func failures() []failureInfo {
	own := []fixIf{{"own", FixConnect}}
	return []failureInfo{
		{
			code: LinkPreviewed, row: "F1", severity: SeverityInfo, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: LinkExpired, row: "F2", severity: SeverityInfo, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverCopyNote},
		},
		{
			code: LinkWithdrawn, row: "F3", severity: SeverityInfo, fixedBy: Nobody,
		},
		{
			code: LinkCompleted, row: "F4", severity: SeveritySuccess, fixedBy: Nobody,
		},
		{
			code: LinkSuperseded, row: "F5", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverCopyNote},
		},
		{
			code: OnAPhone, row: "F6", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverCopyNote},
		},
		{
			code: AlsoStarted, row: "F7", severity: SeverityInfo, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: WrongPerson, row: "F8", severity: SeverityWarning, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverSkip, RecoverRetry},
		},
		{
			code: SuspectsFraud, row: "F9", severity: SeverityInfo, fixedBy: You,
		},
		{
			code: EmailUnconfirmed, row: "F10", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry},
		},
		{
			code: SignInCancelled, row: "F13", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInTooLate, severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInElsewhere, severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry},
		},
		{
			code: PermissionUnticked, severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: NotConfigured, severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverSkip},
			fix:      FixNote,
		},
		{
			code: Unexpected, severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: RequestPaused, severity: SeverityInfo, fixedBy: TheAgency,
		},
		{
			code: SignedOutHere, severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SharingInterrupted, severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry},
			fix:      FixRequest,
		},
		{
			code: NotInBusinessManager, row: "F14", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote, RecoverSkip},
			link:     businessSettings, blocks: true,
			fix: FixNote,
		},
		{
			code: NoBusinessManager, row: "F15", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote, RecoverSkip},
			link:     businessManager, blocks: true,
			fix: FixNote,
		},
		{
			code: OtherOwner, row: "F16", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			link:     businessSettings, blocks: true,
			fix: FixNote,
		},
		{
			code: PartialAccess, row: "F17", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			blocks:   true,
			fix:      FixRequest,
			count:    func(a Args) int { return len(a.People) },
		},
		{
			code: NotBusinessAdmin, row: "F18", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			link:     businessSettings, blocks: true,
			fix: FixRequest,
		},
		{
			code: NewPageAdmin, row: "F19", severity: SeverityWarning, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: ApproveInBusiness, row: "F20", severity: SeverityWarning, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry, RecoverCopyNote},
			link:     businessSettings,
			fix:      FixNote,
		},
		{
			code: ApprovedElsewhere, row: "F21", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue, RecoverCopyNote},
			link:     businessSettings,
			fix:      FixNote,
		},
		{
			code: BoxUnticked, row: "F22", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: ListCut, row: "F23", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: WrongFacebookUser, row: "F24", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote, RecoverSkip},
			link:     facebookHome,
		},
		{
			code: TwoFactorNeeded, row: "F25", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			link:     facebookHome,
			fix:      FixRequest,
		},
		{
			code: AccountRestricted, row: "F26", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverContinue, RecoverSkip},
			link:     businessSupport,
			fix:      FixNote,
		},
		{
			code: AgencySide, row: "F27", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixOpen, open: businessSettings, fixIf: []fixIf{{"version_ended", FixNote}, {"crm", FixNote}},
		},
		{
			code: TemporarilyBlocked, row: "F28", severity: SeverityWarning, fixedBy: Platform,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: AppNotApproved, row: "F29", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixNote,
		},
		{
			code: AlreadyShared, row: "F30", severity: SeveritySuccess, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: PartlyDone, row: "F31", severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverContinue, RecoverSkip},
			count:    func(a Args) int { return a.Waits },
		},
		{
			code: OnlyAdsAndPages, row: "F32", severity: SeverityInfo, fixedBy: TheAgency,
		},
		{
			code: ManualShare, severity: SeverityWarning, fixedBy: You,
			recovery: []RecoveryOption{RecoverContinue, RecoverRetry, RecoverCopyNote},
			link:     businessSettings,
			fix:      FixNote,
		},
		{
			code: MayNotConnect, row: "F37", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
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
			code: AddressUnknown, row: "F44", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: KeyRefused, row: "F45", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: KeyIsPersonal, row: "F46", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverContinue},
		},
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
			code: ProductNotInPlan, row: "F39", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: FeatureNotGiven, row: "F39", severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
		},
		{
			code: KeySeesNothing, severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: NothingPicked, row: "F36", severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote, RecoverSkip},
		},
		{
			code: TooManyPicked, severity: SeverityInfo, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: InTrash, row: "F53", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote},
			fix:      FixNote,
		},
		{
			code: AdminMustInstall, row: "F41", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			fix:      FixRequest,
		},
		{
			code: AdminMustApprove, row: "F41", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			fix:      FixRequest,
		},
		{
			code: SignInAddressOfApp, row: "F42", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest,
		},
		{
			code: SignInAddressUnknown, row: "F42", severity: SeverityError, fixedBy: You,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixRequest,
		},
		{
			code: NoAPIAccess, row: "F43", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			fix:      FixNote,
		},
		{
			code: UserInactive, row: "F55", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: SessionEnded, severity: SeverityWarning, fixedBy: Nobody,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
		},
		{
			code: SignInEnded, row: "F49", severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixUsers,
		},
		{
			code: SignInExpired, row: "F50", severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixUsers,
		},
		{
			code: AppRemoved, row: "F55", severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			fix:      FixUsers,
		},
		{
			code: SecurityCheck, row: "F49", severity: SeverityError, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverRetry, RecoverSkip},
			link:     facebookHome,
			fix:      FixUsers,
		},
		{
			code: CredentialRefused, row: "F51", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: ShareRemoved, row: "F53", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry},
			fix:      FixRequest, fixIf: []fixIf{{"sheet", FixRequest}, {"own", FixCheck}},
		},
		{
			code: LevelLowered, row: "F54", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry},
			link:     businessSettings,
			fix:      FixNote,
		},
		{
			code: AgencyAccepts, severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
			fix:      FixOpen, open: businessSettings,
		},
		{
			code: NotAssigned, severity: SeverityWarning, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
			fix:      FixOpen, open: businessSettings,
		},
		{
			code: SessionLimited, row: "F51", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverRetry, RecoverCopyNote},
			fix:      FixRequest,
		},
		{
			code: RoleTooLow, row: "F40", severity: SeverityError, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverCopyNote, RecoverRetry, RecoverSkip},
			fix:      FixRequest, fixIf: own,
		},
		{
			code: WithdrawByHand, severity: SeverityInfo, fixedBy: Colleague,
			recovery: []RecoveryOption{RecoverContinue},
			fix:      FixNote,
		},
		{
			code: GrantShared, severity: SeverityInfo, fixedBy: TheAgency,
			recovery: []RecoveryOption{RecoverContinue},
			fix:      FixNote,
		},
	}
}
