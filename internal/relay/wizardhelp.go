package relay

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func (z *wizard) showGenuine(w http.ResponseWriter, r *http.Request, l *linked) error {
	z.show(w, r, http.StatusOK, pages.Genuine{Frame: l.Frame, Words: onboarding.VerificationWords(l.Request.ID), Back: l.path("")})
	return nil
}

func (z *wizard) showGenuineInside(w http.ResponseWriter, r *http.Request, v *visitor) error {
	z.show(w, r, http.StatusOK, pages.Genuine{Frame: v.Frame, Words: onboarding.VerificationWords(v.Request.ID), Back: v.path("")})
	return nil
}

func (z *wizard) showHelp(w http.ResponseWriter, r *http.Request, l *linked) error {
	z.show(w, r, http.StatusOK, pages.Help{Frame: l.Frame, Services: onboarding.SortServices(l.Request.Services), Back: l.path("")})
	return nil
}

func (z *wizard) showHelpInside(w http.ResponseWriter, r *http.Request, v *visitor) error {
	z.show(w, r, http.StatusOK, pages.Help{Frame: v.Frame, Services: onboarding.SortServices(v.Request.Services), Back: v.path("")})
	return nil
}

func (z *wizard) showHelpOutside(w http.ResponseWriter, r *http.Request) {
	z.show(w, r, http.StatusOK, pages.Help{Frame: z.neutral(r)})
}

func (z *wizard) showReport(w http.ResponseWriter, r *http.Request, l *linked) error {
	z.show(w, r, http.StatusOK, pages.Report{Frame: l.Frame, Post: l.path("report"), Back: l.path("")})
	return nil
}

func (z *wizard) showReportInside(w http.ResponseWriter, r *http.Request, v *visitor) error {
	z.show(w, r, http.StatusOK, pages.Report{Frame: v.Frame, Post: v.path("report"), Back: v.path("")})
	return nil
}

func (z *wizard) report(w http.ResponseWriter, r *http.Request, l *linked) error {
	return z.takeReport(w, r, store.Letter{Agency: l.Agency.ID, Request: l.Request.ID, About: "a page of a request"}, pages.Report{Frame: l.Frame, Post: l.path("report"), Back: l.path("")})
}

func (z *wizard) reportInside(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return z.takeReport(w, r, store.Letter{Agency: v.Agency.ID, Request: v.Request.ID, About: "a page of a request"}, pages.Report{Frame: v.Frame, Post: v.path("report"), Back: v.path("")})
}

// takeReport tells the operator, once a day about one request. What was typed
// goes to the operator's log only: no mail carries a stranger's words.
func (z *wizard) takeReport(w http.ResponseWriter, r *http.Request, about store.Letter, page pages.Report) error {
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	page.Text, page.Email = r.PostFormValue(pages.FieldText), r.PostFormValue(pages.FieldEmail)
	address := ""
	if page.Email != "" {
		var err error
		if address, err = onboarding.ValidateAddress(pages.FieldEmail, page.Email); err != nil {
			page.Error = sentenceOf(err)
			z.show(w, r, http.StatusUnprocessableEntity, page)
			return nil
		}
	}
	about.Kind, about.Reference = store.LetterReport, newReference()
	if err := z.store.Queue(r.Context(), about, z.store.Now().Add(-24*time.Hour)); err != nil {
		return err
	}
	text := []rune(page.Text)
	z.log.WarnContext(r.Context(), "somebody reported a page or a letter", "about", about.About, "agency", about.Agency, "request", about.Request,
		"reference", about.Reference, "text", string(text[:min(len(text), onboarding.MaxReason)]), "address", address)
	page.Sent = true
	z.show(w, r, http.StatusOK, page)
	return nil
}

// lettered is a page below a letter. It opens no request.
type lettered struct {
	store.Letter
	agency  onboarding.Agency
	address string // whom it went to; empty: nobody any more
	token   string
	Frame   pages.Frame
}

