package onboarding

// Person returns the member's name and address.
func (m Member) Person() Person { return Person{Name: m.Name, Email: m.Email} }

// ItemsBy lists what the person with this address has shared, also what has ended since.
func ItemsBy(items []Item, email string) []Item {
	var own []Item
	for _, item := range items {
		has := item.State == ItemConnected || item.State == ItemWaiting || item.State == ItemEnded
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

// ReceiptYears is how long a receipt's link works.
const ReceiptYears = 1

// ReceiptEnds is when a receipt's link ends.
func ReceiptEnds(made Timestamp) Timestamp {
	return TimestampOf(made.Time().AddDate(ReceiptYears, 0, 0))
}
