package sandbox

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
)

const (
	driveReference  = "https://developers.google.com/workspace/drive/api/reference/rest/v3/"
	sheetsReference = "https://developers.google.com/workspace/sheets/api/reference/rest/v4/"
)

// googleFields is the mask that every call of Google's APIs takes.
func googleFields() Param {
	return Param{Name: "fields", Why: "a system parameter: https://cloud.google.com/apis/docs/system-parameters"}
}

// googleOperations are the calls, but for the token endpoint, which is two.
func googleOperations() []googleOperation {
	return slices.Concat(googleIdentityOperations(), driveOperations(), sheetsOperations())
}

func googleIdentityOperations() []googleOperation {
	return []googleOperation{
		{Endpoint{
			Method: http.MethodPost, Path: "/revoke", Page: googleOAuthPage + "#tokenrevoke", Bodies: []BodyType{FormBody},
			Params: []Param{{Name: "token", In: InQueryOrBody, Required: true, Example: "1//0g"}},
		}, "oauth2.googleapis.com", (*World).googleRevoke},
		{Endpoint{
			Method: http.MethodGet, Path: "/tokeninfo", Page: "https://developers.google.com/identity/sign-in/web/backend-auth",
			Params: []Param{{
				Name: "access_token", Required: true, Example: "ya29.a0",
				Why: "the page shows id_token; clients send an access token",
			}},
		}, "oauth2.googleapis.com", (*World).googleTokenInfo},
		{Endpoint{
			Method: http.MethodGet, Path: "/v1/userinfo",
			Page: "https://developers.google.com/identity/openid-connect/openid-connect",
		}, "openidconnect.googleapis.com", (*World).googleUserInfo},
	}
}

func driveOperations() []googleOperation {
	return []googleOperation{
		{Endpoint{
			Method: http.MethodGet, Path: "/drive/v3/about", Page: driveReference + "about/get",
			Params: []Param{{Name: "fields", Required: true, Example: "user"}},
		}, "www.googleapis.com", (*World).driveAbout},
		{Endpoint{
			Method: http.MethodGet, Path: "/drive/v3/files/{fileId}", Page: driveReference + "files/get",
			Params: []Param{
				googleFields(), {Name: "supportsAllDrives"}, {Name: "acknowledgeAbuse"}, {Name: "includeLabels"},
				{Name: "includePermissionsForView"},
			},
		}, "www.googleapis.com", (*World).driveFile},
	}
}

func sheetsOperations() []googleOperation {
	values := []Param{
		{Name: "range", In: InBody}, {Name: "majorDimension", In: InBody},
		{Name: "values", In: InBody, Required: true, Example: `[["a"]]`},
	}
	write := slices.Concat(values, []Param{
		googleFields(), {Name: "valueInputOption", Required: true, Example: "RAW"}, {Name: "includeValuesInResponse"},
		{Name: "responseValueRenderOption"}, {Name: "responseDateTimeRenderOption"},
	})
	return []googleOperation{
		{Endpoint{
			Method: http.MethodPost, Path: "/v4/spreadsheets", Bodies: []BodyType{JSONBody},
			Page:   sheetsReference + "spreadsheets/create",
			Params: []Param{googleFields(), {Name: "properties", In: InBody}, {Name: "sheets", In: InBody}},
		}, "sheets.googleapis.com", (*World).sheetsCreate},
		{Endpoint{
			Method: http.MethodGet, Path: "/v4/spreadsheets/{spreadsheetId}", Page: sheetsReference + "spreadsheets/get",
			Params: []Param{
				googleFields(), {Name: "ranges", Repeated: true}, {Name: "includeGridData"}, {Name: "excludeTablesInBandedRanges"},
			},
		}, "sheets.googleapis.com", (*World).sheetsGet},
		{Endpoint{
			Method: http.MethodGet, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}",
			Page: sheetsReference + "spreadsheets.values/get",
			Params: []Param{
				googleFields(), {Name: "majorDimension"}, {Name: "valueRenderOption"}, {Name: "dateTimeRenderOption"},
			},
		}, "sheets.googleapis.com", (*World).sheetsValues},
		{Endpoint{
			Method: http.MethodPut, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}", Bodies: []BodyType{JSONBody},
			Page: sheetsReference + "spreadsheets.values/update", Params: write,
		}, "sheets.googleapis.com", (*World).sheetsUpdate},
		{Endpoint{
			Method: http.MethodPost, Path: "/v4/spreadsheets/{spreadsheetId}/values/{range}", Bodies: []BodyType{JSONBody},
			Page:   sheetsReference + "spreadsheets.values/append",
			Params: append(slices.Clone(write), Param{Name: "insertDataOption"}),
		}, "sheets.googleapis.com", (*World).sheetsAppend},
	}
}

// googleBad words a parameter that is refused.
func googleBad(bad *ParamError) Response {
	return googleError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", bad.Error())
}

