package mail

import (
	"context"
	"net/textproto"
)

// EnvelopeOf returns an email's envelope.
func EnvelopeOf(e Email) Envelope { return e.envelope() }

// IsOwn reports whether an email has Latchkey's own brand.
func IsOwn(c *Composer, e Email) bool { return e.content(c).brand.own }

// TextsOf are the texts of an email in their order.
func TextsOf(c *Composer, e Email) []string {
	made := e.content(c)
	texts := append([]string{}, made.headline...)
	for _, b := range made.blocks {
		texts = append(append(texts, b.Lead...), b.Message...)
		if b.Button != nil {
			texts = append(texts, b.Button.Label)
		}
		for _, p := range b.Properties {
			texts = append(texts, p.Name, p.Value)
		}
		for _, r := range b.Rows {
			texts = append(texts, r.Name)
		}
	}
	return append(texts, sentences(made.note), made.why)
}

// EncryptAlways has a sender encrypt to a server on this machine too.
func EncryptAlways(s *Sender) { s.clear = false }

// MaySendInTheClear reports whether a sender may do without encryption.
func MaySendInTheClear(s *Sender) bool { return s.clear }

// HasMessage reports whether there is a message with this id.
func (c *Composer) HasMessage(id string) bool { return c.print.Has(id) }

// Classify is what a server's final no becomes.
func Classify(reply string) error {
	return classify(context.Background(), "handing over the email", &textproto.Error{Code: 550, Msg: reply})
}
