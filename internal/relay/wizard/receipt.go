package wizard

import (
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// receiptLines are the lines without the ways to change them.
func receiptLines(lines []pages.Line) []pages.Line {
	kept := make([]pages.Line, len(lines))
	for i, line := range lines {
		line.Fix, line.FixWord = "", ""
		kept[i] = line
	}
	return kept
}

// showReceipt is the page behind the link in a receipt's letter: whoever has
// that letter has read the same. It changes nothing, and leads nowhere.
func (s *linkPages) showReceipt(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if r.PathValue("token") == "" || r.Method == http.MethodPost || r.URL.Path != l.path("") {
		return onboarding.ErrNotFound
	}
	visit, err := s.store.Visit(r.Context(), l.receipt.Visit)
	if err != nil {
		return err
	}
	v := &visitScope{ClientView: l.ClientView, visit: visit, Frame: l.Frame}
	have, err := s.loadProgress(r, v)
	if err != nil {
		return err
	}
	if !l.receipt.Whole(l.Request) {
		have = have.by(visit.Email)
	}
	page := pages.Done{
		Frame: v.Frame, Name: visit.Name, At: l.receipt.Made, Lines: receiptLines(have.lines(v)),
		Receipt: onboarding.ReceiptNumber(l.Request.ID),
		Waiting: l.Request.Status != onboarding.Connected,
	}
	if slices.Contains(have.services, onboarding.Facebook) {
		page.Business = l.Request.Business.Name
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}
