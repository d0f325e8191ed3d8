package googlesheets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// maxSheets bounds the sheets that one sign-in connects.
const maxSheets = 50

// picked validates the ids of the picked sheets: a malformed one is not from
// Google.
func picked(back platform.SignInReturn) ([]string, error) {
	if back.Target == targetNew {
		return nil, nil
	}
	isID := regexp.MustCompile(`^[A-Za-z0-9_-]{10,200}$`)
	var ids []string
	for _, id := range back.Picked {
		if !isID.MatchString(id) {
			return nil, &platform.Failure{Code: catalog.Unexpected, Err: errors.New("a picked file has no id of a file")}
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) == 0:
		return nil, &platform.Failure{Code: catalog.NothingPicked, Err: errors.New("no file was picked")}
	case len(ids) > maxSheets:
		err := fmt.Errorf("more than %d files were picked", maxSheets)
		return nil, &platform.Failure{Code: catalog.TooManyPicked, Err: err}
	}
	return ids, nil
}

// account reads whose Drive it is, GET /drive/v3/about, which drive.file
// permits.
// https://developers.google.com/workspace/drive/api/reference/rest/v3/about/get
func (h *Hub) account(ctx context.Context, access onboarding.Secret) (onboarding.Account, error) {
	var about struct {
		User struct {
			Name    string `json:"displayName"`
			Address string `json:"emailAddress"`
			ID      string `json:"permissionId"`
		} `json:"user"`
	}
	fields := url.Values{"fields": {"user(displayName,emailAddress,permissionId)"}}
	if err := h.get(ctx, drive+"/about?"+fields.Encode(), access, &about); err != nil {
		return onboarding.Account{}, err
	}
	who := onboarding.Account{ID: about.User.ID, Name: about.User.Address}
	if who.ID == "" {
		return who, platform.Down(errors.New("the account has no id"))
	}
	if who.Name == "" { // users may hide their address
		who.Name = about.User.Name
	}
	return who, nil
}

// file is Drive's metadata of a sheet.
type file struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Type         string `json:"mimeType"`
	Trashed      bool   `json:"trashed"`
	Capabilities struct {
		CanEdit bool `json:"canEdit"`
	} `json:"capabilities"`
	Owners []struct {
		Address string `json:"emailAddress"`
	} `json:"owners"` // empty for a file in a shared drive
	Authorized bool `json:"isAppAuthorized"`
}

// file reads one file, GET /drive/v3/files/{fileId}. A file that was not
// picked, was deleted, or is no longer shared with the person or the app is
// 404: ShareRemoved. One in the bin is InTrash.
// https://developers.google.com/workspace/drive/api/reference/rest/v3/files/get
func (h *Hub) file(ctx context.Context, access onboarding.Secret, id string) (file, error) {
	var f file
	query := url.Values{
		"fields":            {"id,name,mimeType,trashed,capabilities(canEdit),owners(emailAddress),isAppAuthorized"},
		"supportsAllDrives": {"true"},
	}
	if err := h.get(ctx, drive+"/files/"+url.PathEscape(id)+"?"+query.Encode(), access, &f); err != nil {
		return f, err
	}
	switch {
	case f.ID != id:
		return f, platform.Down(errors.New("another file was answered"))
	case !f.Authorized:
		err := errors.New("the app may not open the file")
		return f, &platform.Failure{Code: catalog.ShareRemoved, PlatformCode: "isAppAuthorized", Err: err}
	case f.Trashed:
		return f, &platform.Failure{Code: catalog.InTrash, PlatformCode: "trashed", Err: errors.New("the file is in the bin")}
	}
	return f, nil
}

