package googlesheetsfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const (
	driveReference  = "https://developers.google.com/workspace/drive/api/reference/rest/v3/"
	sheetsReference = "https://developers.google.com/workspace/sheets/api/reference/rest/v4/"
)

// fieldsParam is the field mask, a parameter of every Google API.
func fieldsParam() sandbox.Param {
	return sandbox.Param{Name: "fields", Why: "a system parameter: https://cloud.google.com/apis/docs/system-parameters"}
}

// operations are all calls but the token endpoint.
func operations() []operation {
	return slices.Concat(identityOperations(), driveOperations(), sheetsOperations())
}

func identityOperations() []operation {
	return []operation{
		{sandbox.Endpoint{
			Method: http.MethodPost, Path: "/revoke", Page: oauthPage + "#tokenrevoke",
			Bodies: []sandbox.BodyType{sandbox.FormBody},
			Params: []sandbox.Param{{Name: "token", In: sandbox.InQueryOrBody, Required: true, Example: "1//0g"}},
		}, "oauth2.googleapis.com", (*Fake).revoke},
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/tokeninfo", Page: "https://developers.google.com/identity/sign-in/web/backend-auth",
			Params: []sandbox.Param{{
				Name: "access_token", Required: true, Example: "ya29.a0",
				Why: "the page shows id_token; clients send an access token",
			}},
		}, "oauth2.googleapis.com", (*Fake).tokenInfo},
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/v1/userinfo",
			Page: "https://developers.google.com/identity/openid-connect/openid-connect",
		}, "openidconnect.googleapis.com", (*Fake).userInfo},
	}
}

func driveOperations() []operation {
	return []operation{
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/drive/v3/about", Page: driveReference + "about/get",
			Params: []sandbox.Param{{Name: "fields", Required: true, Example: "user"}},
		}, "www.googleapis.com", (*Fake).driveAbout},
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/drive/v3/files/{fileId}", Page: driveReference + "files/get",
			Params: []sandbox.Param{
				fieldsParam(), {Name: "supportsAllDrives"}, {Name: "acknowledgeAbuse"}, {Name: "includeLabels"},
				{Name: "includePermissionsForView"},
			},
		}, "www.googleapis.com", (*Fake).driveFile},
	}
}

func sheetsOperations() []operation {
	values := []sandbox.Param{
		{Name: "range", In: sandbox.InBody}, {Name: "majorDimension", In: sandbox.InBody},
		{Name: "values", In: sandbox.InBody, Required: true, Example: `[["a"]]`},
	}
	write := slices.Concat(values, []sandbox.Param{
		fieldsParam(), {Name: "valueInputOption", Required: true, Example: "RAW"}, {Name: "includeValuesInResponse"},
		{Name: "responseValueRenderOption"}, {Name: "responseDateTimeRenderOption"},
	})
	return []operation{
		{sandbox.Endpoint{
			Method: http.MethodPost, Path: "/v4/spreadsheets", Bodies: []sandbox.BodyType{sandbox.JSONBody},
			Page: sheetsReference + "spreadsheets/create",
			Params: []sandbox.Param{
				fieldsParam(), {Name: "properties", In: sandbox.InBody}, {Name: "sheets", In: sandbox.InBody},
			},
		}, "sheets.googleapis.com", (*Fake).sheetsCreate},
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/v4/spreadsheets/{spreadsheetId}", Page: sheetsReference + "spreadsheets/get",
			Params: []sandbox.Param{
				fieldsParam(), {Name: "ranges", Repeated: true}, {Name: "includeGridData"}, {Name: "excludeTablesInBandedRanges"},
			},
		}, "sheets.googleapis.com", (*Fake).sheetsGet},
		{sandbox.Endpoint{
			Method: http.MethodGet, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}",
			Page: sheetsReference + "spreadsheets.values/get",
			Params: []sandbox.Param{
				fieldsParam(), {Name: "majorDimension"}, {Name: "valueRenderOption"}, {Name: "dateTimeRenderOption"},
			},
		}, "sheets.googleapis.com", (*Fake).sheetsValues},
		{sandbox.Endpoint{
			Method: http.MethodPut, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}",
			Bodies: []sandbox.BodyType{sandbox.JSONBody},
			Page:   sheetsReference + "spreadsheets.values/update", Params: write,
		}, "sheets.googleapis.com", (*Fake).sheetsUpdate},
		{sandbox.Endpoint{
			Method: http.MethodPost, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}",
			Bodies: []sandbox.BodyType{sandbox.JSONBody},
			Page:   sheetsReference + "spreadsheets.values/append",
			Params: append(slices.Clone(write), sandbox.Param{Name: "insertDataOption"}),
		}, "sheets.googleapis.com", (*Fake).sheetsAppend},
	}
}