// masked answers what the fields parameter leaves of a body. A nil in it is a
// field that the platform knows and that is not there.
func masked(body map[string]any, values url.Values) Response {
	mask := values.Get("fields")
	if mask == "" {
		maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil })
		return JSON(http.StatusOK, body)
	}
	kept, err := maskFields(mask, body)
	if err != nil {
		text := "Invalid field selection " + err.Error()
		return googleError(http.StatusBadRequest, "INVALID_ARGUMENT", "invalidParameter", text)
	}
	return JSON(http.StatusOK, kept)
}

func (w *World) driveAbout(call Endpoint, r *http.Request) Response {
	grant, refused := w.googleCaller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return googleBad(bad)
	}
	person := w.google.people[grant.person]
	name := cmp.Or(nameOf(platformGoogleSheets, grant.person), person.email)
	return masked(map[string]any{"kind": "drive#about", "user": map[string]any{
		"kind": "drive#user", "displayName": name, "me": true, "permissionId": person.id, "emailAddress": person.email,
	}}, values)
}

// reach finds a file that the app may open for this person. What was not picked
// is not there at all, as is what they see no more.
func (w *World) reach(grant *googleGrant, id string) *googleFile {
	f := w.google.files[id]
	if f == nil || !grant.files[id] {
		return nil
	}
	if _, sees := f.shared[grant.person]; !sees {
		return nil
	}
	return f
}

func (w *World) driveFile(call Endpoint, r *http.Request) Response {
	grant, refused := w.googleCaller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return googleBad(bad)
	}
	id := r.PathValue("fileId")
	f := w.reach(grant, id)
	if f == nil || f.owner == "" && values.Get("supportsAllDrives") != "true" {
		return googleError(http.StatusNotFound, "", "notFound", "File not found: "+id+".")
	}
	if values.Get("fields") == "" {
		values.Set("fields", "kind,id,name,mimeType")
	}
	body := map[string]any{
		"kind": "drive#file", "id": f.id, "name": f.title, "mimeType": googleSheetType, "trashed": f.trashed,
		"isAppAuthorized": true, "ownedByMe": f.owner == grant.person,
		"capabilities": map[string]any{"canEdit": f.shared[grant.person], "canDownload": true},
		"webViewLink":  "https://docs.google.com/spreadsheets/d/" + f.id + "/edit",
		"owners":       nil,
		"driveId":      nil,
	}
	if owner := w.google.people[f.owner]; owner != nil {
		body["owners"] = []any{map[string]any{
			"emailAddress": owner.email, "permissionId": owner.id, "me": f.owner == grant.person,
		}}
	} else {
		body["driveId"] = "0AKx3SharedDriveUk9PVA"
	}
	return masked(body, values)
}

// sheetsCall reads a call about one spreadsheet that exists already.
func (w *World) sheetsCall(call Endpoint, r *http.Request, write bool) (*googleFile, url.Values, *Response) {
	refuse := func(a Response) (*googleFile, url.Values, *Response) { return nil, nil, &a }
	grant, refused := w.googleCaller(r)
	if refused != nil {
		return refuse(*refused)
	}
	f := w.reach(grant, r.PathValue("spreadsheetId"))
	if f == nil {
		return refuse(googleError(http.StatusNotFound, "NOT_FOUND", "notFound", "Requested entity was not found."))
	}
	values, bad := call.Read(r)
	if bad != nil {
		return refuse(googleBad(bad))
	}
	if write && !f.shared[grant.person] {
		text := "The caller does not have permission"
		return refuse(googleError(http.StatusForbidden, "PERMISSION_DENIED", "forbidden", text))
	}
	return f, values, nil
}

func (f *googleFile) body() map[string]any {
	tabs := []any{}
	for i, tab := range f.tabs {
		tabs = append(tabs, map[string]any{"properties": map[string]any{
			"sheetId": i, "title": tab.title, "index": i, "sheetType": "GRID",
			"gridProperties": map[string]any{"rowCount": 1000, "columnCount": 26},
		}})
	}
	return map[string]any{
		"spreadsheetId": f.id, "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/" + f.id + "/edit",
		"properties": map[string]any{"title": f.title, "locale": "en_GB", "timeZone": "Europe/Stockholm"},
		"sheets":     tabs,
	}
}

func (w *World) sheetsGet(call Endpoint, r *http.Request) Response {
	f, values, refused := w.sheetsCall(call, r, false)
	if refused != nil {
		return *refused
	}
	return masked(f.body(), values)
}