func (l lettered) path(rest string) string { return link.EmailPath + l.token + "/" + rest }

// letter opens the letter of an address.
func (z *wizard) letter(handle func(w http.ResponseWriter, r *http.Request, l lettered) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		opened, err := z.keys.VerifyLink(token)
		if err != nil || opened.Kind != link.KindEmail {
			z.miss(w, r)
			return
		}
		l, err := z.openLetter(r, opened, token)
		if errors.Is(err, onboarding.ErrNotFound) { // it was ours: what it was about is gone
			z.show(w, r, http.StatusGone, pages.Expired{Frame: z.neutral(r)})
			return
		}
		if err == nil {
			err = handle(w, r, l)
		}
		if err != nil {
			z.fail(w, r, z.neutral(r), err)
		}
	})
}

func (z *wizard) openLetter(r *http.Request, opened link.Link, token string) (lettered, error) {
	letter, err := z.store.LinkedLetter(r.Context(), opened.ID)
	if err != nil {
		return lettered{}, err
	}
	l := lettered{Letter: letter, token: token}
	if l.agency, err = z.store.Agency(r.Context(), letter.Agency); err != nil {
		return l, err
	}
	l.Frame = z.agencyFrame(r, l.agency, store.LogoETag(l.agency.Brand.Logo), link.EmailPath+token)
	l.Frame.Help = "/help"
	switch {
	case letter.Recipient != "":
		recipient, err := z.store.Recipient(r.Context(), letter.Recipient)
		if err != nil {
			return l, err
		}
		l.address = recipient.Address
	case letter.Visit != "" && letter.Member == "":
		visit, err := z.store.Visit(r.Context(), letter.Visit)
		if err != nil {
			return l, err
		}
		l.address = visit.Email
	case letter.Kind == store.LetterReplyTo:
		l.address = cmp.Or(l.agency.Brand.PendingReplyTo, l.agency.Brand.ReplyTo)
	case letter.Kind == store.LetterReport:
		l.address, err = onboarding.ValidateAddress("contact", z.contact)
		if err != nil {
			return l, onboarding.ErrNotFound // it has another contact since
		}
	case letter.Member != "":
		member, err := z.store.Member(r.Context(), letter.Agency, letter.Member)
		if err != nil {
			return l, err
		}
		l.address = member.Email
	}
	return l, nil
}

func (z *wizard) showLetterGenuine(w http.ResponseWriter, r *http.Request, l lettered) error {
	page := pages.Genuine{Frame: l.Frame}
	if l.Request != "" {
		page.Words = onboarding.VerificationWords(l.Request)
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}

func (z *wizard) showLetterReport(w http.ResponseWriter, r *http.Request, l lettered) error {
	z.show(w, r, http.StatusOK, pages.Report{Frame: l.Frame, Post: l.path("report")})
	return nil
}

func (z *wizard) reportLetter(w http.ResponseWriter, r *http.Request, l lettered) error {
	return z.takeReport(w, r, store.Letter{Agency: l.agency.ID, Request: l.Request, About: "a letter"}, pages.Report{Frame: l.Frame, Post: l.path("report")})
}

// showNotForMe offers an address an end of this agency's mail. Looking changes
// nothing: mail programs look too.
func (z *wizard) showNotForMe(w http.ResponseWriter, r *http.Request, l lettered) error {
	if l.address == "" {
		return onboarding.ErrNotFound
	}
	z.show(w, r, http.StatusOK, pages.NotForMe{Frame: l.Frame, Email: l.address, Post: l.path("not-for-me")})
	return nil
}

func (z *wizard) notForMe(w http.ResponseWriter, r *http.Request, l lettered) error {
	if l.address == "" {
		return onboarding.ErrNotFound
	}
	if err := z.store.NotForMe(r.Context(), l.agency.ID, l.address, z.keys.HashAddress(l.address)); err != nil {
		return err
	}
	z.show(w, r, http.StatusOK, pages.NotForMe{Frame: l.Frame, Email: l.address, Done: true})
	return nil
}
