package api

import "testing"

func TestWithoutAMailServerToAskMailDoesNotFail(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if since := s.mailFailsSince(); since != 0 {
		t.Errorf("it fails since %v", since)
	}
}
