package onboarding

// Person returns the member's name and address.
func (m Member) Person() Person { return Person{Name: m.Name, Email: m.Email} }

// ItemsBy lists the connected and waiting items of the person with this
// address.
func ItemsBy(items []Item, email string) []Item {
	var own []Item
	for _, item := range items {
		has := item.State == ItemConnected || item.State == ItemWaiting
		if has && SameAddress(item.By.Email, email) {
			own = append(own, item)
		}
	}
	return own
}

// ReceiptNumber is the number of a request's receipt on pages and in emails.
func ReceiptNumber(request string) string {
	const digits = 8
	id := []rune(request)
	return string(id[:min(digits, len(id))])
}
