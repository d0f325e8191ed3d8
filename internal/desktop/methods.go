package desktop

import (
	"context"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// methods is every call that the screens can make. A method takes at most one
// params struct, which may not be more than data.
func (a *App) methods() []bridge.Bound {
	hubMethods := slices.Concat(requestMethods(), accountMethods(), connectionMethods(), teamMethods())
	return append(bridge.Bind(a.currentHub, hubMethods), bridge.Bind(a.opened, appMethods())...)
}

// requestMethods are about requests and what waits to be sent.
func requestMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("totals", func(ctx context.Context, h *hub.Hub, _ bridge.None) (hub.Totals, error) {
			return h.Totals(ctx)
		}),
		bridge.Query("requests", func(ctx context.Context, h *hub.Hub, p hub.ListQ) (hub.RequestPage, error) {
			return h.Requests(ctx, p)
		}),
		bridge.Query("countRequests", func(ctx context.Context, h *hub.Hub, p hub.ListQ) (int, error) {
			return h.CountRequests(ctx, p)
		}),
		bridge.Query("request", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.RequestDetails, error) {
			return h.Request(ctx, p.ID)
		}),
		bridge.Query("search", func(ctx context.Context, h *hub.Hub, p SearchParams) (hub.Found, error) {
			return h.Find(ctx, p.Text)
		}),
		bridge.Query("todos", func(ctx context.Context, h *hub.Hub, p LimitParams) ([]hub.Need, error) {
			return h.NeedsYou(ctx, p.Limit)
		}),
		bridge.Query("recent", func(ctx context.Context, h *hub.Hub, p LimitParams) ([]hub.EventRow, error) {
			return h.Recent(ctx, 0, p.Limit)
		}),
		bridge.Query("days", func(ctx context.Context, h *hub.Hub, p DaysParams) ([]hub.Day, error) {
			return h.Days(ctx, min(max(p.Days, 1), 366))
		}),
		bridge.Query("outbox", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]hub.EntryRow, error) {
			return h.Outbox(ctx)
		}),
		bridge.Command("saveRequest", func(ctx context.Context, h *hub.Hub, p hub.RequestForm) (string, error) {
			return h.SaveRequest(ctx, p)
		}),
		bridge.Do("editRequest", func(ctx context.Context, h *hub.Hub, p hub.RequestForm) error {
			return h.EditRequest(ctx, p)
		}),
		bridge.Do("send", func(ctx context.Context, h *hub.Hub, p SendParams) error {
			return h.Send(ctx, p.ID, p.Addresses)
		}),
		bridge.Command("resend", func(ctx context.Context, h *hub.Hub, p ResendParams) (hub.Resent, error) {
			return h.Resend(ctx, p.ID, p.Recipients)
		}),
		bridge.Do("renew", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Renew(ctx, p.ID)
		}),
		bridge.Do("reopen", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Reopen(ctx, p.ID)
		}),
		bridge.Do("withdraw", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Withdraw(ctx, p.ID)
		}),
		bridge.Do("archive", func(ctx context.Context, h *hub.Hub, p ArchiveParams) error {
			return h.Archive(ctx, p.ID, p.On)
		}),
		bridge.Do("deleteClient", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.DeleteClient(ctx, p.ID)
		}),
		bridge.Do("retryEntry", func(ctx context.Context, h *hub.Hub, p EntryParams) error {
			return h.RetryEntry(ctx, p.Seq)
		}),
		bridge.Do("discardEntry", func(ctx context.Context, h *hub.Hub, p EntryParams) error {
			return h.DiscardEntry(ctx, p.Seq)
		}),
		bridge.Do("dismissLost", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.DismissLost(ctx, p.ID)
		}),
		bridge.Do("sync", func(ctx context.Context, h *hub.Hub, _ bridge.None) error {
			return h.Sync(ctx)
		}),
	}
}