// badRequest refuses a parameter.
func badRequest(bad *sandbox.ParamError) sandbox.Response {
	return apiError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", bad.Error())
}

// masked applies the fields parameter to a body. A nil in it is a known field
// without a value.
func masked(body map[string]any, values url.Values) sandbox.Response {
	mask := values.Get("fields")
	if mask == "" {
		maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil })
		return sandbox.JSON(http.StatusOK, body)
	}
	kept, err := maskFields(mask, body)
	if err != nil {
		text := "Invalid field selection " + err.Error()
		return apiError(http.StatusBadRequest, "INVALID_ARGUMENT", "invalidParameter", text)
	}
	return sandbox.JSON(http.StatusOK, kept)
}

func (f *Fake) driveAbout(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	grant, refused := f.caller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return badRequest(bad)
	}
	person := f.state.people[grant.person]
	name := cmp.Or(f.env.NameOf(grant.person), person.email)
	return masked(map[string]any{"kind": "drive#about", "user": map[string]any{
		"kind": "drive#user", "displayName": name, "me": true, "permissionId": person.id, "emailAddress": person.email,
	}}, values)
}

// reach finds a file that the app may open for this person. Files that were not
// picked, or are no longer visible to the person, do not exist for it.
func (f *Fake) reach(grant *consentGrant, id string) *spreadsheet {
	file := f.state.files[id]
	if file == nil || !grant.files[id] {
		return nil
	}
	if _, sees := file.shared[grant.person]; !sees {
		return nil
	}
	return file
}

func (f *Fake) driveFile(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	grant, refused := f.caller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return badRequest(bad)
	}
	id := r.PathValue("fileId")
	file := f.reach(grant, id)
	if file == nil || file.owner == "" && values.Get("supportsAllDrives") != "true" {
		return apiError(http.StatusNotFound, "", "notFound", "File not found: "+id+".")
	}
	if values.Get("fields") == "" {
		values.Set("fields", "kind,id,name,mimeType")
	}
	body := map[string]any{
		"kind": "drive#file", "id": file.id, "name": file.title, "mimeType": sheetType, "trashed": file.trashed,
		"isAppAuthorized": true, "ownedByMe": file.owner == grant.person,
		"capabilities": map[string]any{"canEdit": file.shared[grant.person], "canDownload": true},
		"webViewLink":  "https://docs.google.com/spreadsheets/d/" + file.id + "/edit",
		"owners":       nil,
		"driveId":      nil,
	}
	if owner := f.state.people[file.owner]; owner != nil {
		body["owners"] = []any{map[string]any{
			"emailAddress": owner.email, "permissionId": owner.id, "me": file.owner == grant.person,
		}}
	} else {
		body["driveId"] = "0AKx3SharedDriveUk9PVA"
	}
	return masked(body, values)
}

// sheetsCall parses a call about an existing spreadsheet.
func (f *Fake) sheetsCall(
	call sandbox.Endpoint, r *http.Request, write bool,
) (*spreadsheet, url.Values, *sandbox.Response) {
	refuse := func(a sandbox.Response) (*spreadsheet, url.Values, *sandbox.Response) { return nil, nil, &a }
	grant, refused := f.caller(r)
	if refused != nil {
		return refuse(*refused)
	}
	file := f.reach(grant, r.PathValue("spreadsheetId"))
	if file == nil {
		return refuse(apiError(http.StatusNotFound, "NOT_FOUND", "notFound", "Requested entity was not found."))
	}
	values, bad := call.Read(r)
	if bad != nil {
		return refuse(badRequest(bad))
	}
	if write && !file.shared[grant.person] {
		text := "The caller does not have permission"
		return refuse(apiError(http.StatusForbidden, "PERMISSION_DENIED", "forbidden", text))
	}
	return file, values, nil
}

func (s *spreadsheet) body() map[string]any {
	tabs := []any{}
	for i, tab := range s.tabs {
		tabs = append(tabs, map[string]any{"properties": map[string]any{
			"sheetId": i, "title": tab.title, "index": i, "sheetType": "GRID",
			"gridProperties": map[string]any{"rowCount": 1000, "columnCount": 26},
		}})
	}
	return map[string]any{
		"spreadsheetId": s.id, "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/" + s.id + "/edit",
		"properties": map[string]any{"title": s.title, "locale": "en_GB", "timeZone": "Europe/Stockholm"},
		"sheets":     tabs,
	}
}

