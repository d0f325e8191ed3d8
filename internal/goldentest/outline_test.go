package goldentest

import "testing"

func TestAnOutlineHoldsWhatIsReadAndUsed(t *testing.T) {
	const page = `<main id="m" class="wide"><h1><bdi>Ann</bdi> asks</h1>
		<form method="post" action="/p"><input name="q" value="a  b" class="x"><button>Send</button></form>
		<div><p class="hint">One<br>two <b dir="auto">three</b><i>4</i> <span>5</span></p></div>
		<svg><path d="M0 0"/></svg></main>`
	const want = `main id=m
  h1 “⟨Ann⟩ asks”
  form action=/p method=post
    input name=q value=a b
    button “Send”
  p “One / two ⟨three⟩ | 4 | 5”
`
	got, err := Outline(page)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
