package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// writeTimeout bounds the write of one event: a client that does not read is
// disconnected.
const writeTimeout = 10 * time.Second

const (
	streamPath  = "/api/v1/stream"
	eventStream = "text/event-stream"
)

// serveStream writes server-sent events until the client disconnects or the
// channel is closed. Heartbeats are comments: they keep proxies from closing
// the connection and reveal a dead one.
func serveStream(ctx context.Context, w http.ResponseWriter, news <-chan struct{}, heartbeat func() <-chan struct{}) {
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	stream := http.NewResponseController(w)
	write := func(text string) bool {
		// The server's write timeout is for normal responses; the stream sets
		// one per event.
		if err := stream.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return false
		}
		_, err := io.WriteString(w, text)
		return err == nil && stream.Flush() == nil
	}
	if !write(": listening\n\n") {
		return
	}
	beat := heartbeat()
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-news:
			if !open || !write("data: news\n\n") {
				return
			}
		case <-beat:
			if !write(": still here\n\n") {
				return
			}
			beat = heartbeat()
		}
	}
}

// Subscribe calls news when the stream is established and for each event, until
// it ends; it always returns an error. alive is called for every line,
// heartbeats included, so that the caller can detect a dead connection.
func Subscribe(ctx context.Context, c *Client, news func(), alive func()) error {
	r, err := c.request(ctx, http.MethodGet, streamPath, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", eventStream)
	patient := *c.http
	patient.Timeout = 0
	answer, err := patient.Do(r)
	if err != nil {
		return fmt.Errorf("listening for news: %w", transportError(err))
	}
	defer func() { _ = answer.Body.Close() }() // it is only read
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); answer.StatusCode != http.StatusOK ||
		kind != eventStream {
		content, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // a partial body is decoded as far as possible
		return fmt.Errorf("listening for news: %w", refusal(answer.StatusCode, content))
	}
	news()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		alive()
		if lines.Text() == "data: news" {
			news()
		}
	}
	err = lines.Err()
	if err == nil {
		err = errors.New("the line was closed") // a relay's stream has no end
	}
	return fmt.Errorf("listening for news: %w", transportError(err))
}
