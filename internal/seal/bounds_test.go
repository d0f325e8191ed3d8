package seal

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestWhatIsLargerThanACredentialIsNotOpened(t *testing.T) {
	key, public := device(t)
	size := 0
	for _, plain := range []int{1 << 10, 40 << 10, 60 << 10} {
		sealed, err := Seal(names(), make([]byte, plain), public)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(key, names(), sealed)
		if fits := len(sealed) <= maxSealed; fits != (err == nil) || fits != (len(got) == plain) {
			t.Errorf("%d bytes, sealed %d: got %d and %v", plain, len(sealed), len(got), err)
		}
		if size = len(sealed); size > maxSealed && (!errors.Is(err, ErrNotRecipient) ||
			!strings.Contains(err.Error(), "larger than")) {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
	if size <= maxSealed {
		t.Error("the largest was not large enough")
	}
}

func TestAKeyThatIsNot32BytesIsNoKey(t *testing.T) {
	for _, size := range []int{0, 16, 24, 31, 33} {
		key := make([]byte, size)
		_, closing := SealWithKey(key, "p", onboarding.NewSecret("x"))
		_, opening := OpenWithKey(key, "p", make([]byte, 40))
		for _, err := range []error{closing, opening} {
			if err == nil || !strings.Contains(err.Error(), "it is not 32 bytes") {
				t.Errorf("%d bytes: got %v", size, err)
			}
		}
	}
}
