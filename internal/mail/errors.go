package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
)

// RefusedError is the final no to this email.
type RefusedError struct {
	Code  int
	Reply string // the server's, sanitized; empty: Reason is set
	// Reason is the id of a message, where no server replied.
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused by the mail server: %d %s%s", e.Code, e.Reply, e.Reason)
}

// DeferredError means that the email was certainly not taken and may be
// tried again.
type DeferredError struct {
	Doing string // what was being done: "connecting", "signing in", …
	Reply string // the server's, sanitized; empty: Reason is set
	// Reason is the id of a message, where no server replied.
	Reason string
	Err    error
}

// Error is for the log: it has the cause also where the agency reads a message.
func (e *DeferredError) Error() string {
	return "deferred while " + e.Doing + ": " + sanitizeReply(e.Err.Error())
}

// Unwrap is what happened.
func (e *DeferredError) Unwrap() error { return e.Err }

// OutcomeUnknownError means that the whole email was handed over and the
// connection was lost before the reply: the server may have taken it or not.
// Only a repeat with the same Message-ID is sure, and it may arrive twice.
type OutcomeUnknownError struct{ Err error }

func (e *OutcomeUnknownError) Error() string {
	return "waiting for the mail server's reply to the email: " + e.Err.Error()
}

// Unwrap is what happened to the connection.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// DescribeFailure is what the agency reads of an email that was not sent: the
// mail server's reply, or a sentence. An error that is none of Send's means
// that there was nothing to send.
func (c *Composer) DescribeFailure(err error) string {
	var refused *RefusedError
	var later *DeferredError
	var unknown *OutcomeUnknownError
	reply, reason := "", "delivery.not_composed"
	switch {
	case errors.As(err, &refused):
		reply, reason = refused.Reply, refused.Reason
	case errors.As(err, &later):
		reply, reason = later.Reply, later.Reason
	case errors.As(err, &unknown):
		reason = "delivery.broken"
	}
	if reply != "" {
		return reply
	}
	return c.print.Text(reason)
}

// classify reads the server's reply: a final no to this email is refused, all
// else is deferred.
func classify(ctx context.Context, doing string, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 500 && reply.Code < 600 {
		return &RefusedError{Code: reply.Code, Reply: sanitizeReply(reply.Msg)}
	}
	return deferred(ctx, doing, err)
}

func deferred(ctx context.Context, doing string, err error) error {
	err = withCause(ctx, err)
	made := &DeferredError{Doing: doing, Err: err}
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply):
		made.Reply = strconv.Itoa(reply.Code) + " " + sanitizeReply(reply.Msg)
	case isConnectionError(err):
		made.Reason = "delivery.no_answer"
	default:
		made.Reply = sanitizeReply(err.Error())
	}
	return made
}

// withCause prefers the reason the call was ended for over what the cut
// connection reported.
func withCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// isConnectionError reports whether nothing came back, in time or at all.
func isConnectionError(err error) bool {
	var timed net.Error
	var network *net.OpError
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timed) && timed.Timeout() ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// sanitizeReply makes one short line of a server's reply, which is shown to people.
func sanitizeReply(reply string) string { return grapheme.Truncate(sanitizeLine(readable(reply)), 240) }

// windows1252 are the bytes from 0x80 to 0x9f of that code page, where Latin-1 has
// control characters.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// readable reads a reply that is not UTF-8, as SMTP wants it, in Windows-1252, which
// contains Latin-1: servers that are not of today have either.
func readable(reply string) string {
	if utf8.ValidString(reply) {
		return reply
	}
	var read strings.Builder
	for len(reply) > 0 {
		r, size := utf8.DecodeRuneInString(reply)
		if r == utf8.RuneError && size == 1 {
			if r = rune(reply[0]); r < 0xa0 {
				r = []rune(windows1252)[r-0x80]
			}
		}
		read.WriteRune(r)
		reply = reply[size:]
	}
	return read.String()
}
