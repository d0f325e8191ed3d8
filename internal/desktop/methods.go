package desktop

import (
	"context"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// methods lists every method for the screens. A method has at most one params
// struct, which is plain data.
func (a *App) methods() []bridge.Bound {
	hubMethods := slices.Concat(
		requestMethods(), outboxMethods(), accountMethods(), connectionMethods(), agencyMethods(), teamMethods(),
		webhookMethods(), domainMethods(), offboardingMethods(), repairMethods(),
		arrivalMethods(),
	)
	own := slices.Concat(appMethods(), reportMethods())
	return append(bridge.Bind(a.currentHub, hubMethods), bridge.Bind(a.opened, own)...)
}

// requestMethods read requests and what happened to them.
func requestMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("totals", func(ctx context.Context, h *hub.Hub, _ bridge.None) (replica.Totals, error) {
			return h.Totals(ctx)
		}),
		bridge.Query("requests", func(ctx context.Context, h *hub.Hub, p replica.ListParams) (replica.RequestPage, error) {
			return h.Replica.Requests(ctx, p)
		}),
		bridge.Query("countRequests", func(ctx context.Context, h *hub.Hub, p replica.ListParams) (int, error) {
			return h.Replica.CountRequests(ctx, p)
		}),
		bridge.Query("request", func(ctx context.Context, h *hub.Hub, p IDParams) (replica.RequestDetails, error) {
			return h.Replica.Request(ctx, p.ID)
		}),
		bridge.Query("history", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.AuditView, error) {
			return h.Audit.Verify(ctx, p.ID)
		}),
		bridge.Command("acceptHistory", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.AuditView, error) {
			return h.Audit.Accept(ctx, p.ID)
		}),
		bridge.Query("search", func(ctx context.Context, h *hub.Hub, p SearchParams) (replica.SearchResult, error) {
			return h.Replica.Search(ctx, p.Text)
		}),
		bridge.Query("todos", func(ctx context.Context, h *hub.Hub, p LimitParams) ([]hub.Todo, error) {
			return h.Todos(ctx, p.Limit)
		}),
		bridge.Query("recent", func(ctx context.Context, h *hub.Hub, p LimitParams) ([]replica.EventRow, error) {
			return h.Replica.Recent(ctx, 0, p.Limit)
		}),
		bridge.Query("days", func(ctx context.Context, h *hub.Hub, p DaysParams) ([]replica.Day, error) {
			return h.Replica.Days(ctx, p.Bounds)
		}),
		bridge.Query("outbox", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]replica.EntryRow, error) {
			return h.Replica.Outbox(ctx)
		}),
	}
}

// outboxMethods change requests, and check what a change would need. The outbox delivers the changes to the relay.
func outboxMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Command("saveRequest", func(ctx context.Context, h *hub.Hub, p outbox.RequestForm) (string, error) {
			return h.Outbox.SaveRequest(ctx, p)
		}),
		bridge.CommandNoResult("editRequest", func(ctx context.Context, h *hub.Hub, p outbox.RequestForm) error {
			return h.Outbox.EditRequest(ctx, p)
		}),
		bridge.Query("readRecipients", func(
			ctx context.Context, h *hub.Hub, p outbox.RecipientsParams,
		) ([]outbox.TypedRecipient, error) {
			return h.Outbox.ReadRecipients(ctx, p)
		}),
		bridge.CommandNoResult("send", func(ctx context.Context, h *hub.Hub, p SendParams) error {
			return h.Outbox.Send(ctx, p.ID, p.Addresses)
		}),
		bridge.Query("preflight", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.PreflightView, error) {
			return h.Preflight.Run(ctx, p.ID)
		}),
		bridge.Command("resend", func(ctx context.Context, h *hub.Hub, p ResendParams) (outbox.ResendResult, error) {
			return h.Outbox.Resend(ctx, p.ID, p.Recipients)
		}),
		bridge.CommandNoResult("renew", func(ctx context.Context, h *hub.Hub, p NewLinkParams) error {
			return h.Outbox.Renew(ctx, p.ID, p.Send)
		}),
		bridge.CommandNoResult("reopen", func(ctx context.Context, h *hub.Hub, p NewLinkParams) error {
			return h.Outbox.Reopen(ctx, p.ID, p.Send)
		}),
		bridge.CommandNoResult("setReminders", func(ctx context.Context, h *hub.Hub, p RemindersParams) error {
			return h.Outbox.SetReminders(ctx, p.ID, p.Days)
		}),
		bridge.CommandNoResult("withdraw", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Outbox.Withdraw(ctx, p.ID)
		}),
		bridge.CommandNoResult("archive", func(ctx context.Context, h *hub.Hub, p ArchiveParams) error {
			return h.Outbox.Archive(ctx, p.ID, p.On)
		}),
		bridge.CommandNoResult("deleteClient", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Outbox.DeleteClient(ctx, p.ID)
		}),
		bridge.CommandNoResult("retryEntry", func(ctx context.Context, h *hub.Hub, p EntryParams) error {
			return h.Outbox.RetryEntry(ctx, p.Seq)
		}),
		bridge.CommandNoResult("discardEntry", func(ctx context.Context, h *hub.Hub, p EntryParams) error {
			return h.Outbox.DiscardEntry(ctx, p.Seq)
		}),
		bridge.CommandNoResult("dismissLost", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Replica.DismissLost(ctx, p.ID)
		}),
		bridge.CommandNoResult("sync", func(ctx context.Context, h *hub.Hub, _ bridge.None) error {
			return h.Sync(ctx)
		}),
	}
}

