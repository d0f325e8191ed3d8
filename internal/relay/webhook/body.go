package webhook

import (
	"cmp"
	"embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

// News is the content of a delivery. It has no email address and no credential. Its names
// are the agency's, the client's as the agency typed it, and that of the agency's own
// user at a platform.
type News struct {
	Kind       onboarding.NewsKind
	Agency     onboarding.Agency
	Request    string // its id
	Client     string
	Service    onboarding.Service
	Item       string // its id
	Connection string // its id
	User       string // of the agency's own, whose sign-in ends
	Broken     bool   // that sign-in does not work already, whenever it ends
	// ConfirmedBy are the members who confirmed, without a check, all that completed a request.
	ConfirmedBy []string
	// Received and Awaited count the accounts of a request that was completed.
	Received int
	Awaited  int
	Ends     onboarding.Timestamp
	Occurred onboarding.Timestamp
	Link     string // opens what it is about in the hub
}

// Writer writes bodies. It is safe for concurrent use.
type Writer struct {
	printer  *i18n.Printer
	services *catalog.Catalog
}

// NewWriter makes a Writer. services has their names.
func NewWriter(services *catalog.Catalog) (*Writer, error) {
	printer, err := i18n.New(i18n.English, messages)
	if err != nil {
		return nil, err
	}
	return &Writer{printer: printer, services: services}, nil
}

// Body is the news in a form.
func (w *Writer) Body(form onboarding.WebhookForm, news News) ([]byte, error) {
	switch form {
	case onboarding.WebhookSlack:
		return w.slack(news)
	case onboarding.WebhookTeams:
		return w.teams(news)
	}
	return program(news)
}

// payload is the body for an agency's own program: docs/webhooks.md describes it.
type payload struct {
	Type      string      `json:"type"`
	Timestamp string      `json:"timestamp"`
	Data      payloadData `json:"data"`
}

type payloadData struct {
	Agency     string             `json:"agency"`
	Request    string             `json:"request,omitempty"`
	Client     string             `json:"client,omitempty"`
	Service    onboarding.Service `json:"service,omitempty"`
	Item       string             `json:"item,omitempty"`
	Connection string             `json:"connection,omitempty"`
	Broken     bool               `json:"broken,omitempty"`
	Ends       string             `json:"ends,omitempty"`
	// ConfirmedBy and NotChecked go together.
	ConfirmedBy []string `json:"confirmed_by,omitempty"`
	NotChecked  bool     `json:"not_checked,omitempty"`
	Awaited     int      `json:"awaited,omitempty"`
	Link        string   `json:"link,omitempty"`
}

// Type is a kind of news as a payload names it.
func Type(kind onboarding.NewsKind) string {
	switch kind {
	case onboarding.NewsCompleted, onboarding.NewsNothing, onboarding.NewsSkipped, onboarding.NewsDeclined,
		onboarding.NewsLinkAsked:
		return "request." + string(kind)
	case onboarding.NewsAttention, onboarding.NewsExpiring, onboarding.NewsWithdrawn:
		return "access." + string(kind)
	case onboarding.NewsSignIn:
		return "sign_in.ends"
	}
	return "webhook." + string(kind)
}

func program(news News) ([]byte, error) {
	return json.Marshal(payload{
		Type:      Type(news.Kind),
		Timestamp: rfc3339(news.Occurred),
		Data: payloadData{
			Agency:      news.Agency.ID,
			Request:     news.Request,
			Client:      news.Client,
			Service:     news.Service,
			Item:        news.Item,
			Connection:  news.Connection,
			Broken:      news.Broken,
			Ends:        rfc3339(news.Ends),
			ConfirmedBy: news.ConfirmedBy,
			NotChecked:  len(news.ConfirmedBy) > 0,
			Awaited:     news.Awaited,
			Link:        news.Link,
		},
	})
}

func rfc3339(at onboarding.Timestamp) string {
	if at == 0 {
		return ""
	}
	return at.Time().UTC().Format(time.RFC3339)
}

// completedText is the id of the text of a completion: of all of it or a part, checked or not.
func completedText(news News) string {
	id := "webhook.completed"
	if len(news.ConfirmedBy) > 0 {
		id += "_confirmed"
	}
	if news.Awaited > 0 {
		id += "_part"
	}
	return id
}

// sentence is the news for people.
func (w *Writer) sentence(news News) string {
	id := "webhook." + string(news.Kind)
	switch {
	case news.Kind == onboarding.NewsCompleted:
		id = completedText(news)
	case news.Kind == onboarding.NewsExpiring && news.Item != "" && news.Request != "":
		id = "webhook.expiring_item"
	case news.Kind == onboarding.NewsAttention && news.Request == "" && news.Item == "":
		id = "webhook.needs_attention_app"
	case (news.Kind == onboarding.NewsExpiring || news.Kind == onboarding.NewsAttention) && news.Request == "":
		id += "_own"
	case news.Kind == onboarding.NewsSignIn && (news.Broken || news.Ends <= news.Occurred):
		id = "webhook.sign_in_ended"
	}
	return w.printer.Text(id,
		"Client", news.Client,
		"Arrived", strconv.Itoa(news.Received),
		"All", strconv.Itoa(news.Received+news.Awaited),
		"Who", w.services.List(news.ConfirmedBy),
		"Agency", news.Agency.Name,
		"Service", w.services.Service(cmp.Or(news.Service, onboarding.Facebook)).Name,
		"User", cmp.Or(news.User, news.Agency.Name),
		"Date", w.printer.Date(news.Ends.Time()),
	)
}

// slackMessage is what an incoming webhook of Slack takes:
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
type slackMessage struct {
	Text   string       `json:"text"` // in notifications
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type string    `json:"type"`
	Text slackText `json:"text"`
}

type slackText struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji,omitempty"` // of plain text alone
}

