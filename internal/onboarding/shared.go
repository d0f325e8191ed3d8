package onboarding

// Person is the member as a person, without their role.
func (m Member) Person() Person { return Person{Name: m.Name, Email: m.Email} }

// ItemsBy lists the items that the person with this address has connected or
// left waiting.
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

// ReceiptNumber is how pages and emails name the receipt of a request.
func ReceiptNumber(request string) string {
	const digits = 8
	id := []rune(request)
	return string(id[:min(digits, len(id))])
}