// accountMethods are for what clients shared and for the agency's own accounts.
func accountMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("accounts", func(
			ctx context.Context, h *hub.Hub, p replica.AccountsParams,
		) (replica.AccountPage, error) {
			return h.Replica.Accounts(ctx, p)
		}),
		bridge.Query("countAccounts", func(ctx context.Context, h *hub.Hub, p replica.AccountsParams) (int, error) {
			return h.Replica.CountAccounts(ctx, p)
		}),
		bridge.Query("item", func(ctx context.Context, h *hub.Hub, p IDParams) (replica.ItemRow, error) {
			return h.Replica.Item(ctx, p.ID)
		}),
		bridge.Query("causes", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]replica.CauseView, error) {
			return h.Replica.Causes(ctx)
		}),
		bridge.CommandNoResult("checkNow", func(ctx context.Context, h *hub.Hub, p CheckParams) error {
			return h.Checks.CheckNow(ctx, p.Items...)
		}),
		bridge.Query("campaigns", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]replica.Campaign, error) {
			return h.Replica.Campaigns(ctx)
		}),

		bridge.Command("createCampaign", func(
			ctx context.Context, h *hub.Hub, p checks.CampaignForm,
		) (replica.Campaign, error) {
			return h.Checks.CreateCampaign(ctx, p)
		}),
		bridge.Query("planEnding", func(ctx context.Context, h *hub.Hub, p IDParams) (checks.EndingView, error) {
			return h.Checks.PlanEnding(ctx, p.ID)
		}),
		bridge.Command("endAccess", func(ctx context.Context, h *hub.Hub, p IDParams) (checks.EndingResult, error) {
			return h.Checks.EndAccess(ctx, p.ID)
		}),
		bridge.Command("endWithout", func(ctx context.Context, h *hub.Hub, p IDParams) (checks.EndingResult, error) {
			return h.Checks.EndWithout(ctx, p.ID)
		}),
		bridge.CommandNoResult("removeAccount", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Credentials.RemoveAccount(ctx, p.ID)
		}),
		bridge.Command("connectKey", func(ctx context.Context, h *hub.Hub, p ConnectKeyParams) (replica.ItemRow, error) {
			return connectKey(ctx, h, p)
		}),
		bridge.Query("suggestAddress", func(ctx context.Context, h *hub.Hub, p AddressParams) (string, error) {
			return suggestAddress(ctx, h, p)
		}),
	}
}

// connectionMethods are for the agency's own users at platforms.
func connectionMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("connections", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]ConnectionView, error) {
			return connections(ctx, h)
		}),
		bridge.Query("waitConnection", func(ctx context.Context, h *hub.Hub, p IDParams) (ConnectionView, error) {
			return waitConnection(ctx, h, p.ID)
		}),
		bridge.Query("waitAccount", func(ctx context.Context, h *hub.Hub, p IDParams) (ConnectedAccount, error) {
			return waitAccount(ctx, h, p.ID)
		}),
		bridge.CommandNoResult("cancelConnection", func(_ context.Context, h *hub.Hub, p IDParams) error {
			return cancelConnection(h, p.ID)
		}),
		bridge.CommandNoResult("endConnection", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.EndConnection(ctx, p.ID)
		}),
		bridge.Query("ownAssets", func(ctx context.Context, h *hub.Hub, p IDParams) (credentials.OwnAssetList, error) {
			return h.Credentials.OwnAssets(ctx, p.ID)
		}),
		bridge.CommandNoResult("pickAssets", func(ctx context.Context, h *hub.Hub, p PickParams) error {
			return h.Credentials.PickAssets(ctx, p.ID, p.Accounts)
		}),
	}
}