func (f *Fake) sheetsGet(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	file, values, refused := f.sheetsCall(call, r, false)
	if refused != nil {
		return *refused
	}
	return masked(file.body(), values)
}

// sheetsCreate creates a spreadsheet in the person's Drive; the app may open
// it.
func (f *Fake) sheetsCreate(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	grant, refused := f.caller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return badRequest(bad)
	}
	var properties struct {
		Title string `json:"title"`
	}
	if text := values.Get("properties"); text != "" {
		if err := json.Unmarshal([]byte(text), &properties); err != nil {
			return apiError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", "Invalid JSON payload received.")
		}
	}
	if properties.Title == "" {
		properties.Title = "Untitled spreadsheet"
	}
	file := &spreadsheet{
		id: "1Nw" + sandbox.RandomHex(20), title: properties.Title, owner: grant.person,
		tabs: []*sheetTab{{title: "Sheet1"}},
	}
	f.state.keep(file)
	grant.files[file.id] = true
	return masked(file.body(), values)
}

// cells is a range of one tab, like "Sheet1!A1:B2".
type cells struct {
	tab           *sheetTab
	left, top     int // zero-based
	right, bottom int // exclusive; 0: to the end
}

// cells parses a range in A1 notation.
func (s *spreadsheet) cells(text string) (cells, bool) {
	name, a1, both := strings.Cut(text, "!")
	if !both {
		name, a1 = "", text
	}
	find := func(title string) *sheetTab {
		i := slices.IndexFunc(s.tabs, func(tab *sheetTab) bool { return tab.title == strings.Trim(title, "'") })
		if i < 0 {
			return nil
		}
		return s.tabs[i]
	}
	if !both && find(a1) != nil {
		return cells{tab: find(a1)}, true
	}
	c := cells{tab: s.tabs[0]}
	if both {
		c.tab = find(name)
	}
	if c.tab == nil {
		return c, false
	}
	from, to, isRange := strings.Cut(a1, ":")
	var ok, okTo bool
	if c.left, c.top, ok = corner(from); !ok {
		return c, false
	}
	if !isRange {
		c.right, c.bottom = c.left+1, c.top+1
		return c, true
	}
	if c.right, c.bottom, okTo = corner(to); !okTo {
		return c, false
	}
	column := strings.TrimRight(to, "0123456789")
	c.right++
	if len(column) == len(to) {
		c.bottom = 0 // "A:C": to the last row
	} else {
		c.bottom++
	}
	return c, true
}

// corner parses "B7" as column 1 and row 6; "B" as row 0.
func corner(text string) (column, row int, ok bool) {
	columnName := strings.TrimRight(text, "0123456789")
	if columnName == "" || len(columnName) > 3 {
		return 0, 0, false
	}
	for _, c := range columnName {
		if c < 'A' || c > 'Z' {
			return 0, 0, false
		}
		column = column*26 + int(c-'A') + 1
	}
	if text == columnName {
		return column - 1, 0, true
	}
	row, err := strconv.Atoi(text[len(columnName):])
	return column - 1, row - 1, err == nil && row > 0 && row <= 100000
}

func (c cells) read() [][]any {
	list := [][]any{}
	for i, row := range c.tab.rows {
		if i < c.top || c.bottom > 0 && i >= c.bottom {
			continue
		}
		to := len(row)
		if c.right > 0 {
			to = min(to, c.right)
		}
		list = append(list, row[min(c.left, to):to])
	}
	return list
}

func (c cells) name(rows int) string {
	return fmt.Sprintf("%s!A%d:Z%d", c.tab.title, c.top+1, max(c.top+1, c.top+rows))
}

func badRange(text string) sandbox.Response {
	return apiError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", "Unable to parse range: "+text)
}

func (f *Fake) sheetsValues(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	file, values, refused := f.sheetsCall(call, r, false)
	if refused != nil {
		return *refused
	}
	c, ok := file.cells(r.PathValue("range"))
	if !ok {
		return badRange(r.PathValue("range"))
	}
	read := c.read()
	return masked(map[string]any{"range": c.name(len(read)), "majorDimension": "ROWS", "values": read}, values)
}

