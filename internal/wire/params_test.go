package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestACallOfManySmallObjectsIsRefusedBeforeItIsDecoded(t *testing.T) {
	for objects, refused := range map[int]bool{1000: false, maxObjects + 1: true} {
		body := `{"request":{},"items":[` + strings.TrimSuffix(strings.Repeat("{},", objects), ",") + `]}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		p, err := readParams[ResubmitRequestParams](httptest.NewRecorder(), r, ResubmitRequest.MaxParams)
		if (err != nil) != refused {
			t.Errorf("%d objects: %v", objects, err)
		}
		if refused && (err.Error() != errTooLarge().Error() || p.Items != nil) {
			t.Errorf("%d objects: %v, with %d items", objects, err, len(p.Items))
		}
	}
}