// agencyMethods are for the agency: its relay, brand and settings.
func agencyMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("findRelay", func(ctx context.Context, h *hub.Hub, p FindRelayParams) (hub.RelayProbe, error) {
			return h.FindRelay(ctx, p.Address)
		}),
		bridge.Query("relay", func(ctx context.Context, h *hub.Hub, _ bridge.None) (RelayView, error) {
			return relay(ctx, h)
		}),
		bridge.Query("colours", func(_ context.Context, _ *hub.Hub, p ColourParams) (ColoursView, error) {
			return colours(p.Colour)
		}),
		bridge.CommandNoResult("saveBrand", func(ctx context.Context, h *hub.Hub, p BrandForm) error {
			return saveBrand(ctx, h, p)
		}),
		bridge.CommandNoResult("switchBrand", func(ctx context.Context, h *hub.Hub, p SwitchParams) error {
			return h.Outbox.SwitchBrand(ctx, p.On)
		}),
		bridge.CommandNoResult("shareRequests", func(ctx context.Context, h *hub.Hub, p SwitchParams) error {
			return h.Outbox.ShareRequests(ctx, p.On)
		}),
		bridge.CommandNoResult("checkAddress", func(_ context.Context, _ *hub.Hub, p ReplyToParams) error {
			_, err := onboarding.ValidateTypedAddress("address", p.Address)
			return err
		}),
		bridge.CommandNoResult("proposeReplyTo", func(ctx context.Context, h *hub.Hub, p ReplyToParams) error {
			return h.ProposeReplyTo(ctx, p.Address)
		}),
		bridge.Query("news", func(ctx context.Context, h *hub.Hub, _ bridge.None) (onboarding.NewsSettings, error) {
			return h.News.Read(ctx)
		}),
		bridge.CommandNoResult("chooseNews", func(ctx context.Context, h *hub.Hub, p onboarding.NewsChoice) error {
			return h.News.Choose(ctx, p)
		}),
		bridge.CommandNoResult("confirmReplyTo", func(ctx context.Context, h *hub.Hub, p ConfirmParams) error {
			return h.ConfirmReplyTo(ctx, onboarding.NewSecret(p.Code))
		}),
	}
}

// teamMethods are for the agency's members, their codes and devices.
func teamMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("members", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]onboarding.Member, error) {
			return h.Replica.Members(ctx)
		}),
		bridge.Query("devices", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]wire.DeviceView, error) {
			return h.Credentials.Devices(ctx)
		}),
		bridge.Query("deviceCredentials", func(ctx context.Context, h *hub.Hub, p IDParams) (credentials.DeviceCredentials,
			error) {
			return h.Credentials.DeviceCredentials(ctx, p.ID)
		}),
		bridge.Query("pendingDevices", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]credentials.PendingDevice,
			error) {
			return h.Credentials.PendingDevices(ctx)
		}),
		bridge.Command("inviteMember", func(ctx context.Context, h *hub.Hub, p InviteParams) (CodeView, error) {
			return codeView(h.InviteMember(ctx, p.Name, p.Email, p.Role))
		}),
		bridge.CommandNoResult("changeMember", func(ctx context.Context, h *hub.Hub, p MemberParams) error {
			return h.ChangeMember(ctx, p.ID, p.Name, p.Role)
		}),
		bridge.CommandNoResult("removeMember", func(ctx context.Context, h *hub.Hub, p RemoveMemberParams) error {
			return h.RemoveMember(ctx, p.ID, p.Successor)
		}),
		bridge.Command("issueCode", func(ctx context.Context, h *hub.Hub, p IssueCodeParams) (CodeView, error) {
			return codeView(h.IssueCode(ctx, p.Member))
		}),
		bridge.Query("openCodes", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]wire.OpenCode, error) {
			return h.OpenCodes(ctx)
		}),
		bridge.CommandNoResult("withdrawCode", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.WithdrawCode(ctx, p.ID)
		}),
		bridge.CommandNoResult("approve", func(ctx context.Context, h *hub.Hub, p ApproveParams) error {
			return h.Credentials.Approve(ctx, p.ID, p.Number)
		}),
		bridge.Command("revoke", func(ctx context.Context, h *hub.Hub, p IDParams) ([]string, error) {
			return h.Credentials.Revoke(ctx, p.ID)
		}),
	}
}

