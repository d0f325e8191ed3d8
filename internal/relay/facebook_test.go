package relay_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// atAssets goes as far as Facebook's lists, as this person there.
func atAssets(s *relaytest.Scene, v *relaytest.Visitor, link, person string) {
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press(person)
	v.Press("Allow")
}

func TestAClientSharesAdAccountsAndPages(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Visitor()
	atAssets(s, v, link, "Mina Ito")
	t.Log(v.Page.Text())
	t.Log(v.Page.Boxes())
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	t.Log(v.Page.Text())
	_ = id
}