// slack writes the sentence as plain text, in which no name mentions anybody, links
// or formats. The link is a block of its own.
func (w *Writer) slack(news News) ([]byte, error) {
	sentence, emoji := w.sentence(news), false
	message := slackMessage{
		Text:   escapeSlack(sentence),
		Blocks: []slackBlock{{"section", slackText{"plain_text", sentence, &emoji}}},
	}
	if news.Link != "" {
		link := "<" + escapeSlack(news.Link) + "|" + escapeSlack(w.printer.Text("webhook.open")) + ">"
		message.Blocks = append(message.Blocks, slackBlock{"section", slackText{Type: "mrkdwn", Text: link}})
	}
	return json.Marshal(message)
}

// escapeSlack writes the three characters that Slack reads as control characters:
// https://docs.slack.dev/messaging/formatting-message-text
func escapeSlack(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// teamsMessage is what the trigger "When a Teams webhook request is received" of
// Workflows takes, an Adaptive Card in a message:
// https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	ContentURL  *string   `json:"contentUrl"` // null: the card is in the message
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string        `json:"$schema"`
	Type    string        `json:"type"`
	Version string        `json:"version"`
	Body    []teamsBlock  `json:"body"`
	Actions []teamsAction `json:"actions,omitempty"`
}

type teamsBlock struct {
	Type    string     `json:"type"`
	Inlines []teamsRun `json:"inlines"`
}

// teamsRun is text without Markdown, unlike a TextBlock's: no name in it links or
// formats.
// https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/text-run
type teamsRun struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

func (w *Writer) teams(news News) ([]byte, error) {
	card := teamsCard{
		Schema:  "http://adaptivecards.io/schemas/adaptive-card.json",
		Type:    "AdaptiveCard",
		Version: "1.4", // Workflows posts none of a later one
		Body:    []teamsBlock{{"RichTextBlock", []teamsRun{{"TextRun", w.sentence(news)}}}},
	}
	if news.Link != "" {
		card.Actions = []teamsAction{{"Action.OpenUrl", w.printer.Text("webhook.open"), news.Link}}
	}
	return json.Marshal(teamsMessage{
		Type:        "message",
		Attachments: []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}},
	})
}
