package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// decodeKnown decodes a body and refuses fields that are not among those of v.
func decodeKnown(body []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

// slackTakes checks a body as Slack documents it:
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
// https://docs.slack.dev/reference/block-kit/blocks/section-block
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
func slackTakes(body []byte) error {
	var m struct {
		Text   string `json:"text"`
		Blocks []struct {
			Type string `json:"type"`
			Text struct {
				Type  string `json:"type"`
				Text  string `json:"text"`
				Emoji *bool  `json:"emoji"`
			} `json:"text"`
		} `json:"blocks"`
	}
	if err := decodeKnown(body, &m); err != nil {
		return err
	}
	if m.Text == "" {
		return errors.New("no_text")
	}
	if len(m.Blocks) == 0 || len(m.Blocks) > 50 {
		return fmt.Errorf("invalid_blocks: there are %d", len(m.Blocks))
	}
	for _, b := range m.Blocks {
		length := utf8.RuneCountInString(b.Text.Text)
		switch {
		case b.Type != "section" || length < 1 || length > 3000:
			return fmt.Errorf("invalid_blocks: %s with %d characters", b.Type, length)
		case b.Text.Type == "plain_text":
		case b.Text.Type != "mrkdwn" || b.Text.Emoji != nil: // emoji is for plain text alone
			return fmt.Errorf("invalid_blocks: a text of type %s", b.Text.Type)
		}
	}
	return nil
}

// teamsTakes checks a body as Microsoft documents it:
// https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook
// https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/rich-text-block
func teamsTakes(body []byte) error {
	var m struct {
		Type        string `json:"type"`
		Attachments []struct {
			ContentType string          `json:"contentType"`
			ContentURL  json.RawMessage `json:"contentUrl"`
			Content     struct {
				Schema  string `json:"$schema"`
				Type    string `json:"type"`
				Version string `json:"version"`
				Body    []struct {
					Type    string `json:"type"`
					Inlines []struct {
						Type string `json:"type"`
						Text string `json:"text"`
					} `json:"inlines"`
				} `json:"body"`
				Actions []struct {
					Type  string `json:"type"`
					Title string `json:"title"`
					URL   string `json:"url"`
				} `json:"actions"`
			} `json:"content"`
		} `json:"attachments"`
	}
	if err := decodeKnown(body, &m); err != nil {
		return err
	}
	if len(body) > 28<<10 || m.Type != "message" || len(m.Attachments) != 1 {
		return fmt.Errorf("a %s of %d bytes with %d attachments", m.Type, len(body), len(m.Attachments))
	}
	a := m.Attachments[0]
	if a.ContentType != "application/vnd.microsoft.card.adaptive" || string(a.ContentURL) != "null" {
		return fmt.Errorf("the attachment is %s at %s", a.ContentType, a.ContentURL)
	}
	card := a.Content
	if card.Type != "AdaptiveCard" || card.Version > "1.4" || len(card.Body) == 0 || card.Schema !=
		"http://adaptivecards.io/schemas/adaptive-card.json" {
		return fmt.Errorf("the card is %s %s by %s", card.Type, card.Version, card.Schema)
	}
	for _, element := range card.Body {
		if element.Type != "RichTextBlock" || len(element.Inlines) == 0 || element.Inlines[0].Type != "TextRun" ||
			element.Inlines[0].Text == "" {
			return fmt.Errorf("an element is %+v", element)
		}
	}
	for _, action := range card.Actions {
		if u, err := url.Parse(action.URL); err != nil || !u.IsAbs() || action.Type != "Action.OpenUrl" ||
			action.Title == "" {
			return fmt.Errorf("an action is %+v", action)
		}
	}
	return nil
}

// Receivers that check what their service documents take every kind of news, with the
// longest names that there can be.
func TestSlackAndTeamsTakeEveryKindOfNews(t *testing.T) {
	writer, sender := testWriter(t), NewSender(Loopback, nil)
	for form, service := range map[onboarding.WebhookForm]struct {
		takes  func(body []byte) error
		status int
	}{
		onboarding.WebhookSlack: {slackTakes, http.StatusOK}, // with the text "ok"
		onboarding.WebhookTeams: {teamsTakes, http.StatusAccepted},
	} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err == nil {
				err = service.takes(body)
			}
			if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
				err = errors.Join(err, errors.New("it is no POST of JSON"))
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.WriteHeader(service.status)
		}))
		to := Target{Address: onboarding.NewSecret(receiver.URL), Secret: NewSecret()}
		for _, kind := range append(onboarding.AllNewsKinds(), onboarding.WebhookTest) {
			for _, change := range []func(*News){
				func(*News) {}, func(n *News) { n.Item = "I1" }, func(n *News) { n.Request = "" },
				func(n *News) { n.Client = strings.Repeat("好", onboarding.MaxName) },
				func(n *News) { n.Link = "" },
			} {
				news := attackNews(kind)
				change(&news)
				body, err := writer.Body(form, news)
				if err != nil {
					t.Fatal(err)
				}
				if got := sender.Post(t.Context(), to, "m", time.Now(), body); got.Status != service.status {
					t.Errorf("%s: the answer to %s is %+v", form, body, got)
				}
			}
		}
		receiver.Close()
	}
}
