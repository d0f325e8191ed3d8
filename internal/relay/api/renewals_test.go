package api

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnEndWaitsForRenewalsAsLongAsItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &Server{
			core:        &core{log: slog.New(slog.NewJSONHandler(&log, nil))},
			credentials: &credentials{},
		}
		endFirst, endSecond := s.credentials.renewals.begin("first"), s.credentials.renewals.begin("second")
		time.AfterFunc(time.Second, endFirst)
		limit, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		s.Close(limit)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the end took %v, want its 10 seconds", took)
		}
		if strings.Contains(log.String(), "first") || strings.Count(log.String(), `"item":"second"`) != 1 {
			t.Errorf("the log has %s, want the second renewal alone as given up", log.String())
		}

		log.Reset()
		time.AfterFunc(time.Minute, endSecond)
		began = time.Now()
		s.Close(t.Context())
		if took := time.Since(began); took != time.Minute || log.String() != "" {
			t.Errorf("with the time it needs, the end took %v and the log has %q", took, log.String())
		}

		endThird := s.credentials.renewals.begin("third") // too late: nobody waits for it
		began = time.Now()
		s.Close(t.Context())
		if took := time.Since(began); took != 0 {
			t.Errorf("with a renewal that began after the end, the end took %v", took)
		}
		endThird()
	})
}