// sheets reads each picked sheet; read-only ones are among them. What cannot be
// opened, is in the bin or is no sheet is left out; if that is all, it is the error.
func (h *Hub) sheets(
	ctx context.Context, access onboarding.Secret, who onboarding.Account, ids []string,
) (items []platform.GrantedItem, left []onboarding.LeftOut, err error) {
	var last *platform.Failure
	for _, id := range ids {
		f, err := h.file(ctx, access, id)
		if err == nil && f.Type != sheetType {
			err = &platform.Failure{Code: catalog.NothingPicked, Err: errors.New("what was picked is no sheet")}
		}
		switch {
		case err != nil && !ofOneFile(err):
			return nil, nil, err
		case err != nil:
			last = platform.AsFailure(err)
			left = append(left, onboarding.LeftOut{Name: f.Name, Why: string(last.Code)})
			continue
		}
		account := onboarding.Account{ID: id, Name: f.Name}
		item := platform.GrantedItem{
			Kind: onboarding.Sheet, Account: account, Detail: who.Name, ReadOnly: !f.Capabilities.CanEdit,
		}
		if len(f.Owners) > 0 && f.Owners[0].Address != "" {
			item.Detail = f.Owners[0].Address
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		last.LeftOut = left
		return nil, nil, last
	}
	return items, left, nil
}

// ofOneFile reports whether a refusal may be of one file alone, not of the app, the
// sign-in or all of Google.
func ofOneFile(err error) bool {
	switch platform.AsFailure(err).Code {
	case catalog.PlatformDown, catalog.PlatformBusy, catalog.AgencySide, catalog.PermissionUnticked,
		catalog.CredentialRefused:
		return false
	}
	return true
}

// title names a new sheet by its purpose and, if known, by the agency.
func title(company string) string {
	if company == "" {
		return "Leads"
	}
	return "Leads for " + company
}

// create creates a spreadsheet in the user's own Drive, POST /v4/spreadsheets.
// A repeat creates a second one.
// https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/create
func (h *Hub) create(ctx context.Context, access onboarding.Secret, title string) (platform.GrantedItem, error) {
	body, err := json.Marshal(map[string]any{"properties": map[string]string{"title": title}})
	if err != nil {
		return platform.GrantedItem{}, fmt.Errorf("writing a new sheet: %w", err)
	}
	address := spreadsheets + "?" + url.Values{"fields": {"spreadsheetId,properties.title"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return platform.GrantedItem{}, fmt.Errorf("readying a call: %w", platform.WithoutAddress(err))
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	var made sheet
	if err := h.call(r, access, &made); err != nil {
		return platform.GrantedItem{}, err
	}
	if made.ID == "" {
		return platform.GrantedItem{}, platform.Down(errors.New("the new sheet has no id"))
	}
	return platform.GrantedItem{
		Kind:    onboarding.Sheet,
		Account: onboarding.Account{ID: made.ID, Name: made.Properties.Title},
	}, nil
}

// sheet is the Sheets API's view of a spreadsheet.
type sheet struct {
	ID         string `json:"spreadsheetId"`
	Properties struct {
		Title string `json:"title"`
	} `json:"properties"`
	Tabs []json.RawMessage `json:"sheets"`
}

// Check opens the item's sheet with its access token, twice: GET
// /drive/v3/files/{fileId} returns whether it can be changed, GET
// /v4/spreadsheets/{spreadsheetId} its tabs. 404 is ShareRemoved, 401
// CredentialRefused, a disabled API of the operator's project AgencySide. 429
// and rateLimitExceeded are PlatformBusy, an error without a result; a
// Retry-After is not guaranteed. For a credential that expires, like one of an
// app in testing, it reports the remaining days.
// https://developers.google.com/workspace/drive/api/reference/rest/v3/files/get
// https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/get
func (h *Hub) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	f, err := h.file(ctx, p.Access, p.Item.Account)
	if err != nil {
		return found(err)
	}
	var opened sheet
	fields := url.Values{"fields": {"spreadsheetId,properties.title,sheets.properties.title"}}
	address := spreadsheets + "/" + url.PathEscape(p.Item.Account) + "?" + fields.Encode()
	if err := h.get(ctx, address, p.Access, &opened); err != nil {
		return found(err)
	}
	rows := onboarding.CanRead
	if f.Capabilities.CanEdit {
		rows = onboarding.CanChange
	}
	finding := platform.CheckResult{
		State: onboarding.AccessWorks,
		Tasks: []string{"drive.file"},
		Capabilities: []onboarding.Capability{
			{Name: onboarding.SheetTabs, Count: int64(len(opened.Tabs))},
			{Name: onboarding.Rows, Level: rows},
		},
	}
	if left := p.Now.Since(p.Credential.Ends); p.Now != 0 && p.Credential.Ends != 0 {
		days := max(int64((left+24*time.Hour-1)/(24*time.Hour)), 0)
		finding.Capabilities = append(finding.Capabilities, onboarding.Capability{Name: onboarding.DaysLeft, Count: days})
	}
	return finding, nil
}

// found turns a refused call into a check's result.
func found(err error) (platform.CheckResult, error) {
	failure := platform.AsFailure(err)
	if errors.Is(failure, onboarding.ErrPlatformDown) {
		return platform.CheckResult{}, failure
	}
	return platform.Broken(failure), nil
}

func (h *Hub) get(ctx context.Context, address string, access onboarding.Secret, into any) error {
	r, err := platform.Get(ctx, address)
	if err != nil {
		return err
	}
	return h.call(r, access, into)
}

// call makes a call with an access token and decodes its JSON.
func (h *Hub) call(r *http.Request, access onboarding.Secret, into any) error {
	r.Header.Set("Authorization", "Bearer "+access.Reveal())
	reply, err := platform.Do(h.api, r)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return refused(reply)
	}
	return reply.JSON(into)
}
