package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/openprecinct/precinct/internal/fault"
)

// Security says how the connection to the mail server is protected.
type Security uint8

const (
	// StartTLS begins in clear text and must become TLS before anything is said (RFC 3207). Port 587.
	StartTLS Security = iota
	// TLS is encrypted from the first byte (RFC 8314). Port 465.
	TLS
	// Clear is not encrypted at all; only a server on this very machine is spoken to like that.
	Clear
)

// SMTP sends through a mail server.
type SMTP struct {
	Host     string
	Port     int
	Security Security
	User     string // no authentication when empty
	Password string
	Hello    string        // the name this site gives itself; the machine's own when empty
	TLS      *tls.Config   // nil for the system's authorities
	Timeout  time.Duration // of connecting and of each message; 30 s when zero
}

// ParseSMTP reads "smtp://user:password@host:587" (STARTTLS is required, except for a server on this machine) or
// "smtps://…" (TLS from the first byte).
func ParseSMTP(s string) (*SMTP, error) {
	const want = "The mail server is written like smtp://user:password@mail.example.org:587 or smtps://mail.example.org:465."
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, fault.Invalidf(want)
	}
	m := &SMTP{Host: u.Hostname(), User: u.User.Username()}
	m.Password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		m.Port = 587
		if loopback(m.Host) {
			m.Security = Clear
		}
	case "smtps":
		m.Port, m.Security = 465, TLS
	default:
		return nil, fault.Invalidf(want)
	}
	if p := u.Port(); p != "" {
		if m.Port, err = strconv.Atoi(p); err != nil || m.Port < 1 || m.Port > 65535 {
			return nil, fault.Invalidf(want)
		}
	}
	return m, nil
}

// loopback reports whether host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *SMTP) check() error {
	if s.Security == Clear && !loopback(s.Host) {
		return fault.Invalidf("Mail to %s would travel unencrypted. Use smtps:// or a server that offers STARTTLS.", s.Host)
	}
	return nil
}

// Deliver sends one message over a connection of its own. ctx ends the wait for a connection, not a message under way: what
// is cut off in the middle may arrive twice.
func (s *SMTP) Deliver(ctx context.Context, from netmail.Address, r Row) (string, error) {
	client, err := s.client()
	if err != nil {
		return "", fmt.Errorf("setting up mail: %w", err)
	}
	msg := letter(from, r)
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		// A refused password is no fault of the message: it waits until somebody mends the settings.
		return "", fmt.Errorf("reaching the mail server %s port %d: %w", s.Host, s.Port, err)
	}
	err = client.SendWithSMTPClient(conn, msg)
	if msg.IsDelivered() {
		// The server has taken it: trouble while saying goodbye is no reason to send it again.
		_ = client.CloseWithSMTPClient(conn)
		return msg.ServerResponse(), nil
	}
	_ = conn.Close()
	return "", refusal(err)
}

func (s *SMTP) client() (*gomail.Client, error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	conf := s.TLS
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conf = conf.Clone()
	if conf.ServerName == "" {
		conf.ServerName = s.Host
	}
	opts := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(conf)}
	switch s.Security {
	case TLS:
		opts = append(opts, gomail.WithSSL())
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Clear:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.Hello != "" {
		opts = append(opts, gomail.WithHELO(s.Hello))
	}
	if s.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if s.Security == Clear { // on this machine a password may go unencrypted
			auth = gomail.SMTPAuthPlain
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, opts...)
}

// letter writes r as a mail of two equal parts, text and HTML.
func letter(from netmail.Address, r Row) *gomail.Msg {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&from)
	m.ToMailAddress(&netmail.Address{Name: r.Name, Address: r.Email})
	m.Subject(r.Subject)
	m.SetDateWithValue(r.Created)
	m.SetMessageIDWithValue(r.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	m.SetGenHeader("Content-Language", r.Lang)
	m.SetBodyString(gomail.TypeTextPlain, r.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, letterHTML(r))
	return m
}

// refusal tells a server that answered no from one that did not answer.
func refusal(err error) error {
	var e *gomail.SendError
	if !errors.As(err, &e) || e.ErrorCode() < 400 {
		return fmt.Errorf("handing over a message: %w", err)
	}
	return &Refused{Code: e.ErrorCode(), Reply: e.Error(), Final: e.ErrorCode() >= 500}
}