// webhookMethods are for where the relay posts the agency's news, and for how the relay is.
func webhookMethods() []bridge.Method[*hub.Hub] {
	type deliveries = []onboarding.WebhookDelivery
	return []bridge.Method[*hub.Hub]{
		bridge.Query("checkup", func(ctx context.Context, h *hub.Hub, _ bridge.None) (hub.CheckupView, error) {
			return h.Checkup.Read(ctx)
		}),
		bridge.Query("webhooks", func(ctx context.Context, h *hub.Hub, _ bridge.None) (hub.WebhookList, error) {
			return h.Webhooks.List(ctx)
		}),
		bridge.Command("saveWebhook", func(ctx context.Context, h *hub.Hub, p hub.WebhookInput) (hub.WebhookList, error) {
			return h.Webhooks.Save(ctx, p)
		}),
		bridge.CommandNoResult("deleteWebhook", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Webhooks.Delete(ctx, p.ID)
		}),
		bridge.Query("webhookLog", func(ctx context.Context, h *hub.Hub, p IDParams) (deliveries, error) {
			return h.Webhooks.Log(ctx, p.ID)
		}),
		bridge.Command("testWebhook", func(ctx context.Context, h *hub.Hub, p IDParams) (deliveries, error) {
			return h.Webhooks.Test(ctx, p.ID)
		}),
		bridge.Command("resendDelivery", func(ctx context.Context, h *hub.Hub, p DeliveryParams) (deliveries, error) {
			return h.Webhooks.Resend(ctx, p.ID, p.Delivery)
		}),
	}
}

// domainMethods are for the domain of the agency's own.
func domainMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("ownDomain", func(ctx context.Context, h *hub.Hub, _ bridge.None) (hub.OwnDomain, error) {
			return h.Domains.Read(ctx)
		}),
		bridge.Command("proposeDomain", func(ctx context.Context, h *hub.Hub, p DomainParams) (hub.OwnDomain, error) {
			return h.Domains.Propose(ctx, p.Name)
		}),
		bridge.Command("checkDomain", func(ctx context.Context, h *hub.Hub, p DomainParams) (hub.OwnDomain, error) {
			return h.Domains.Check(ctx, p.Name)
		}),
		bridge.Command("removeDomain", func(ctx context.Context, h *hub.Hub, p DomainParams) (hub.OwnDomain, error) {
			return h.Domains.Remove(ctx, p.Name)
		}),
	}
}

// appMethods need the window, the state stored for the screens, or switch the
// hub.
func appMethods() []bridge.Method[*App] {
	return []bridge.Method[*App]{
		bridge.Query("session", func(ctx context.Context, a *App, _ bridge.None) (SessionView, error) {
			return a.session(ctx)
		}),
		bridge.Query("services", func(_ context.Context, a *App, _ bridge.None) ([]ServiceView, error) {
			return services(a.config.Catalog), nil
		}),
		bridge.CommandNoResult("enrol", func(ctx context.Context, a *App, p EnrolParams) error {
			return a.enrol(ctx, p)
		}),
		bridge.CommandNoResult("exploreDemo", func(_ context.Context, a *App, _ bridge.None) error {
			return a.exploreDemo()
		}),
		bridge.CommandNoResult("leaveAgency", func(ctx context.Context, a *App, _ bridge.None) error {
			return a.leaveAgency(ctx)
		}),
		bridge.Command("takeDeepLink", func(_ context.Context, a *App, _ bridge.None) (string, error) {
			return a.takeDeepLink()
		}),
		bridge.Command("reportError", func(_ context.Context, a *App, p ErrorReport) (string, error) {
			return a.reportError(p)
		}),
		bridge.Query("preferences", func(_ context.Context, a *App, _ bridge.None) (Preferences, error) {
			return a.preferences()
		}),
		bridge.CommandNoResult("savePreferences", func(_ context.Context, a *App, p Preferences) error {
			return a.savePreferences(p)
		}),
		bridge.Query("draft", func(_ context.Context, a *App, _ bridge.None) (outbox.RequestForm, error) {
			return a.draft()
		}),
		bridge.CommandNoResult("saveDraft", func(_ context.Context, a *App, p outbox.RequestForm) error {
			return a.saveDraft(p)
		}),
		bridge.Query("agency", func(ctx context.Context, a *App, _ bridge.None) (AgencyView, error) {
			return a.agency(ctx)
		}),
		bridge.Query("preview", func(ctx context.Context, a *App, p PreviewParams) (PreviewView, error) {
			return a.preview(ctx, p)
		}),
		bridge.Command("copyLink", func(ctx context.Context, a *App, p IDParams) (bool, error) {
			return a.copyLink(ctx, p.ID)
		}),
		bridge.CommandNoResult("copy", func(_ context.Context, a *App, p CopyParams) error {
			return a.window.Copy(p.Text)
		}),
		bridge.CommandNoResult("browse", func(_ context.Context, a *App, p BrowseParams) error {
			return a.window.Browse(p.Address)
		}),
		bridge.Command("exportAccounts", func(ctx context.Context, a *App, p replica.AccountsParams) (string, error) {
			return a.exportAccounts(ctx, p)
		}),
		bridge.Command("startConnection", func(ctx context.Context, a *App, p PlatformParams) (hub.SignInStarted, error) {
			return a.startConnection(ctx, p.Platform)
		}),
	}
}
