package hub

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ExportAccounts writes all accounts that match the params, whatever the page,
// as CSV.
func (h *Hub) ExportAccounts(ctx context.Context, params replica.AccountsParams) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // BOM: without it spreadsheets guess the encoding
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	rows := [][]string{{
		"Account", "Client", "Platform", "Kind", "Account id", "Detail", "Managed", "State", "What is wrong", "Access",
		"Gives", "Last check", "Connected", "Connected by",
	}}
	params.After, params.Skip, params.Limit = "", 0, replica.MaxPageSize
	for {
		page, err := h.Replica.Accounts(ctx, params)
		if err != nil {
			return nil, err
		}
		for _, i := range page.Accounts {
			managed, state := "No", string(i.State)
			if i.Managed {
				managed = "Yes"
			}
			switch {
			case i.Attention:
				state = "needs attention"
			case i.Waiting:
				state = "waiting"
			case i.Confirmed != 0 && i.State == onboarding.ItemConnected:
				state = "confirmed, not checked"
			}
			rows = append(rows, []string{
				i.Name, i.Client, string(i.Platform), string(i.Kind), i.Account, i.Detail, managed, state, i.Title,
				strings.Join(i.Tasks, ", "), i.Gives, formatTimestamp(i.Checked), formatTimestamp(i.Connected), i.By})
		}
		if params.After = page.Next; params.After == "" {
			break
		}
	}
	cells := newTextCells()
	for _, row := range rows {
		for n := range row {
			row[n] = cells.write(bidi.Clean(row[n]))
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("writing the accounts: %w", err)
	}
	return out.Bytes(), nil
}

func formatTimestamp(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return m.Time().Format("2006-01-02 15:04 MST")
}