// sheetsCreate makes a spreadsheet in the person's Drive, which the app may open.
func (w *World) sheetsCreate(call Endpoint, r *http.Request) Response {
	grant, refused := w.googleCaller(r)
	if refused != nil {
		return *refused
	}
	values, bad := call.Read(r)
	if bad != nil {
		return googleBad(bad)
	}
	var properties struct {
		Title string `json:"title"`
	}
	if text := values.Get("properties"); text != "" {
		if err := json.Unmarshal([]byte(text), &properties); err != nil {
			return googleError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", "Invalid JSON payload received.")
		}
	}
	if properties.Title == "" {
		properties.Title = "Untitled spreadsheet"
	}
	f := &googleFile{
		id: "1Nw" + RandomHex(20), title: properties.Title, owner: grant.person,
		tabs: []*googleTab{{title: "Sheet1"}},
	}
	w.google.keep(f)
	grant.files[f.id] = true
	return masked(f.body(), values)
}

// cells is a range of one tab, as "Sheet1!A1:B2".
type cells struct {
	tab           *googleTab
	left, top     int // from 0
	right, bottom int // the first one behind it; 0: to the end
}

// cells reads a range in A1 notation.
func (f *googleFile) cells(text string) (cells, bool) {
	name, a1, both := strings.Cut(text, "!")
	if !both {
		name, a1 = "", text
	}
	find := func(title string) *googleTab {
		i := slices.IndexFunc(f.tabs, func(tab *googleTab) bool { return tab.title == strings.Trim(title, "'") })
		if i < 0 {
			return nil
		}
		return f.tabs[i]
	}
	if !both && find(a1) != nil {
		return cells{tab: find(a1)}, true
	}
	c := cells{tab: f.tabs[0]}
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
	letters := strings.TrimRight(to, "0123456789")
	c.right++
	if len(letters) == len(to) {
		c.bottom = 0 // "A:C": to the last row
	} else {
		c.bottom++
	}
	return c, true
}

// corner reads "B7" as column 1 and row 6; "B" is its first row.
func corner(text string) (column, row int, ok bool) {
	letters := strings.TrimRight(text, "0123456789")
	if letters == "" || len(letters) > 3 {
		return 0, 0, false
	}
	for _, c := range letters {
		if c < 'A' || c > 'Z' {
			return 0, 0, false
		}
		column = column*26 + int(c-'A') + 1
	}
	if text == letters {
		return column - 1, 0, true
	}
	row, err := strconv.Atoi(text[len(letters):])
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

func badRange(text string) Response {
	return googleError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", "Unable to parse range: "+text)
}

func (w *World) sheetsValues(call Endpoint, r *http.Request) Response {
	f, values, refused := w.sheetsCall(call, r, false)
	if refused != nil {
		return *refused
	}
	c, ok := f.cells(r.PathValue("range"))
	if !ok {
		return badRange(r.PathValue("range"))
	}
	read := c.read()
	return masked(map[string]any{"range": c.name(len(read)), "majorDimension": "ROWS", "values": read}, values)
}

// written reads the rows of a body that writes.
func written(values url.Values) ([][]any, *Response) {
	refuse := func(text string) ([][]any, *Response) {
		a := googleError(http.StatusBadRequest, "INVALID_ARGUMENT", "badRequest", text)
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

// put writes rows from a corner on; what is nil stays as it is.
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

// updated is what a call that writes answers.
func (f *googleFile) updated(c cells, rows [][]any) map[string]any {
	count, width := c.put(rows), 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	return map[string]any{
		"spreadsheetId": f.id, "updatedRange": c.name(len(rows)), "updatedRows": len(rows),
		"updatedColumns": width, "updatedCells": count,
	}
}

func (w *World) sheetsUpdate(call Endpoint, r *http.Request) Response {
	f, values, refused := w.sheetsCall(call, r, true)
	if refused != nil {
		return *refused
	}
	c, ok := f.cells(r.PathValue("range"))
	if !ok {
		return badRange(r.PathValue("range"))
	}
	rows, bad := written(values)
	if bad != nil {
		return *bad
	}
	return masked(f.updated(c, rows), values)
}

// sheetsAppend writes behind the last row of the range's tab.
func (w *World) sheetsAppend(call Endpoint, r *http.Request) Response {
	text, isAppend := strings.CutSuffix(r.PathValue("range"), ":append")
	if !isAppend {
		return googleError(http.StatusNotFound, "NOT_FOUND", "notFound", "Not Found")
	}
	f, values, refused := w.sheetsCall(call, r, true)
	if refused != nil {
		return *refused
	}
	c, ok := f.cells(text)
	if !ok {
		return badRange(text)
	}
	rows, bad := written(values)
	if bad != nil {
		return *bad
	}
	table := c.name(len(c.tab.rows))
	c.top = len(c.tab.rows)
	return masked(map[string]any{"spreadsheetId": f.id, "tableRange": table, "updates": f.updated(c, rows)}, values)
}

// maskFields keeps what a mask names: "a,b(c,d),e.f" or "*".
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
			continue // a field that exists, and that this object has none of
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

// splitMask cuts a mask at its outer commas.
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