// accountMethods are about what was shared, and what the agency has itself.
func accountMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("accounts", func(ctx context.Context, h *hub.Hub, p hub.AccountsQ) (hub.AccountPage, error) {
			return h.Accounts(ctx, p)
		}),
		bridge.Query("countAccounts", func(ctx context.Context, h *hub.Hub, p hub.AccountsQ) (int, error) {
			return h.CountAccounts(ctx, p)
		}),
		bridge.Query("item", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.ItemRow, error) {
			return h.Item(ctx, p.ID)
		}),
		bridge.Do("checkNow", func(ctx context.Context, h *hub.Hub, p CheckParams) error {
			return h.CheckNow(ctx, p.Items...)
		}),
		bridge.Query("campaigns", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]hub.Campaign, error) {
			return h.Campaigns(ctx)
		}),
		bridge.Command("createCampaign", func(ctx context.Context, h *hub.Hub, p hub.CampaignForm) (hub.Campaign, error) {
			return h.CreateCampaign(ctx, p)
		}),
		bridge.Query("planEnding", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.EndingView, error) {
			return h.PlanEnding(ctx, p.ID)
		}),
		bridge.Command("endAccess", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.EndingResult, error) {
			return h.EndAccess(ctx, p.ID)
		}),
		bridge.Do("removeAccount", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.RemoveAccount(ctx, p.ID)
		}),
		bridge.Command("connectKey", func(ctx context.Context, h *hub.Hub, p ConnectKeyParams) (hub.ItemRow, error) {
			return connectKey(ctx, h, p)
		}),
		bridge.Query("suggestAddress", func(ctx context.Context, h *hub.Hub, p AddressParams) (string, error) {
			return suggestAddress(ctx, h, p)
		}),
	}
}

// connectionMethods are about the agency's own users at platforms.
func connectionMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("connections", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]ConnectionView, error) {
			return connections(ctx, h)
		}),
		bridge.Query("waitConnection", func(ctx context.Context, h *hub.Hub, p IDParams) (ConnectionView, error) {
			return waitConnection(ctx, h, p.ID)
		}),
		bridge.Query("waitAccount", func(ctx context.Context, h *hub.Hub, p IDParams) (string, error) {
			return waitAccount(ctx, h, p.ID)
		}),
		bridge.Do("cancelConnection", func(_ context.Context, h *hub.Hub, p IDParams) error {
			return cancelConnection(h, p.ID)
		}),
		bridge.Do("endConnection", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.EndConnection(ctx, p.ID)
		}),
		bridge.Query("ownAssets", func(ctx context.Context, h *hub.Hub, p IDParams) ([]hub.OwnAsset, error) {
			return h.OwnAssets(ctx, p.ID)
		}),
		bridge.Do("pickAssets", func(ctx context.Context, h *hub.Hub, p PickParams) error {
			return h.PickAssets(ctx, p.ID, p.Accounts)
		}),
	}
}