// written parses the rows of a write's body.
func written(values url.Values) ([][]any, *sandbox.Response) {
	refuse := func(text string) ([][]any, *sandbox.Response) {
		a := apiError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", text)
		return nil, &a
	}
	if !slices.Contains([]string{"RAW", "USER_ENTERED"}, values.Get("valueInputOption")) {
		return refuse("'valueInputOption' is required but not specified")
	}
	if major := values.Get("majorDimension"); major != "" && major != "ROWS" {
		return refuse("The sandbox takes the major dimension ROWS alone.")
	}
	var rows [][]any
	if err := json.Unmarshal([]byte(values.Get("values")), &rows); err != nil {
		return refuse("Invalid value at 'data.values'")
	}
	for _, row := range rows {
		for _, cell := range row {
			switch cell.(type) {
			case nil, string, float64, bool:
			default:
				return refuse("Invalid values: a cell is a text, a number or a bool")
			}
		}
	}
	return rows, nil
}

// put writes rows from a corner on; nil leaves a cell unchanged.
func (c cells) put(rows [][]any) (count int) {
	for i, row := range rows {
		for len(c.tab.rows) <= c.top+i {
			c.tab.rows = append(c.tab.rows, nil)
		}
		at := &c.tab.rows[c.top+i]
		for j, cell := range row {
			if cell == nil {
				continue
			}
			for len(*at) <= c.left+j {
				*at = append(*at, "")
			}
			(*at)[c.left+j] = cell
			count++
		}
	}
	return count
}

// updated is the response to a write.
func (s *spreadsheet) updated(c cells, rows [][]any) map[string]any {
	count, width := c.put(rows), 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	return map[string]any{
		"spreadsheetId": s.id, "updatedRange": c.name(len(rows)), "updatedRows": len(rows),
		"updatedColumns": width, "updatedCells": count,
	}
}

func (f *Fake) sheetsUpdate(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	file, values, refused := f.sheetsCall(call, r, true)
	if refused != nil {
		return *refused
	}
	c, ok := file.cells(r.PathValue("range"))
	if !ok {
		return badRange(r.PathValue("range"))
	}
	rows, bad := written(values)
	if bad != nil {
		return *bad
	}
	return masked(file.updated(c, rows), values)
}

// sheetsAppend writes after the last row of the range's tab.
func (f *Fake) sheetsAppend(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	text, isAppend := strings.CutSuffix(r.PathValue("range"), ":append")
	if !isAppend {
		return apiError(http.StatusNotFound, "NOT_FOUND", "notFound", "Not Found")
	}
	file, values, refused := f.sheetsCall(call, r, true)
	if refused != nil {
		return *refused
	}
	c, ok := file.cells(text)
	if !ok {
		return badRange(text)
	}
	rows, bad := written(values)
	if bad != nil {
		return *bad
	}
	table := c.name(len(c.tab.rows))
	c.top = len(c.tab.rows)
	return masked(map[string]any{"spreadsheetId": file.id, "tableRange": table, "updates": file.updated(c, rows)}, values)
}

// maskFields keeps the fields of a mask: "a,b(c,d),e.f" or "*".
func maskFields(mask string, from any) (any, error) {
	if list, isList := from.([]any); isList {
		kept := []any{}
		for _, one := range list {
			part, err := maskFields(mask, one)
			if err != nil {
				return nil, err
			}
			kept = append(kept, part)
		}
		return kept, nil
	}
	if mask == "*" {
		return from, nil
	}
	object, isObject := from.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("%s", mask)
	}
	kept := map[string]any{}
	for _, field := range splitMask(mask) {
		name, rest := field, ""
		if i := strings.IndexAny(field, "(./"); i >= 0 {
			name, rest = field[:i], strings.TrimSuffix(field[i+1:], ")")
			if field[i] != '(' {
				rest = field[i+1:]
			}
		}
		value, known := object[name]
		if !known {
			return nil, fmt.Errorf("%s", name)
		}
		if value == nil {
			continue // a known field without a value
		}
		if rest == "" {
			kept[name] = value
			continue
		}
		part, err := maskFields(rest, value)
		if err != nil {
			return nil, err
		}
		kept[name] = part
	}
	return kept, nil
}

// splitMask splits a mask at its outer commas.
func splitMask(mask string) []string {
	var fields []string
	depth, start := 0, 0
	for i, c := range mask {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			fields = append(fields, mask[start:i])
			start = i + 1
		}
	}
	return append(fields, mask[start:])
}
