package onboarding

import "strings"

// MailboxOf is where the emails to an address end up: its AddressKey without its tag,
// which follows a plus sign, and at Gmail without dots. It is what emails are counted by
// and stopped for, not an address to write to.
func MailboxOf(address string) string {
	local, domain := AddressKey(address), ""
	if at := strings.LastIndexByte(local, '@'); at >= 0 {
		local, domain = local[:at], local[at+1:]
	}
	if tag := strings.IndexByte(local, '+'); tag > 0 {
		local = local[:tag]
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}