// teamMethods are about the agency: its relay, brand, members and devices.
func teamMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("findRelay", func(ctx context.Context, h *hub.Hub, p FindRelayParams) (hub.RelayAt, error) {
			return h.FindRelay(ctx, p.Address)
		}),
		bridge.Query("relay", func(ctx context.Context, h *hub.Hub, _ bridge.None) (RelayView, error) {
			return relay(ctx, h)
		}),
		bridge.Query("colours", func(_ context.Context, _ *hub.Hub, p ColourParams) (ColoursView, error) {
			return colours(p.Colour)
		}),
		bridge.Do("saveBrand", func(ctx context.Context, h *hub.Hub, p BrandForm) error {
			return saveBrand(ctx, h, p)
		}),
		bridge.Do("switchBrand", func(ctx context.Context, h *hub.Hub, p SwitchParams) error {
			return h.SwitchBrand(ctx, p.On)
		}),
		bridge.Do("shareRequests", func(ctx context.Context, h *hub.Hub, p SwitchParams) error {
			return h.ShareRequests(ctx, p.On)
		}),
		bridge.Do("proposeReplyTo", func(ctx context.Context, h *hub.Hub, p ReplyToParams) error {
			return h.ProposeReplyTo(ctx, p.Address)
		}),
		bridge.Do("confirmReplyTo", func(ctx context.Context, h *hub.Hub, p ConfirmParams) error {
			return h.ConfirmReplyTo(ctx, onboarding.NewSecret(p.Code))
		}),
		bridge.Query("members", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]onboarding.Member, error) {
			return h.Members(ctx)
		}),
		bridge.Query("devices", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]wire.DeviceView, error) {
			return h.Devices(ctx)
		}),
		bridge.Query("deviceCredentials", func(ctx context.Context, h *hub.Hub, p IDParams) (hub.Holdings, error) {
			return h.Holdings(ctx, p.ID)
		}),
		bridge.Query("pendingDevices", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]hub.PendingDevice, error) {
			return h.PendingDevices(ctx)
		}),
		bridge.Command("inviteMember", func(ctx context.Context, h *hub.Hub, p InviteParams) (CodeView, error) {
			return codeView(h.InviteMember(ctx, p.Name, p.Email, p.Role))
		}),
		bridge.Do("changeMember", func(ctx context.Context, h *hub.Hub, p MemberParams) error {
			return h.ChangeMember(ctx, p.ID, p.Name, p.Role)
		}),
		bridge.Do("removeMember", func(ctx context.Context, h *hub.Hub, p RemoveMemberParams) error {
			return h.RemoveMember(ctx, p.ID, p.Successor)
		}),
		bridge.Command("issueCode", func(ctx context.Context, h *hub.Hub, p IssueCodeParams) (CodeView, error) {
			return codeView(h.IssueCode(ctx, p.Member))
		}),
		bridge.Query("openCodes", func(ctx context.Context, h *hub.Hub, _ bridge.None) ([]wire.OpenCode, error) {
			return h.OpenCodes(ctx)
		}),
		bridge.Do("withdrawCode", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.WithdrawCode(ctx, p.ID)
		}),
		bridge.Do("approve", func(ctx context.Context, h *hub.Hub, p ApproveParams) error {
			return h.Approve(ctx, p.ID, p.Number)
		}),
		bridge.Command("revoke", func(ctx context.Context, h *hub.Hub, p IDParams) ([]string, error) {
			return h.Revoke(ctx, p.ID)
		}),
	}
}

// appMethods need the window, what is kept for the screens, or another hub than
// the open one.
func appMethods() []bridge.Method[*App] {
	return []bridge.Method[*App]{
		bridge.Query("session", func(ctx context.Context, a *App, _ bridge.None) (SessionView, error) {
			return a.session(ctx)
		}),
		bridge.Do("enrol", func(ctx context.Context, a *App, p EnrolParams) error {
			return a.enrol(ctx, p)
		}),
		bridge.Do("exploreDemo", func(_ context.Context, a *App, _ bridge.None) error {
			return a.exploreDemo()
		}),
		bridge.Do("leaveAgency", func(ctx context.Context, a *App, _ bridge.None) error {
			return a.leaveAgency(ctx)
		}),
		bridge.Command("takeDeepLink", func(_ context.Context, a *App, _ bridge.None) (string, error) {
			return a.takeDeepLink()
		}),
		bridge.Query("preferences", func(_ context.Context, a *App, _ bridge.None) (Preferences, error) {
			return a.preferences()
		}),
		bridge.Do("savePreferences", func(_ context.Context, a *App, p Preferences) error {
			return a.savePreferences(p)
		}),
		bridge.Query("draft", func(_ context.Context, a *App, _ bridge.None) (hub.RequestForm, error) {
			return a.draft()
		}),
		bridge.Do("saveDraft", func(_ context.Context, a *App, p hub.RequestForm) error {
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
		bridge.Do("copy", func(_ context.Context, a *App, p CopyParams) error {
			return a.window.Copy(p.Text)
		}),
		bridge.Do("browse", func(_ context.Context, a *App, p BrowseParams) error {
			return a.window.Browse(p.Address)
		}),
		bridge.Command("exportAccounts", func(ctx context.Context, a *App, p hub.AccountsQ) (string, error) {
			return a.exportAccounts(ctx, p)
		}),
		bridge.Command("startConnection", func(ctx context.Context, a *App, p PlatformParams) (hub.SignInStarted, error) {
			return a.startConnection(ctx, p.Platform)
		}),
	}
}
